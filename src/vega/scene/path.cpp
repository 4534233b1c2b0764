#include "vega/scene/path.hpp"

#include <cmath>

#include "vega/value/numbers.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {
namespace {
constexpr double kArcEpsilon = 1e-6;
}

std::string svg_number(double value) {
  if (!std::isfinite(value)) return "0";
  double const rounded = std::floor(std::fabs(value) * 1000 + 0.5) / 1000;
  return number_to_string(value < 0 && rounded != 0 ? -rounded : rounded);
}

// --- SvgPathSink ----------------------------------------------------------------------------------------------

void SvgPathSink::point(char command, double x, double y) {
  out_ += command;
  out_ += svg_number(x) + "," + svg_number(y);
}
void SvgPathSink::move_to(double x, double y) {
  point('M', x0_ = x_ = x, y0_ = y_ = y);
  started_ = true;
}
void SvgPathSink::line_to(double x, double y) {
  point('L', x_ = x, y_ = y);
  started_ = true;
}
void SvgPathSink::curve_to(double x1, double y1, double x2, double y2, double x, double y) {
  point('C', x1, y1);
  point(',', x2, y2);
  point(',', x_ = x, y_ = y);
}
void SvgPathSink::quad_to(double x1, double y1, double x, double y) {
  point('Q', x1, y1);
  point(',', x_ = x, y_ = y);
}
void SvgPathSink::rect(double x, double y, double width, double height) {
  point('M', x0_ = x_ = x, y0_ = y_ = y);
  started_ = true;
  out_ += "h" + svg_number(width) + "v" + svg_number(height) + "h" + svg_number(-width) + "Z";
}
void SvgPathSink::close() {
  if (!started_) return;
  x_ = x0_, y_ = y0_;
  out_ += 'Z';
}
void SvgPathSink::arc(double cx, double cy, double r, double a0, double a1, bool ccw) {
  double const dx = r * std::cos(a0), dy = r * std::sin(a0), x0 = cx + dx, y0 = cy + dy;
  int const cw = ccw ? 0 : 1;
  double da = ccw ? a0 - a1 : a1 - a0;
  if (!started_)
    move_to(x0, y0);
  else if (std::fabs(x_ - x0) > kArcEpsilon || std::fabs(y_ - y0) > kArcEpsilon)
    point('L', x0, y0);
  if (r == 0) return;
  if (da < 0) da = std::fmod(da, kTau) + kTau;
  auto const radius = svg_number(r);
  auto const piece = [&](int large, double x, double y) {
    out_ += "A" + radius + "," + radius + ",0," + std::to_string(large) + "," + std::to_string(cw);
    point(',', x, y);
  };
  if (da > kTau - kArcEpsilon) {
    piece(1, cx - dx, cy - dy);
    piece(1, x_ = x0, y_ = y0);
  } else if (da > kArcEpsilon) {
    piece(da >= kPi ? 1 : 0, x_ = cx + r * std::cos(a1), y_ = cy + r * std::sin(a1));
  }
}

// --- BoundsSink -----------------------------------------------------------------------------------------------

BoundsSink::BoundsSink(double angle_degrees) {
  if (angle_degrees != 0 && !std::isnan(angle_degrees)) {
    turn_ = angle_degrees * kPi / 180;
    ma_ = md_ = std::cos(turn_);
    mb_ = std::sin(turn_);
    mc_ = -mb_;
  }
}
void BoundsSink::move_to(double x, double y) { bounds_.add(lx_ = px(x, y), ly_ = py(x, y)); }
void BoundsSink::rect(double x, double y, double width, double height) {
  for (double ax : {x + width, x})
    for (double ay : {y + height, y}) bounds_.add(px(ax, ay), py(ax, ay));
  lx_ = px(x, y), ly_ = py(x, y);
}
void BoundsSink::quad_to(double x1, double y1, double x, double y) {
  double const qx = px(x1, y1), qy = py(x1, y1), ex = px(x, y), ey = py(x, y);
  // Vega samples the control polygon at the extremum's parameter, not the curve itself; kept for equal boxes.
  auto const extremum = [](double p0, double p1, double p2, auto add) {
    double const t = (p0 - p1) / (p0 + p2 - 2 * p1);
    if (0 < t && t < 1) add(p0 + (p1 - p0) * t);
  };
  extremum(lx_, qx, ex, [this](double v) { bounds_.add(v, bounds_.y1); });
  extremum(ly_, qy, ey, [this](double v) { bounds_.add(bounds_.x1, v); });
  bounds_.add(lx_ = ex, ly_ = ey);
}
void BoundsSink::curve_to(double x1, double y1, double x2, double y2, double x, double y) {
  auto const extrema = [](double p0, double p1, double p2, double p3, auto add) {
    double const a = p3 - p0 + 3 * p1 - 3 * p2, b = p0 + p2 - 2 * p1, c = p0 - p1;
    double t0 = 0, t1 = 0;
    if (std::fabs(a) > 1e-14) {
      double r = b * b + c * a;
      if (r >= 0) {
        r = std::sqrt(r);
        t0 = (-b + r) / a;
        t1 = (-b - r) / a;
      }
    } else {
      t0 = 0.5 * c / b;
    }
    for (double t : {t0, t1})
      if (0 < t && t < 1) {
        double const s = 1 - t;
        add(s * s * s * p0 + 3 * s * s * t * p1 + 3 * s * t * t * p2 + t * t * t * p3);
      }
  };
  double const ax = px(x1, y1), ay = py(x1, y1), bx = px(x2, y2), by = py(x2, y2), ex = px(x, y), ey = py(x, y);
  extrema(lx_, ax, bx, ex, [this](double v) { bounds_.add(v, bounds_.y1); });
  extrema(ly_, ay, by, ey, [this](double v) { bounds_.add(bounds_.x1, v); });
  bounds_.add(lx_ = ex, ly_ = ey);
}
void BoundsSink::arc(double cx, double cy, double r, double a0, double a1, bool ccw) {
  double sa = a0 + turn_, ea = a1 + turn_;
  lx_ = r * std::cos(ea) + cx;
  ly_ = r * std::sin(ea) + cy;
  if (std::fabs(ea - sa) > kTau - 1e-8) {
    bounds_.add(cx - r, cy - r).add(cx + r, cy + r);
    return;
  }
  auto const update = [&](double a) { bounds_.add(r * std::cos(a) + cx, r * std::sin(a) + cy); };
  update(sa);
  update(ea);
  if (ea == sa) return;
  sa = std::fmod(sa, kTau);
  if (sa < 0) sa += kTau;
  ea = std::fmod(ea, kTau);
  if (ea < 0) ea += kTau;
  if (ea < sa) {
    ccw = !ccw;
    std::swap(sa, ea);
  }
  double const half = kPi / 2;
  if (ccw) {
    ea -= kTau;
    double s = sa - std::fmod(sa, half);
    for (int i = 0; i < 4 && s > ea; ++i, s -= half) update(s);
  } else {
    double s = sa - std::fmod(sa, half) + half;
    for (int i = 0; i < 4 && s < ea; ++i, s += half) update(s);
  }
}

}  // namespace cml::vega
