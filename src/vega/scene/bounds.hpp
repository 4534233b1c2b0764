// Axis-aligned boxes with Vega's conventions (vega-scenegraph Bounds): empty is inverted, set() orders its corners.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace cml::vega {

struct Bounds {
  static constexpr double kMax = std::numeric_limits<double>::max();
  double x1 = kMax, y1 = kMax, x2 = -kMax, y2 = -kMax;

  bool empty() const { return x1 == kMax && y1 == kMax && x2 == -kMax && y2 == -kMax; }
  double width() const { return x2 - x1; }
  double height() const { return y2 - y1; }
  Bounds& clear() { return *this = Bounds(); }
  Bounds& set(double ax, double ay, double bx, double by) {
    // As Vega compares: NaN keeps its place.
    bool const swap_x = bx < ax, swap_y = by < ay;
    x1 = swap_x ? bx : ax, x2 = swap_x ? ax : bx;
    y1 = swap_y ? by : ay, y2 = swap_y ? ay : by;
    return *this;
  }
  Bounds& add(double x, double y) {
    if (x < x1) x1 = x;
    if (y < y1) y1 = y;
    if (x > x2) x2 = x;
    if (y > y2) y2 = y;
    return *this;
  }
  Bounds& expand(double d) {
    x1 -= d, y1 -= d, x2 += d, y2 += d;
    return *this;
  }
  Bounds& translate(double dx, double dy) {
    x1 += dx, x2 += dx, y1 += dy, y2 += dy;
    return *this;
  }
  Bounds& join(Bounds const& b) {
    if (b.x1 < x1) x1 = b.x1;
    if (b.y1 < y1) y1 = b.y1;
    if (b.x2 > x2) x2 = b.x2;
    if (b.y2 > y2) y2 = b.y2;
    return *this;
  }
  Bounds& intersect(Bounds const& b) {
    if (b.x1 > x1) x1 = b.x1;
    if (b.y1 > y1) y1 = b.y1;
    if (b.x2 < x2) x2 = b.x2;
    if (b.y2 < y2) y2 = b.y2;
    return *this;
  }
  // The box around this one turned by `angle` radians about (x, y).
  Bounds& rotate(double angle, double x, double y) {
    double const c = std::cos(angle), s = std::sin(angle), cx = x - x * c + y * s, cy = y - x * s - y * c;
    Bounds out;
    for (double px : {x1, x2})
      for (double py : {y1, y2}) out.add(c * px - s * py + cx, s * px + c * py + cy);
    return *this = out;
  }
  bool encloses(Bounds const& b) const { return x1 <= b.x1 && x2 >= b.x2 && y1 <= b.y1 && y2 >= b.y2; }
  bool intersects(Bounds const& b) const { return !(x2 < b.x1 || x1 > b.x2 || y2 < b.y1 || y1 > b.y2); }
};

}  // namespace cml::vega
