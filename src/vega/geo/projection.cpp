#include "vega/geo/projection.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "vega/geo/clip.hpp"
#include "vega/geo/raw.hpp"
#include "vega/geo/reach.hpp"
#include "vega/geo/resample.hpp"
#include "vega/value/error.hpp"
#include "vega/value/table.hpp"

namespace cml::vega {
namespace {

using namespace geo;

struct Rect {
  double x0, y0, x1, y1;
};

class BoundsSink : public GeoSink {
 public:
  void point(double x, double y) override {
    if (x < box.x0) box.x0 = x;
    if (x > box.x1) box.x1 = x;
    if (y < box.y0) box.y0 = y;
    if (y > box.y1) box.y1 = y;
  }
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Rect box{kInfinity, kInfinity, -kInfinity, -kInfinity};
};

// Settings shared by all projections. A fit replaces scale and translate.
class Adjustable : public Projection {
 public:
  virtual void place(double scale, double x, double y) = 0;
  virtual std::optional<Rect> clip_extent() const { return {}; }
  virtual void set_clip_extent(std::optional<Rect>) {}

  void fit(Rect const& into, Value const& object) {
    auto const clip = clip_extent();
    place(150, 0, 0);
    if (clip) set_clip_extent({});
    BoundsSink sink;
    project(distinct_geometries(object), sink);  // Rows of a table often share their shapes.
    auto const& b = sink.box;
    double const w = into.x1 - into.x0, h = into.y1 - into.y0;
    double const k = std::fmin(w / (b.x1 - b.x0), h / (b.y1 - b.y0));
    // Nothing to fit (no points at all): what d3 makes of it is not a number; the frame's middle is of more use.
    if (std::isfinite(k) && b.x1 >= b.x0)
      place(150 * k, into.x0 + (w - k * (b.x1 + b.x0)) / 2, into.y0 + (h - k * (b.y1 + b.y0)) / 2);
    else
      place(150, into.x0 + w / 2, into.y0 + h / 2);
    if (clip) set_clip_extent(clip);
  }
};

// --- One projection -------------------------------------------------------------------------------------------------

struct Settings {
  double scale = 150, x = 480, y = 250;
  double center_lambda = 0, center_phi = 0;                    // Radians.
  double rotate_lambda = 0, rotate_phi = 0, rotate_gamma = 0;  // Radians.
  double clip_angle = 0;                                       // Radians; 0: the antimeridian.
  double precision = std::sqrt(0.5);
  bool reflect_x = false, reflect_y = false;
  std::optional<Rect> clip;
};

// Passes on what it gets; links of a chain change what they must.
class Relay : public GeoSink {
 public:
  explicit Relay(GeoSink* to = nullptr) : next(to) {}
  void point(double x, double y) override { next->point(x, y); }
  void line_start() override { next->line_start(); }
  void line_end() override { next->line_end(); }
  void polygon_start() override { next->polygon_start(); }
  void polygon_end() override { next->polygon_end(); }
  void sphere() override { next->sphere(); }
  GeoSink* next;
};

class RadiansLink : public Relay {
 public:
  RadiansLink(Rotation rotation, GeoSink& next) : Relay(&next), rotation_(rotation) {}
  void point(double x, double y) override {
    auto const a = rotation_({x * kRadians, y * kRadians});
    next->point(a.lambda, a.phi);
  }

 private:
  Rotation rotation_;
};

class Simple : public Adjustable {
 public:
  Simple(RawMap raw, Family family, Settings settings)
      : raw_(std::move(raw)),
        family_(family),
        s_(settings),
        rotation_(s_.rotate_lambda, s_.rotate_phi, s_.rotate_gamma) {
    recenter();
  }
  std::optional<std::pair<double, double>> operator()(double longitude, double latitude) const override {
    auto const a = rotation_({longitude * kRadians, latitude * kRadians});
    auto const p = planar(a.lambda, a.phi);
    return std::pair(p.x, p.y);
  }
  std::pair<double, double> invert(double x, double y) const override {
    double const px = (x - x_) / s_.scale, py = (y_ - y) / s_.scale;
    auto const a = rotation_.inverse(raw_.invert(s_.reflect_x ? -px : px, s_.reflect_y ? -py : py));
    return {a.lambda * kDegrees, a.phi * kDegrees};
  }
  void project(Value const& object, GeoSink& sink) const override {
    if (!chain_) chain_ = make_chain();
    chain_->end.next = &sink;
    stream_geometry(object, *chain_->start);
  }
  double scale() const override { return s_.scale; }
  std::pair<double, double> translate() const override { return {s_.x, s_.y}; }
  void place(double scale, double x, double y) override {
    s_.scale = scale, s_.x = x, s_.y = y;
    recenter();
  }
  std::optional<Rect> clip_extent() const override { return s_.clip; }
  void set_clip_extent(std::optional<Rect> clip) override {
    s_.clip = clip;
    chain_.reset();
  }

 private:
  // What geometry runs through, kept from object to object with the memory it has grown.
  struct Chain {
    Relay end;
    std::unique_ptr<GeoSink> post, resampled, clipped, start;
  };
  std::unique_ptr<Chain> make_chain() const {
    auto chain = std::make_unique<Chain>();
    if (auto const clip = effective_clip())
      chain->post = clip_rectangle(clip->x0, clip->y0, clip->x1, clip->y1, chain->end);
    chain->resampled = resample([this](double lambda, double phi) { return planar(lambda, phi); }, s_.precision,
                                chain->post ? *chain->post : chain->end);
    chain->clipped =
        s_.clip_angle != 0 ? clip_circle(s_.clip_angle, *chain->resampled) : clip_antimeridian(*chain->resampled);
    chain->start = std::make_unique<RadiansLink>(rotation_, *chain->clipped);
    return chain;
  }
  PlanePoint placed(PlanePoint p, double x, double y) const {
    return {x + s_.scale * (s_.reflect_x ? -p.x : p.x), y - s_.scale * (s_.reflect_y ? -p.y : p.y)};
  }
  void recenter() {
    auto const center = placed(raw_.project(s_.center_lambda, s_.center_phi), 0, 0);
    x_ = s_.x - center.x;
    y_ = s_.y - center.y;
    chain_.reset();
  }
  PlanePoint planar(double lambda, double phi) const { return placed(raw_.project(lambda, phi), x_, y_); }
  // Mercator never ends towards the poles: it is cut to the square of the world.
  std::optional<Rect> effective_clip() const {
    if (family_ != Family::Mercator && family_ != Family::TransverseMercator) return s_.clip;
    double const k = kPi * s_.scale;
    auto const t = planar(0, 0);
    if (!s_.clip) return Rect{t.x - k, t.y - k, t.x + k, t.y + k};
    auto const& c = *s_.clip;
    if (family_ == Family::Mercator) return Rect{std::fmax(t.x - k, c.x0), c.y0, std::fmin(t.x + k, c.x1), c.y1};
    return Rect{c.x0, std::fmax(t.y - k, c.y0), c.x1, std::fmin(t.y + k, c.y1)};
  }
  RawMap raw_;
  Family family_;
  Settings s_;
  Rotation rotation_;
  double x_ = 0, y_ = 0;
  mutable std::unique_ptr<Chain> chain_;
};

// --- Identity: the plane as it is -----------------------------------------------------------------------------------

class Identity : public Adjustable {
 public:
  explicit Identity(Settings settings) : s_(settings) {}
  std::optional<std::pair<double, double>> operator()(double x, double y) const override {
    return std::pair(x * s_.scale * (s_.reflect_x ? -1 : 1) + s_.x, y * s_.scale * (s_.reflect_y ? -1 : 1) + s_.y);
  }
  std::pair<double, double> invert(double x, double y) const override {
    return {(x - s_.x) / (s_.scale * (s_.reflect_x ? -1 : 1)), (y - s_.y) / (s_.scale * (s_.reflect_y ? -1 : 1))};
  }
  void project(Value const& object, GeoSink& sink) const override {
    auto* next = &sink;
    std::unique_ptr<GeoSink> post;
    if (s_.clip) {
      post = clip_rectangle(s_.clip->x0, s_.clip->y0, s_.clip->x1, s_.clip->y1, sink);
      next = post.get();
    }
    struct Link : Relay {
      Link(Identity const& p, GeoSink* to) : Relay(to), projection(p) {}
      void point(double x, double y) override {
        auto const p = projection(x, y);
        next->point(p->first, p->second);
      }
      Identity const& projection;
    } link(*this, next);
    stream_geometry(object, link);
  }
  double scale() const override { return s_.scale; }
  std::pair<double, double> translate() const override { return {s_.x, s_.y}; }
  void place(double scale, double x, double y) override { s_.scale = scale, s_.x = x, s_.y = y; }
  std::optional<Rect> clip_extent() const override { return s_.clip; }
  void set_clip_extent(std::optional<Rect> clip) override { s_.clip = clip; }

 private:
  Settings s_;
};

// --- The United States: the lower 48 with Alaska and Hawaii in the corner
// ---------------------------------------------

class AlbersUsa : public Adjustable {
 public:
  AlbersUsa(double precision, double scale, double x, double y) : precision_(precision) { place(scale, x, y); }
  std::optional<std::pair<double, double>> operator()(double longitude, double latitude) const override {
    for (auto const& part : parts_) {
      auto const at = (*part)(longitude, latitude);
      auto const box = part->clip_extent();
      if (box->x0 <= at->first && at->first <= box->x1 && box->y0 <= at->second && at->second <= box->y1) return at;
    }
    return {};
  }
  std::pair<double, double> invert(double x, double y) const override {
    double const u = (x - x_) / scale_, v = (y - y_) / scale_;
    bool const alaska = v >= 0.120 && v < 0.234 && u >= -0.425 && u < -0.214,
               hawaii = v >= 0.166 && v < 0.234 && u >= -0.214 && u < -0.115;
    return parts_[alaska ? 1 : hawaii ? 2 : 0]->invert(x, y);
  }
  void project(Value const& object, GeoSink& sink) const override {
    // Differs from Vega: part after part, object by object. There the parts run side by side and the points of a line
    // that crosses two of them come out interleaved.
    if (auto const* table = object.table()) {
      for (std::size_t row = 0; row < table->size(); ++row) project(table->row(row), sink);
    } else if (object.is_array()) {
      for (auto const& one : object.items()) project(one, sink);
    } else {
      auto const seen_by = parts_that_see(object);
      for (std::size_t i = 0; i < parts_.size(); ++i)
        if (seen_by[i]) parts_[i]->project(object, sink);
    }
  }
  double scale() const override { return scale_; }
  std::pair<double, double> translate() const override { return {x_, y_}; }
  void place(double k, double x, double y) override {
    scale_ = k, x_ = x, y_ = y;
    constexpr double e = kEpsilon;
    auto const part = [&](double longitude, double cx, double cy, double p0, double p1, double dx, double dy,
                          double scale, Rect box) {
      Settings s;
      s.scale = scale, s.x = x + dx * k, s.y = y + dy * k;
      s.rotate_lambda = longitude * kRadians;
      s.center_lambda = cx * kRadians, s.center_phi = cy * kRadians;
      s.precision = precision_;
      s.clip = Rect{x + box.x0 * k, y + box.y0 * k, x + box.x1 * k, y + box.y1 * k};
      return std::make_unique<Simple>(find_projection_type("albers")->make(p0 * kRadians, p1 * kRadians), Family::Conic,
                                      s);
    };
    auto const inset = [&](Rect box) { return Rect{box.x0 + e / k, box.y0 + e / k, box.x1 - e / k, box.y1 - e / k}; };
    parts_[0] = part(96, -0.6, 38.7, 29.5, 45.5, 0, 0, k, {-0.455, -0.238, 0.455, 0.238});
    parts_[1] = part(154, -2, 58.5, 55, 65, -0.307, 0.201, k * 0.35, inset({-0.425, 0.120, -0.214, 0.234}));
    parts_[2] = part(157, -3, 19.9, 8, 18, -0.205, 0.212, k, inset({-0.214, 0.166, -0.115, 0.234}));
  }

 private:
  using PartSet = std::array<bool, 3>;
  // By longitude alone, and remembered by the geometry: a fit asks of the same ones that are drawn later.
  PartSet parts_that_see(Value const& object) const {
    Value const& geometry = object["type"].string() == "Feature" ? object["geometry"] : object;
    if (!(scale_ > 0) || !geometry.is_object()) return {true, true, true};
    auto const known = seen_by_.find(geometry.identity());
    if (known != seen_by_.end()) return known->second.parts;
    auto const area = reach(geometry);
    PartSet parts;
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = !area || !kWindows[i].misses(*area);
    seen_by_.emplace(geometry.identity(), Seen{geometry, parts});
    return parts;
  }
  // The longitudes that a part's box shows, counted from its middle and a few degrees wider.
  struct Window {
    double middle, west, east;
    // Also safe of what a projection does between points: up to here all lies in a wedge of the cone that is convex.
    static constexpr double kFarthest = 170;
    bool misses(Reach const& area) const {
      double const turn = area.west - middle > 180 ? 360 : 0, from = area.west - middle - turn,
                   to = area.east - middle - turn;
      return to < from || (from > east && to < kFarthest) || (to < west && from > -kFarthest);
    }
  };
  static constexpr Window kWindows[] = {{-96, -42, 42}, {-154, -53, 42}, {-157, -6, 5}};
  struct Seen {
    Value geometry;  // Kept, for its identity.
    PartSet parts;
  };
  double precision_, scale_ = 1070, x_ = 480, y_ = 250;
  std::array<std::unique_ptr<Simple>, 3> parts_;
  mutable std::unordered_map<void const*, Seen> seen_by_;
};

// --- Reading
// ----------------------------------------------------------------------------------------------------------

struct SpecReader {
  Value const& spec;
  std::string const& path;

  std::vector<double> numbers(char const* name, std::size_t least) const {
    std::vector<double> out;
    auto const& given = spec[name];
    if (given.is_nullish()) return out;
    for (auto const& item : given.items()) out.push_back(item.to_number());
    bool good = out.size() >= least;
    for (double n : out) good = good && std::isfinite(n);
    if (!good) fail(path + "." + name, std::to_string(least) + " numbers were expected");
    return out;
  }
  double number(char const* name, double fallback) const {
    if (spec[name].is_nullish()) return fallback;
    double const n = spec[name].to_number();
    if (!std::isfinite(n)) fail(path + "." + name, "a number was expected");
    return n;
  }
  std::optional<Rect> rect(char const* name) const {
    auto const& given = spec[name];
    if (given.is_nullish()) return {};
    Rect const r{given.at(0).at(0).to_number(), given.at(0).at(1).to_number(), given.at(1).at(0).to_number(),
                 given.at(1).at(1).to_number()};
    if (!std::isfinite(r.x0 + r.y0 + r.x1 + r.y1))
      fail(path + "." + name, "two corners [[x0, y0], [x1, y1]] were expected");
    return r;
  }
};

std::shared_ptr<Adjustable> build(ProjectionType const& type, SpecReader const& read) {
  Settings s;
  s.scale = read.number("scale", type.scale);
  if (type.family == Family::Identity) s.x = s.y = 0;
  if (auto const t = read.numbers("translate", 2); !t.empty()) s.x = t[0], s.y = t[1];
  s.precision = read.number("precision", s.precision);
  s.reflect_x = read.spec["reflectX"].truthy();
  s.reflect_y = read.spec["reflectY"].truthy();
  s.clip = read.rect("clipExtent");
  if (type.family == Family::AlbersUsa) return std::make_shared<AlbersUsa>(s.precision, s.scale, s.x, s.y);
  if (type.family == Family::Identity) return std::make_shared<Identity>(s);
  s.clip_angle = read.number("clipAngle", type.clip_angle) * kRadians;
  auto const degrees = [](double d) { return std::fmod(d, 360) * kRadians; };
  double center_x = type.center.x, center_y = type.center.y;
  if (auto const c = read.numbers("center", 2); !c.empty()) {
    center_x = c[0], center_y = c[1];
    if (type.family == Family::TransverseMercator) center_x = -c[1], center_y = c[0];
  }
  s.center_lambda = degrees(center_x), s.center_phi = degrees(center_y);
  double const roll = type.family == Family::TransverseMercator ? 90 : 0;
  s.rotate_gamma = degrees(roll);
  if (type.name == "albers") s.rotate_lambda = degrees(96);
  if (auto const r = read.numbers("rotate", 2); !r.empty()) {
    s.rotate_lambda = degrees(r[0]), s.rotate_phi = degrees(r[1]);
    s.rotate_gamma = degrees((r.size() > 2 ? r[2] : 0) + roll);
  }
  double phi0 = type.parallels.x, phi1 = type.parallels.y;
  if (auto const p = read.numbers("parallels", 2); !p.empty() && type.family == Family::Conic) phi0 = p[0], phi1 = p[1];
  return std::make_shared<Simple>(type.make(phi0 * kRadians, phi1 * kRadians), type.family, s);
}

}  // namespace

std::shared_ptr<Projection const> Projection::make(Value const& spec, std::string const& path) {
  auto const name = spec["type"].is_nullish() ? std::string_view("mercator") : spec["type"].string();
  auto const* type = find_projection_type(name);
  if (!type)
    fail(path + ".type", "unknown projection \"" + std::string(name.substr(0, 60)) + "\"; known are " +
                             std::string(projection_names()));
  SpecReader const read{spec, path};
  auto projection = build(*type, read);
  projection->point_radius = read.number("pointRadius", 4.5);
  if (auto const& object = spec["fit"]; object.truthy()) {
    auto into = read.rect("extent");
    if (auto const size = read.numbers("size", 2); !into && !size.empty()) into = Rect{0, 0, size[0], size[1]};
    if (into) projection->fit(*into, object);
  }
  return projection;
}

}  // namespace cml::vega
