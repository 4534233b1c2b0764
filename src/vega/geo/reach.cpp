#include "vega/geo/reach.hpp"

#include <cmath>

#include "vega/geo/sphere.hpp"

namespace cml::vega::geo {
namespace {

constexpr double kLeastExcess = 1e-9;  // Well above what turning the sphere changes in the sum by rounding.

class ReachSink : public GeoSink {
 public:
  void point(double x, double y) override {
    if (!(std::fabs(x) <= 180 && std::fabs(y) < 90)) certain = false;
    if (x < reach.west) reach.west = x;
    if (x > reach.east) reach.east = x;
    if (!in_line_) return;
    double const lambda = x * kRadians, half = y * kRadians / 2 + kQuarterPi, s = std::sin(half), c = std::cos(half);
    if (first_)
      x0_ = x, y0_ = y;
    else
      edge(lambda, s, c);
    first_ = false;
    lambda_ = lambda, sin_ = s, cos_ = c;
  }
  void line_start() override { in_line_ = first_ = true; }
  void line_end() override {
    if (in_polygon_ && !first_) point(x0_, y0_);
    in_line_ = false;
  }
  void polygon_start() override {
    in_polygon_ = true;
    excess_ = 0;
  }
  void polygon_end() override {
    in_polygon_ = false;
    if (!(excess_ > kLeastExcess)) certain = false;
  }
  void sphere() override { certain = false; }

  Reach reach;
  bool certain = true;

 private:
  // Adds the excess of the triangle with the south pole, as the clipping does to tell inside from outside.
  void edge(double lambda, double s, double c) {
    double const delta = lambda - lambda_, k = sin_ * s;
    if (!(std::fabs(delta) < kPi - kEpsilon)) certain = false;
    if (in_polygon_) excess_ += std::atan2(k * std::sin(delta), cos_ * c + k * std::cos(delta));
  }
  bool in_polygon_ = false, in_line_ = false, first_ = true;
  double x0_ = 0, y0_ = 0, lambda_ = 0, sin_ = 0, cos_ = 0;
  double excess_ = 0;
};

}  // namespace

std::optional<Reach> reach(Value const& object) {
  ReachSink sink;
  stream_geometry(object, sink);
  return sink.certain ? std::optional(sink.reach) : std::nullopt;
}

}  // namespace cml::vega::geo
