// Outlines as straight edges in pixels: what filling and stroking without cairo begin with.
#pragma once

#include <algorithm>
#include <cmath>

#include "vega/scene/path.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {

inline constexpr double kFarthest = 1e6;    // Pixels; coordinates beyond are left to cairo, which cuts them.
inline constexpr double kTolerance = 0.05;  // How far a flattened curve may be from the true one, in pixels.

struct Affine {
  double xx = 1, yx = 0, xy = 0, yy = 1, x0 = 0, y0 = 0;  // x' = xx x + xy y + x0; y' = yx x + yy y + y0.
};
struct PixelPoint {
  double x, y;
};

// Into how many pieces a curve is cut whose control points bend by the root of `bend_squared`: the error falls with the
// number squared. Letters need one to three, found without roots.
inline int pieces_of(double bend_squared, double per_piece) {
  double const unit = per_piece * per_piece;
  for (int n = 1; n <= 4; ++n)
    if (bend_squared <= unit * (n * n * n * n)) return n;
  return whole(std::ceil(std::sqrt(std::sqrt(bend_squared) / per_piece)), 1, 200);
}
// Into how many chords an arc of `sweep` radians is cut: the height of a chord's segment is r (1 - cos(step / 2)).
inline int chords_of(double sweep, double radius) {
  double const step = radius > kTolerance ? 2 * std::acos(1 - kTolerance / radius) : kPi;
  return whole(std::ceil(std::fabs(sweep) / step), 1, 2000);
}

// Out has begin_outline(), end_outline() (before the next begins) and edge_to(point, smooth), which moves at_;
// `smooth`: a curve goes on there. leave_along(b, c, d) and arrive_along(b, c, d) stand for a curve's tangents, which
// its chords do not show: it begins from at_ towards b (or c or d, where they are one), and ends at d coming from c (or
// b).
template <class Out>
class Flattener : public PathSink {
 public:
  void move_to(double x, double y) override {
    out().end_outline();
    at_ = first_ = device(x, y);
    open_ = true;
    out().begin_outline();
  }
  void line_to(double x, double y) override {
    if (!open_) return move_to(x, y);
    out().edge_to(device(x, y), false);
  }
  void quad_to(double x1, double y1, double x, double y) override {
    if (!open_) move_to(x1, y1);
    PixelPoint const a = at_, b = device(x1, y1), c = device(x, y);
    // A parabola cut into n is at most |a - 2b + c| / 4n^2 from its chords.
    int const n = pieces_of(squared(a.x - 2 * b.x + c.x, a.y - 2 * b.y + c.y), 4 * kTolerance);
    out().leave_along(b, b, c);
    for (int i = 1; i < n; ++i) {
      double const t = static_cast<double>(i) / n, s = 1 - t;
      out().edge_to({s * s * a.x + 2 * s * t * b.x + t * t * c.x, s * s * a.y + 2 * s * t * b.y + t * t * c.y}, true);
    }
    out().arrive_along(b, b, c);
    out().edge_to(c, false);
  }
  void curve_to(double x1, double y1, double x2, double y2, double x, double y) override {
    if (!open_) move_to(x1, y1);
    PixelPoint const a = at_, b = device(x1, y1), c = device(x2, y2), d = device(x, y);
    // The second derivative is at most 6 max(|a - 2b + c|, |b - 2c + d|), and a chord's distance an eighth of it over
    // n^2.
    double const bend =
        std::max(squared(a.x - 2 * b.x + c.x, a.y - 2 * b.y + c.y), squared(b.x - 2 * c.x + d.x, b.y - 2 * c.y + d.y));
    int const n = pieces_of(bend, kTolerance / 0.75);
    out().leave_along(b, c, d);
    for (int i = 1; i < n; ++i) {
      double const t = static_cast<double>(i) / n, s = 1 - t, u = s * s * s, v = 3 * s * s * t, w = 3 * s * t * t,
                   z = t * t * t;
      out().edge_to({u * a.x + v * b.x + w * c.x + z * d.x, u * a.y + v * b.y + w * c.y + z * d.y}, true);
    }
    out().arrive_along(b, c, d);
    out().edge_to(d, false);
  }
  void arc(double cx, double cy, double r, double a0, double a1, bool counter_clockwise) override {
    constexpr double kTurn = 2 * kPi;
    // As canvas: the end is brought to the right side of the start; more than a turn is one.
    double sweep = counter_clockwise ? a0 - a1 : a1 - a0;
    if (sweep < 0) sweep += std::ceil(-sweep / kTurn) * kTurn;
    sweep = std::min(sweep, kTurn) * (counter_clockwise ? -1 : 1);
    auto const on_circle = [&](double angle) { return PixelPoint{cx + r * std::cos(angle), cy + r * std::sin(angle)}; };
    auto const begin = on_circle(a0);
    line_to(begin.x, begin.y);
    int const n = chords_of(sweep, std::fabs(r) * std::sqrt(std::fabs(m_.xx * m_.yy - m_.xy * m_.yx)));
    for (int i = 1; i <= n; ++i) {
      auto const p = on_circle(a0 + sweep * i / n);
      out().edge_to(device(p.x, p.y), i < n);
    }
  }
  void rect(double x, double y, double width, double height) override {
    move_to(x, y);
    out().edge_to(device(x + width, y), false);
    out().edge_to(device(x + width, y + height), false);
    out().edge_to(device(x, y + height), false);
    out().close();
    open_ = true;
  }

 protected:
  void restart(Affine const& to_device) {
    m_ = to_device;
    open_ = false;
  }
  PixelPoint device(double x, double y) const { return {m_.xx * x + m_.xy * y + m_.x0, m_.yx * x + m_.yy * y + m_.y0}; }
  PixelPoint at_{0, 0}, first_{0, 0};
  bool open_ = false;

 private:
  static double squared(double x, double y) { return x * x + y * y; }
  Out& out() { return static_cast<Out&>(*this); }
  Affine m_;
};

}  // namespace cml::vega
