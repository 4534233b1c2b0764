#include "vega/geo/resample.hpp"

#include <cmath>
#include <limits>

#include "vega/geo/sphere.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega::geo {
namespace {

constexpr int kMaxDepth = 16;
double const kCosMinDistance = std::cos(30 * kRadians);

struct Station {
  double x = kNaN, y = kNaN, lambda = 0, phi = 0;
  Vector v;  // Worked out once a line that ends here is long enough to bend: most lines of a map are not.
  bool has_v = false;
};

class Resample : public GeoSink {
 public:
  Resample(RawProjection project, double precision, GeoSink& next)
      : project_(std::move(project)), delta2_(precision * precision), next_(next) {}
  void point(double lambda, double phi) override {
    if (!in_line_) {
      auto const p = project_(lambda, phi);
      next_.point(p.x, p.y);
      return;
    }
    auto at = station(lambda, phi);
    line_to(last_, at);
    next_.point(at.x, at.y);
    last_ = at;
    if (in_polygon_ && first_of_ring_) {
      first_ = at;
      first_of_ring_ = false;
    }
  }
  void line_start() override {
    last_ = Station();
    in_line_ = first_of_ring_ = true;
    next_.line_start();
  }
  void line_end() override {
    if (in_polygon_ && !first_of_ring_) line_to(last_, first_);
    in_line_ = false;
    next_.line_end();
  }
  void polygon_start() override {
    next_.polygon_start();
    in_polygon_ = true;
  }
  void polygon_end() override {
    next_.polygon_end();
    in_polygon_ = false;
  }

 private:
  Station station(double lambda, double phi) const {
    auto const p = project_(lambda, phi);
    return {p.x, p.y, lambda, phi, {}, false};
  }
  void line_to(Station& a, Station& b) {
    double const dx = b.x - a.x, dy = b.y - a.y;
    if (!(delta2_ > 0 && dx * dx + dy * dy > 4 * delta2_)) return;
    for (auto* end : {&a, &b})
      if (!end->has_v) end->v = cartesian({end->lambda, end->phi}), end->has_v = true;
    bend(a, b, kMaxDepth);
  }
  void bend(Station const& a, Station const& b, int depth) {
    double const dx = b.x - a.x, dy = b.y - a.y, d2 = dx * dx + dy * dy;
    if (!(d2 > 4 * delta2_) || depth == 0) return;
    auto const sum = add(a.v, b.v);
    double const m = std::sqrt(dot(sum, sum)), z = sum.z / m;
    double const lambda = std::fabs(std::fabs(z) - 1) < kEpsilon || std::fabs(a.lambda - b.lambda) < kEpsilon
                              ? (a.lambda + b.lambda) / 2
                              : std::atan2(sum.y, sum.x);
    double const phi = clamped_asin(z);
    auto const p = project_(lambda, phi);
    double const dx2 = p.x - a.x, dy2 = p.y - a.y, dz = dy * dx2 - dx * dy2;
    bool const bent =
        dz * dz / d2 > delta2_ || std::fabs((dx * dx2 + dy * dy2) / d2 - 0.5) > 0.3 || dot(a.v, b.v) < kCosMinDistance;
    if (!bent) return;
    Station const middle{p.x, p.y, lambda, phi, {sum.x / m, sum.y / m, z}, true};
    bend(a, middle, depth - 1);
    next_.point(p.x, p.y);
    bend(middle, b, depth - 1);
  }
  RawProjection project_;
  double delta2_;
  GeoSink& next_;
  Station last_, first_;
  bool in_line_ = false, in_polygon_ = false, first_of_ring_ = false;
};

}  // namespace

std::unique_ptr<GeoSink> resample(RawProjection project, double precision, GeoSink& next) {
  return std::make_unique<Resample>(std::move(project), precision, next);
}

}  // namespace cml::vega::geo
