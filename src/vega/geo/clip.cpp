#include "vega/geo/clip.hpp"

#include <deque>

namespace cml::vega::geo {
namespace {

bool same_place(ClipPoint const& a, ClipPoint const& b) {
  return std::fabs(a.x - b.x) < kEpsilon && std::fabs(a.y - b.y) < kEpsilon;
}

struct Crossing {
  ClipPoint* at = nullptr;
  Segment* segment = nullptr;  // Only on the subject's side.
  Crossing* other = nullptr;
  bool entry = false, visited = false;
  Crossing *next = nullptr, *previous = nullptr;
};
void link(std::vector<Crossing*>& ring) {
  for (std::size_t i = 0; i < ring.size(); ++i) {
    auto* following = ring[(i + 1) % ring.size()];
    ring[i]->next = following;
    following->previous = ring[i];
  }
}

}  // namespace

void Segments::rejoin_ends() {
  if (count_ < 2) return;
  back().insert(back().end(), all_[0].begin(), all_[0].end());
  std::rotate(begin(), begin() + 1, end());
  --count_;
}

void rejoin(Segments& segments, ComparePoints const& compare, bool start_inside, Interpolate const& interpolate,
            GeoSink& sink) {
  std::deque<Crossing> all;
  std::vector<Crossing*> subject, clip;
  auto const add = [&](ClipPoint& at, Segment& segment, bool entry) {
    auto& mine = all.emplace_back(Crossing{&at, &segment, nullptr, entry});
    auto& edge = all.emplace_back(Crossing{&at, nullptr, &mine, !entry});
    mine.other = &edge;
    subject.push_back(&mine);
    clip.push_back(&edge);
  };
  for (auto& segment : segments) {
    if (segment.size() < 2) continue;
    auto &first = segment.front(), &last = segment.back();
    if (same_place(first, last)) {
      if (!first.mark && !last.mark) {
        sink.line_start();
        for (std::size_t i = 0; i + 1 < segment.size(); ++i) sink.point(segment[i].x, segment[i].y);
        sink.line_end();
        continue;
      }
      last.x += 2 * kEpsilon;  // Degenerate: the ends are told apart by a hair.
    }
    add(first, segment, true);
    add(last, segment, false);
  }
  if (subject.empty()) return;
  std::stable_sort(clip.begin(), clip.end(), [&](Crossing* a, Crossing* b) { return compare(*a->at, *b->at) < 0; });
  link(subject);
  link(clip);
  for (auto* crossing : clip) crossing->entry = start_inside = !start_inside;

  auto* const start = subject[0];
  for (;;) {
    auto* current = start;
    while (current->visited)
      if ((current = current->next) == start) return;
    bool on_subject = true;
    auto* segment = current->segment;
    sink.line_start();
    do {
      current->visited = current->other->visited = true;
      if (current->entry) {
        if (on_subject) {
          for (auto const& p : *segment) sink.point(p.x, p.y);
        } else {
          interpolate(current->at, current->next->at, 1, sink);
        }
        current = current->next;
      } else {
        if (on_subject) {
          segment = current->previous->segment;
          for (auto p = segment->rbegin(); p != segment->rend(); ++p) sink.point(p->x, p->y);
        } else {
          interpolate(current->at, current->previous->at, -1, sink);
        }
        current = current->previous;
      }
      current = current->other;
      segment = current->segment;
      on_subject = !on_subject;
    } while (!current->visited);
    sink.line_end();
  }
}

// --- On the sphere
// ----------------------------------------------------------------------------------------------------

namespace {

double longitude(ClipPoint const& p) {
  return std::fabs(p.x) <= kPi ? p.x : sign(p.x) * (std::fmod(std::fabs(p.x) + kPi, kTau) - kPi);
}

// Whether a point lies inside rings of the sphere: by how often its meridian to the south pole is crossed, and whether
// the pole itself is inside.
bool polygon_contains(Segments const& polygon, ClipPoint const& point) {
  double const lambda = longitude(point), sin_phi = std::sin(point.y);
  double phi = point.y;
  Vector const normal{std::sin(lambda), -std::cos(lambda), 0};
  double angle = 0;
  int winding = 0;
  long double sum = 0;
  if (sin_phi == 1)
    phi = kHalfPi + kEpsilon;
  else if (sin_phi == -1)
    phi = -kHalfPi - kEpsilon;
  for (auto const& ring : polygon) {
    if (ring.empty()) continue;
    auto point0 = ring.back();
    double lambda0 = longitude(point0), phi0 = point0.y / 2 + kQuarterPi, sin0 = std::sin(phi0), cos0 = std::cos(phi0);
    for (auto const& point1 : ring) {
      double const lambda1 = longitude(point1), phi1 = point1.y / 2 + kQuarterPi, sin1 = std::sin(phi1),
                   cos1 = std::cos(phi1);
      double const delta = lambda1 - lambda0, direction = delta >= 0 ? 1 : -1, distance = direction * delta;
      bool const antimeridian = distance > kPi;
      double const k = sin0 * sin1;
      sum += std::atan2(k * direction * std::sin(distance), cos0 * cos1 + k * std::cos(distance));
      angle += antimeridian ? delta + direction * kTau : delta;
      if (antimeridian ^ (lambda0 >= lambda) ^ (lambda1 >= lambda)) {
        auto const arc = normalized(cross(cartesian({point0.x, point0.y}), cartesian({point1.x, point1.y})));
        auto const crossing = normalized(cross(normal, arc));
        bool const ahead = antimeridian ^ (delta >= 0);
        double const phi_arc = (ahead ? -1 : 1) * clamped_asin(crossing.z);
        if (phi > phi_arc || (phi == phi_arc && (arc.x != 0 || arc.y != 0))) winding += ahead ? 1 : -1;
      }
      lambda0 = lambda1, sin0 = sin1, cos0 = cos1, point0 = point1;
    }
  }
  bool const pole = angle < -kEpsilon || (angle < kEpsilon && sum < -kEpsilon2);
  return pole ^ ((winding & 1) != 0);
}

// Cuts one line into visible parts. clean(): bit 1 no crossings, bit 2 the last and first parts belong together.
class LineClip {
 public:
  virtual ~LineClip() = default;
  virtual void line_start() = 0;
  virtual void point(double lambda, double phi) = 0;
  virtual void line_end() = 0;
  virtual int clean() const = 0;
};
struct Output {
  GeoSink& sink;
  ClipBuffer* buffer;  // The sink, when it keeps marks.
  void point(double x, double y, int mark = 0) const { buffer ? buffer->mark(x, y, mark) : sink.point(x, y); }
};

double compare_crossings(ClipPoint const& a, ClipPoint const& b) {
  auto const place = [](ClipPoint const& p) { return p.x < 0 ? p.y - kHalfPi - kEpsilon : kHalfPi - p.y; };
  return place(a) - place(b);
}

class SphereClip : public GeoSink {
 public:
  SphereClip(GeoSink& next, Interpolate interpolate, ClipPoint start)
      : next_(next), interpolate_(std::move(interpolate)), start_(start) {}
  virtual bool visible(double lambda, double phi) const = 0;

  void point(double x, double y) override {
    if (in_polygon_) {
      polygon_.back().push_back({x, y});
      ring_clip_->point(x, y);
    } else if (in_line_) {
      line_clip_->point(x, y);
    } else if (visible(x, y)) {
      next_.point(x, y);
    }
  }
  void line_start() override {
    if (in_polygon_) {
      ring_clip_->line_start();
      polygon_.add();
    } else {
      in_line_ = true;
      line_clip_->line_start();
    }
  }
  void line_end() override {
    if (in_polygon_) {
      end_ring();
    } else {
      in_line_ = false;
      line_clip_->line_end();
    }
  }
  void polygon_start() override {
    in_polygon_ = true;
    segments_.clear();
    polygon_.clear();
    started_ = false;
  }
  void polygon_end() override {
    in_polygon_ = false;
    bool const inside = polygon_contains(polygon_, start_);
    if (!segments_.empty()) {
      start_polygon();
      rejoin(segments_, compare_crossings, inside, interpolate_, next_);
    } else if (inside) {
      start_polygon();
      next_.line_start();
      interpolate_(nullptr, nullptr, 1, next_);
      next_.line_end();
    }
    if (started_) next_.polygon_end();
    started_ = false;
  }
  void sphere() override {
    next_.polygon_start();
    next_.line_start();
    interpolate_(nullptr, nullptr, 1, next_);
    next_.line_end();
    next_.polygon_end();
  }

 protected:
  template <class Clip, class... Args>
  void use(Args... args) {
    line_clip_ = std::make_unique<Clip>(Output{next_, nullptr}, args...);
    ring_clip_ = std::make_unique<Clip>(Output{buffer_, &buffer_}, args...);
  }

 private:
  void start_polygon() {
    if (!started_) next_.polygon_start();
    started_ = true;
  }
  void end_ring() {
    auto const& ring = polygon_.back();
    if (!ring.empty()) ring_clip_->point(ring[0].x, ring[0].y);
    ring_clip_->line_end();
    if (!ring.empty()) emit_ring(ring_clip_->clean(), buffer_.lines);
    buffer_.lines.clear();
  }
  void emit_ring(int clean, Segments& parts) {
    if (parts.empty()) return;
    if (clean & 1) {  // Wholly visible.
      auto const& whole = parts[0];
      if (whole.size() > 1) {
        start_polygon();
        next_.line_start();
        for (std::size_t i = 0; i + 1 < whole.size(); ++i) next_.point(whole[i].x, whole[i].y);
        next_.line_end();
      }
      return;
    }
    if (clean & 2) parts.rejoin_ends();
    for (auto& part : parts)
      if (part.size() > 1) std::swap(segments_.add(), part);
  }
  GeoSink& next_;
  Interpolate interpolate_;
  ClipPoint start_;
  ClipBuffer buffer_;
  std::unique_ptr<LineClip> line_clip_, ring_clip_;
  bool in_polygon_ = false, in_line_ = false, started_ = false;
  Segments segments_, polygon_;
};

// --- Antimeridian
// -------------------------------------------------------------------------------------------------------

class AntimeridianLine : public LineClip {
 public:
  explicit AntimeridianLine(Output out) : out_(out) {}
  void line_start() override {
    out_.sink.line_start();
    clean_ = 1;
  }
  void point(double lambda1, double phi1) override {
    double const sign1 = lambda1 > 0 ? kPi : -kPi, delta = std::fabs(lambda1 - lambda0_);
    if (std::fabs(delta - kPi) < kEpsilon) {  // Over a pole.
      phi0_ = (phi0_ + phi1) / 2 > 0 ? kHalfPi : -kHalfPi;
      out_.point(lambda0_, phi0_);
      out_.point(sign0_, phi0_);
      cut();
      out_.point(sign1, phi0_);
      out_.point(lambda1, phi0_);
    } else if (sign0_ != sign1 && delta >= kPi) {
      if (std::fabs(lambda0_ - sign0_) < kEpsilon) lambda0_ -= sign0_ * kEpsilon;
      if (std::fabs(lambda1 - sign1) < kEpsilon) lambda1 -= sign1 * kEpsilon;
      phi0_ = crossing(lambda0_, phi0_, lambda1, phi1);
      out_.point(sign0_, phi0_);
      cut();
      out_.point(sign1, phi0_);
    }
    out_.point(lambda0_ = lambda1, phi0_ = phi1);
    sign0_ = sign1;
  }
  void line_end() override {
    out_.sink.line_end();
    lambda0_ = phi0_ = std::nan("");
  }
  int clean() const override { return 2 - clean_; }

 private:
  void cut() {
    out_.sink.line_end();
    out_.sink.line_start();
    clean_ = 0;
  }
  static double crossing(double lambda0, double phi0, double lambda1, double phi1) {
    double const s = std::sin(lambda0 - lambda1);
    if (!(std::fabs(s) > kEpsilon)) return (phi0 + phi1) / 2;
    double const cos0 = std::cos(phi0), cos1 = std::cos(phi1);
    return std::atan((std::sin(phi0) * cos1 * std::sin(lambda1) - std::sin(phi1) * cos0 * std::sin(lambda0)) /
                     (cos0 * cos1 * s));
  }
  Output out_;
  double lambda0_ = std::nan(""), phi0_ = std::nan(""), sign0_ = std::nan("");
  int clean_ = 1;
};

void along_antimeridian(ClipPoint const* from, ClipPoint const* to, int direction, GeoSink& sink) {
  if (!from) {
    double const phi = direction * kHalfPi;
    for (auto const& [x, y] : {std::pair(-kPi, phi),
                               {0.0, phi},
                               {kPi, phi},
                               {kPi, 0.0},
                               {kPi, -phi},
                               {0.0, -phi},
                               {-kPi, -phi},
                               {-kPi, 0.0},
                               {-kPi, phi}})
      sink.point(x, y);
  } else if (std::fabs(from->x - to->x) > kEpsilon) {
    double const lambda = from->x < to->x ? kPi : -kPi, phi = direction * lambda / 2;
    sink.point(-lambda, phi);
    sink.point(0, phi);
    sink.point(lambda, phi);
  } else {
    sink.point(to->x, to->y);
  }
}

class AntimeridianClip : public SphereClip {
 public:
  explicit AntimeridianClip(GeoSink& next) : SphereClip(next, along_antimeridian, {-kPi, -kHalfPi}) {
    use<AntimeridianLine>();
  }
  bool visible(double, double) const override { return true; }
};

// --- Circle
// -------------------------------------------------------------------------------------------------------------

struct Circle {
  double radius, cr = std::cos(radius);
  bool small = cr > 0, not_hemisphere = std::fabs(cr) > kEpsilon;

  bool visible(double lambda, double phi) const { return std::cos(lambda) * std::cos(phi) > cr; }
  // Where a point lies relative to the circle's bounding box, in four bits.
  int code(double lambda, double phi) const {
    double const r = small ? radius : kPi - radius;
    return (lambda < -r ? 1 : lambda > r ? 2 : 0) | (phi < -r ? 4 : phi > r ? 8 : 0);
  }
  // The great circle through a and b meets the circle in up to two points; `count` says how many were found.
  int intersect(ClipPoint const& a, ClipPoint const& b, bool two, ClipPoint* out) const {
    auto const pa = cartesian({a.x, a.y}), pb = cartesian({b.x, b.y});
    Vector const n1{1, 0, 0}, n2 = cross(pa, pb);
    double const n2n2 = dot(n2, n2), n1n2 = n2.x, determinant = n2n2 - n1n2 * n1n2;
    if (determinant == 0) {
      if (two) return 0;
      out[0] = a;
      return 1;
    }
    auto const u = cross(n1, n2);
    auto const A = add(scaled(n1, cr * n2n2 / determinant), scaled(n2, -cr * n1n2 / determinant));
    double const w = dot(A, u), uu = dot(u, u), t2 = w * w - uu * (dot(A, A) - 1);
    if (!(t2 >= 0)) return 0;
    double const t = std::sqrt(t2);
    auto const q = spherical(add(scaled(u, (-w - t) / uu), A));
    out[0] = {q.lambda, q.phi};
    if (!two) return 1;
    double lambda0 = a.x, lambda1 = b.x, phi0 = a.y, phi1 = b.y;
    if (lambda1 < lambda0) std::swap(lambda0, lambda1);
    double const delta = lambda1 - lambda0;
    bool const polar = std::fabs(delta - kPi) < kEpsilon, meridian = polar || delta < kEpsilon;
    if (!polar && phi1 < phi0) std::swap(phi0, phi1);
    bool const between =
        meridian ? polar ? (phi0 + phi1 > 0) ^ (q.phi < (std::fabs(q.lambda - lambda0) < kEpsilon ? phi0 : phi1))
                         : phi0 <= q.phi && q.phi <= phi1
                 : (delta > kPi) ^ (lambda0 <= q.lambda && q.lambda <= lambda1);
    if (!between) return 0;
    auto const q1 = spherical(add(scaled(u, (-w + t) / uu), A));
    out[1] = {q1.lambda, q1.phi};
    return 2;
  }
};

class CircleLine : public LineClip {
 public:
  CircleLine(Output out, Circle circle) : out_(out), circle_(circle) {}
  void line_start() override {
    first_visible_ = last_visible_ = false;
    clean_ = 1;
  }
  void point(double lambda, double phi) override {
    ClipPoint point1{lambda, phi};
    ClipPoint found[2];
    bool const v = circle_.visible(lambda, phi);
    int const c = circle_.small ? (v ? 0 : circle_.code(lambda, phi))
                  : v           ? circle_.code(lambda + (lambda < 0 ? kPi : -kPi), phi)
                                : 0;
    if (!has_last_ && (first_visible_ = last_visible_ = v)) out_.sink.line_start();
    if (v != last_visible_) {
      int const count = circle_.intersect(last_, point1, false, found);
      if (!count || same_place(last_, found[0]) || same_place(point1, found[0])) point1.mark = 1;
      clean_ = 0;
      if (v) {  // Coming in.
        out_.sink.line_start();
        if (circle_.intersect(point1, last_, false, found)) out_.point(found[0].x, found[0].y);
      } else {  // Going out.
        if (circle_.intersect(last_, point1, false, found)) out_.point(found[0].x, found[0].y, 2);
        out_.sink.line_end();
      }
      last_ = found[0];
    } else if (circle_.not_hemisphere && has_last_ && (circle_.small ^ v)) {
      if (!(c & last_code_) && circle_.intersect(point1, last_, true, found) == 2) {
        clean_ = 0;
        if (circle_.small) {
          out_.sink.line_start();
          out_.point(found[0].x, found[0].y);
          out_.point(found[1].x, found[1].y);
          out_.sink.line_end();
        } else {
          out_.point(found[1].x, found[1].y);
          out_.sink.line_end();
          out_.sink.line_start();
          out_.point(found[0].x, found[0].y, 3);
        }
      }
    }
    if (v && (!has_last_ || !same_place(last_, point1))) out_.point(point1.x, point1.y, point1.mark);
    last_ = point1, has_last_ = true, last_visible_ = v, last_code_ = c;
  }
  void line_end() override {
    if (last_visible_) out_.sink.line_end();
    has_last_ = false;
  }
  int clean() const override { return clean_ | (first_visible_ && last_visible_ ? 2 : 0); }

 private:
  Output out_;
  Circle circle_;
  ClipPoint last_;
  bool has_last_ = false, first_visible_ = false, last_visible_ = false;
  int last_code_ = 0, clean_ = 1;
};

class CircleClip : public SphereClip {
 public:
  CircleClip(double radius, GeoSink& next)
      : SphereClip(
            next,
            [radius](ClipPoint const* from, ClipPoint const* to, int direction, GeoSink& sink) {
              circle_stream(sink, radius, 2 * kRadians, direction, from, to);
            },
            std::cos(radius) > 0 ? ClipPoint{0, -radius} : ClipPoint{-kPi, radius - kPi}),
        circle_{radius} {
    use<CircleLine>(circle_);
  }
  bool visible(double lambda, double phi) const override { return circle_.visible(lambda, phi); }

 private:
  Circle circle_;
};

// The angle of a point of the circle, seen from its centre.
double circle_angle(double cos_radius, ClipPoint const& point) {
  auto v = cartesian({point.x, point.y});
  v.x -= cos_radius;
  v = normalized(v);
  double const angle = clamped_acos(-v.y);
  return std::fmod((-v.z < 0 ? -angle : angle) + kTau - kEpsilon, kTau);
}

}  // namespace

void circle_stream(GeoSink& sink, double radius, double delta, int direction, ClipPoint const* from,
                   ClipPoint const* to) {
  if (delta == 0) return;
  double const cos_radius = std::cos(radius), sin_radius = std::sin(radius), step = direction * delta;
  double t0 = radius + direction * kTau, t1 = radius - step / 2;
  if (from) {
    t0 = circle_angle(cos_radius, *from);
    t1 = circle_angle(cos_radius, *to);
    if (direction > 0 ? t0 < t1 : t0 > t1) t0 += direction * kTau;
  }
  for (double t = t0; direction > 0 ? t > t1 : t < t1; t -= step) {
    auto const p = spherical({cos_radius, -sin_radius * std::cos(t), -sin_radius * std::sin(t)});
    sink.point(p.lambda, p.phi);
  }
}

std::unique_ptr<GeoSink> clip_antimeridian(GeoSink& next) { return std::make_unique<AntimeridianClip>(next); }
std::unique_ptr<GeoSink> clip_circle(double radius, GeoSink& next) {
  return std::make_unique<CircleClip>(radius, next);
}

}  // namespace cml::vega::geo
