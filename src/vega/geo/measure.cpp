// Paths and measures of geometry, in the plane and on the sphere (d3-geo's path, area, bounds and centroid).
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "vega/geo/projection.hpp"
#include "vega/geo/sphere.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

using namespace geo;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Value pair(double x, double y) { return Value::array({x, y}); }

void through(Projection const* projection, Value const& object, GeoSink& sink) {
  if (projection)
    projection->project(object, sink);
  else
    stream_geometry(object, sink);
}

class OutlineSink : public GeoSink {
 public:
  explicit OutlineSink(Outline& out) : out_(out) {}
  void point(double x, double y) override {
    out_.points.push_back({x + 0.0, y + 0.0});  // Text has no negative zero.
    if (!in_line_) end(Outline::Kind::Dot);
  }
  void line_start() override { in_line_ = true; }
  void line_end() override {
    in_line_ = false;
    end(in_polygon_ ? Outline::Kind::Ring : Outline::Kind::Line);
  }
  void polygon_start() override { in_polygon_ = true; }
  void polygon_end() override { in_polygon_ = false; }

 private:
  void end(Outline::Kind kind) { out_.runs.push_back({kind, static_cast<std::uint32_t>(out_.points.size())}); }
  Outline& out_;
  bool in_line_ = false, in_polygon_ = false;
};

class AreaSink : public GeoSink {
 public:
  void point(double x, double y) override {
    if (!in_polygon_) return;
    if (first_)
      x00_ = x, y00_ = y, first_ = false;
    else
      ring_ += y0_ * x - x0_ * y;
    x0_ = x, y0_ = y;
  }
  void line_start() override { first_ = true; }
  void line_end() override {
    if (in_polygon_ && !first_) point(x00_, y00_);
  }
  void polygon_start() override { in_polygon_ = true, ring_ = 0; }
  void polygon_end() override {
    in_polygon_ = false;
    sum += std::fabs(static_cast<double>(ring_));
  }
  double sum = 0;

 private:
  bool in_polygon_ = false, first_ = true;
  double x0_ = 0, y0_ = 0, x00_ = 0, y00_ = 0;
  long double ring_ = 0;
};

class PlaneBounds : public GeoSink {
 public:
  void point(double x, double y) override {
    x0 = x < x0 ? x : x0, x1 = x > x1 ? x : x1;
    y0 = y < y0 ? y : y0, y1 = y > y1 ? y : y1;
  }
  double x0 = kInfinity, y0 = kInfinity, x1 = -kInfinity, y1 = -kInfinity;
};

// By area where there are polygons, else by length, else of points.
class PlaneCentroid : public GeoSink {
 public:
  void point(double x, double y) override {
    if (in_line_ && !first_) {
      double const dx = x - x0_, dy = y - y0_, z = std::sqrt(dx * dx + dy * dy);
      length_.x += z * (x0_ + x) / 2, length_.y += z * (y0_ + y) / 2, length_.z += z;
      if (in_polygon_) {
        double const cross = y0_ * x - x0_ * y;
        area_.x += cross * (x0_ + x), area_.y += cross * (y0_ + y), area_.z += cross * 3;
      }
    }
    if (first_) x00_ = x, y00_ = y, first_ = false;
    points_.x += x, points_.y += y, ++points_.z;
    x0_ = x, y0_ = y;
  }
  void line_start() override { in_line_ = first_ = true; }
  void line_end() override {
    if (in_polygon_ && !first_) point(x00_, y00_);
    in_line_ = first_ = false;
  }
  void polygon_start() override { in_polygon_ = true; }
  void polygon_end() override { in_polygon_ = false; }
  Value result() const {
    for (auto const& v : {area_, length_, points_})
      if (v.z != 0) return pair(v.x / v.z, v.y / v.z);
    return pair(kNaN, kNaN);
  }

 private:
  Vector points_, length_, area_;
  bool in_line_ = false, in_polygon_ = false, first_ = false;
  double x0_ = 0, y0_ = 0, x00_ = 0, y00_ = 0;
};

// --- On the sphere --------------------------------------------------------------------------------------------------

class SphereArea : public GeoSink {
 public:
  void point(double lambda, double phi) override {
    if (!in_polygon_) return;
    if (first_) lambda00_ = lambda, phi00_ = phi;
    lambda *= kRadians;
    double const half = phi * kRadians / 2 + kQuarterPi, c = std::cos(half), s = std::sin(half);
    if (!first_) {  // Excess of the triangle with the south pole, after Cagnoli.
      double const delta = lambda - lambda0_, direction = delta >= 0 ? 1 : -1, distance = direction * delta,
                   k = sin0_ * s;
      ring += std::atan2(k * direction * std::sin(distance), cos0_ * c + k * std::cos(distance));
    }
    first_ = false;
    lambda0_ = lambda, cos0_ = c, sin0_ = s;
  }
  void line_start() override { first_ = true; }
  void line_end() override {
    if (in_polygon_ && !first_) point(lambda00_, phi00_);
  }
  void polygon_start() override { in_polygon_ = true, ring = 0; }
  void polygon_end() override {
    in_polygon_ = false;
    sum += static_cast<double>(ring < 0 ? kTau + ring : ring);
  }
  void sphere() override { sum += kTau; }
  double sum = 0;
  long double ring = 0;

 private:
  bool in_polygon_ = false, first_ = true;
  double lambda00_ = 0, phi00_ = 0, lambda0_ = 0, cos0_ = 0, sin0_ = 0;
};

class SphereCentroid : public GeoSink {
 public:
  void point(double lambda, double phi) override {
    if (in_line_ && first_) lambda00_ = lambda, phi00_ = phi;
    auto const v = cartesian({lambda * kRadians, phi * kRadians});
    if (in_line_ && !first_) {
      auto const normal = cross(last_, v);
      double const m = std::sqrt(dot(normal, normal));
      double const w = in_polygon_ ? clamped_asin(m) : std::atan2(m, dot(last_, v));
      if (in_polygon_ && m != 0) area_ = add(area_, scaled(normal, -w / m));
      weight_ += w;
      length_ = add(length_, scaled(add(last_, v), w));
    }
    ++count_;
    points_ = add(points_, scaled(add(v, scaled(points_, -1)), 1 / count_));
    last_ = v;
    first_ = false;
  }
  void line_start() override { in_line_ = first_ = true; }
  void line_end() override {
    if (in_polygon_ && !first_) point(lambda00_, phi00_);
    in_line_ = false;
  }
  void polygon_start() override { in_polygon_ = true; }
  void polygon_end() override { in_polygon_ = false; }
  Value result() const {
    auto v = area_;
    double m = std::sqrt(dot(v, v));
    if (m < kEpsilon2) {
      v = weight_ < kEpsilon ? points_ : length_;
      m = std::sqrt(dot(v, v));
      if (m < kEpsilon2) return pair(kNaN, kNaN);
    }
    return pair(std::atan2(v.y, v.x) * kDegrees, clamped_asin(v.z / m) * kDegrees);
  }

 private:
  Vector points_, length_, area_, last_;
  double weight_ = 0, count_ = 0, lambda00_ = 0, phi00_ = 0;
  bool in_line_ = false, in_polygon_ = false, first_ = false;
};

// From one longitude eastwards to another.
double eastwards(double from, double to) { return to - from < 0 ? to - from + 360 : to - from; }

class SphereBounds : public GeoSink {
 public:
  void point(double lambda, double phi) override {
    if (!in_line_) {
      ranges_.push_back({lambda, lambda});
      extend(phi);
      return;
    }
    if (in_polygon_) {
      if (has_last_) {
        double const delta = lambda - last_lambda_;
        turn_ += std::fabs(delta) > 180 ? delta + (delta > 0 ? 360 : -360) : delta;
      } else {
        lambda00_ = lambda, phi00_ = phi;
      }
      area_.point(lambda, phi);
    }
    line_point(lambda, phi);
  }
  void line_start() override {
    in_line_ = true;
    if (in_polygon_) area_.line_start();
  }
  void line_end() override {
    if (in_polygon_ && has_last_) {
      point(lambda00_, phi00_);
      area_.line_end();
      if (std::fabs(turn_) > kEpsilon) west_ = -180, east_ = 180;
    }
    if (!ranges_.empty()) ranges_.back() = {west_, east_};
    has_last_ = in_line_ = false;
  }
  void polygon_start() override {
    in_polygon_ = true;
    turn_ = 0;
    area_.polygon_start();
  }
  void polygon_end() override {
    bool const inverted = area_.ring < 0;
    area_.polygon_end();
    in_polygon_ = false;
    if (inverted)
      west_ = -180, east_ = 180, south_ = -90, north_ = 90;
    else if (turn_ > kEpsilon)
      north_ = 90;
    else if (turn_ < -kEpsilon)
      south_ = -90;
    if (!ranges_.empty()) ranges_.back() = {west_, east_};
  }
  void sphere() override {
    west_ = -180, east_ = 180, south_ = -90, north_ = 90;
    whole_ = true;
  }
  Value result() {
    double west = whole_ ? -180 : kInfinity, east = whole_ ? 180 : -kInfinity;
    if (!ranges_.empty()) {
      std::stable_sort(ranges_.begin(), ranges_.end(), [](Range const& a, Range const& b) { return a.west < b.west; });
      std::vector<Range> merged{ranges_[0]};
      for (std::size_t i = 1; i < ranges_.size(); ++i) {
        auto& a = merged.back();
        auto const& b = ranges_[i];
        if (a.holds(b.west) || a.holds(b.east)) {
          if (eastwards(a.west, b.east) > eastwards(a.west, a.east)) a.east = b.east;
          if (eastwards(b.west, a.east) > eastwards(a.west, a.east)) a.west = b.west;
        } else {
          merged.push_back(b);
        }
      }
      // The bounds are what is not the widest gap.
      double widest = -kInfinity;
      auto a = merged.back();
      for (auto const& b : merged) {
        double const gap = eastwards(a.east, b.west);
        if (gap > widest) widest = gap, west = b.west, east = a.east;
        a = b;
      }
    }
    if (std::isinf(west) || std::isinf(south_)) return Value::array({pair(kNaN, kNaN), pair(kNaN, kNaN)});
    return Value::array({pair(west, south_), pair(east, north_)});
  }

 private:
  struct Range {
    double west, east;
    bool holds(double x) const { return west <= east ? west <= x && x <= east : x < west || east < x; }
  };
  void extend(double phi) {
    if (phi < south_) south_ = phi;
    if (phi > north_) north_ = phi;
  }
  void line_point(double lambda, double phi) {
    auto const p = cartesian({lambda * kRadians, phi * kRadians});
    if (!has_last_) {
      ranges_.push_back({west_ = lambda, east_ = lambda});
    } else {
      auto const normal = cross(last_, p);
      auto const top = spherical(normalized(cross({normal.y, -normal.x, 0}, normal)));
      double const delta = lambda - last_lambda_, direction = delta > 0 ? 1 : -1;
      double at = top.lambda * kDegrees * direction;
      bool const over = std::fabs(delta) > 180;
      auto const between = [&] { return over ^ (direction * last_lambda_ < at && at < direction * lambda); };
      if (between()) {
        if (top.phi * kDegrees > north_) north_ = top.phi * kDegrees;
      } else if (at = std::fmod(at + 360, 360) - 180; between()) {
        if (-top.phi * kDegrees < south_) south_ = -top.phi * kDegrees;
      } else {
        extend(phi);
      }
      auto const grow = [&](bool eastern) {
        double const width = eastwards(west_, east_);
        if (eastern) {
          if (eastwards(west_, lambda) > width) east_ = lambda;
        } else if (eastwards(lambda, east_) > width) {
          west_ = lambda;
        }
      };
      if (over)
        grow(lambda < last_lambda_);
      else if (east_ >= west_)
        west_ = std::fmin(west_, lambda), east_ = std::fmax(east_, lambda);
      else
        grow(lambda > last_lambda_);
    }
    extend(phi);
    last_ = p, last_lambda_ = lambda, has_last_ = true;
  }
  std::vector<Range> ranges_;
  double west_ = kInfinity, east_ = -kInfinity, south_ = kInfinity, north_ = -kInfinity;
  double last_lambda_ = 0, lambda00_ = 0, phi00_ = 0, turn_ = 0;
  Vector last_;
  bool has_last_ = false, in_line_ = false, in_polygon_ = false, whole_ = false;
  SphereArea area_;
};

}  // namespace

Ref<Outline> geo_outline(Projection const* projection, Value const& object, double point_radius) {
  auto outline = make_ref<Outline>();
  outline->dot_radius = point_radius;
  OutlineSink sink(*outline);
  through(projection, object, sink);
  return outline;
}
double plane_area(Projection const* projection, Value const& object) {
  AreaSink sink;
  through(projection, object, sink);
  return sink.sum / 2;
}
Value plane_bounds(Projection const* projection, Value const& object) {
  PlaneBounds sink;
  through(projection, object, sink);
  return Value::array({pair(sink.x0, sink.y0), pair(sink.x1, sink.y1)});
}
Value plane_centroid(Projection const* projection, Value const& object) {
  PlaneCentroid sink;
  through(projection, object, sink);
  return sink.result();
}
double sphere_area(Value const& object) {
  SphereArea sink;
  stream_geometry(object, sink);
  return sink.sum * 2;
}
Value sphere_bounds(Value const& object) {
  SphereBounds sink;
  stream_geometry(object, sink);
  return sink.result();
}
Value sphere_centroid(Value const& object) {
  SphereCentroid sink;
  stream_geometry(object, sink);
  return sink.result();
}
Value geo_measure(std::string_view measure, Projection const* projection, Value const& object) {
  if (measure == "area") return projection ? plane_area(projection, object) : sphere_area(object);
  if (measure == "bounds") return projection ? plane_bounds(projection, object) : sphere_bounds(object);
  if (measure == "centroid") return projection ? plane_centroid(projection, object) : sphere_centroid(object);
  if (!projection) return {};
  if (measure == "scale") return projection->scale();
  if (measure == "translate") return pair(projection->translate().first, projection->translate().second);
  return {};
}

}  // namespace cml::vega
