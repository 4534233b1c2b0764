#include "vega/scene/shapes.hpp"

#include <cmath>
#include <unordered_map>

#include "vega/scene/curves.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/outline.hpp"

namespace cml::vega {
namespace {

constexpr double kEpsilon = 1e-12;
constexpr double kTan30 = 0.5773502691896257, kHalfSqrt3 = 0.8660254037844386;

void polygon(PathSink& sink, std::initializer_list<std::pair<double, double>> points) {
  bool first = true;
  for (auto const& [x, y] : points) {
    first ? sink.move_to(x, y) : sink.line_to(x, y);
    first = false;
  }
  sink.close();
}

// --- Arc (d3-shape arc) -----------------------------------------------------------------------------------------

struct Tangent {
  double cx, cy, x01, y01, x11, y11;
};
Tangent corner(double x0, double y0, double x1, double y1, double r1, double rc, bool cw) {
  double const x01 = x0 - x1, y01 = y0 - y1, lo = (cw ? rc : -rc) / std::sqrt(x01 * x01 + y01 * y01), ox = lo * y01,
               oy = -lo * x01;
  double const x11 = x0 + ox, y11 = y0 + oy, x10 = x1 + ox, y10 = y1 + oy, x00 = (x11 + x10) / 2, y00 = (y11 + y10) / 2;
  double const dx = x10 - x11, dy = y10 - y11, d2 = dx * dx + dy * dy, r = r1 - rc, big = x11 * y10 - x10 * y11;
  double const d = (dy < 0 ? -1 : 1) * std::sqrt(std::max(0.0, r * r * d2 - big * big));
  double cx = (big * dy - dx * d) / d2, cy = (-big * dx - dy * d) / d2;
  double const cx1 = (big * dy + dx * d) / d2, cy1 = (-big * dx + dy * d) / d2;
  double const dx0 = cx - x00, dy0 = cy - y00, dx1 = cx1 - x00, dy1 = cy1 - y00;
  if (dx0 * dx0 + dy0 * dy0 > dx1 * dx1 + dy1 * dy1) cx = cx1, cy = cy1;
  return {cx, cy, -ox, -oy, cx * (r1 / r - 1), cy * (r1 / r - 1)};
}
double safe_asin(double x) { return x >= 1 ? kPi / 2 : x <= -1 ? -kPi / 2 : std::asin(x); }

void trace_arc(Mark const& mark, std::size_t i, PathSink& sink) {
  double r0 = mark.number(Ch::InnerRadius, i), r1 = mark.number(Ch::OuterRadius, i);
  double const a0 = mark.number(Ch::StartAngle, i) - kPi / 2, a1 = mark.number(Ch::EndAngle, i) - kPi / 2;
  double const da = std::fabs(a1 - a0);
  bool const cw = a1 > a0;
  if (r1 < r0) std::swap(r0, r1);
  if (!(r1 > kEpsilon)) {
    sink.move_to(0, 0);
  } else if (da > kTau - kEpsilon) {
    sink.move_to(r1 * std::cos(a0), r1 * std::sin(a0));
    sink.arc(0, 0, r1, a0, a1, !cw);
    if (r0 > kEpsilon) {
      sink.move_to(r0 * std::cos(a1), r0 * std::sin(a1));
      sink.arc(0, 0, r0, a1, a0, cw);
    }
  } else {
    double a01 = a0, a11 = a1, a00 = a0, a10 = a1, da0 = da, da1 = da;
    double const ap = mark.number(Ch::PadAngle, i) / 2, rp = ap > kEpsilon ? std::sqrt(r0 * r0 + r1 * r1) : 0;
    double const rc = std::min(std::fabs(r1 - r0) / 2, mark.number(Ch::CornerRadius, i));
    double rc0 = rc, rc1 = rc;
    if (rp > kEpsilon) {
      double p0 = safe_asin(rp / r0 * std::sin(ap)), p1 = safe_asin(rp / r1 * std::sin(ap));
      if ((da0 -= p0 * 2) > kEpsilon)
        p0 *= cw ? 1 : -1, a00 += p0, a10 -= p0;
      else
        da0 = 0, a00 = a10 = (a0 + a1) / 2;
      if ((da1 -= p1 * 2) > kEpsilon)
        p1 *= cw ? 1 : -1, a01 += p1, a11 -= p1;
      else
        da1 = 0, a01 = a11 = (a0 + a1) / 2;
    }
    double const x01 = r1 * std::cos(a01), y01 = r1 * std::sin(a01), x10 = r0 * std::cos(a10), y10 = r0 * std::sin(a10);
    double x11 = 0, y11 = 0, x00 = 0, y00 = 0;
    if (rc > kEpsilon) {
      x11 = r1 * std::cos(a11), y11 = r1 * std::sin(a11), x00 = r0 * std::cos(a00), y00 = r0 * std::sin(a00);
      if (da < kPi) {
        double const ex = x00 - x01, ey = y00 - y01, fx = x10 - x11, fy = y10 - y11, t = fy * ex - fx * ey;
        if (t * t >= kEpsilon) {
          double const k = (fx * (y01 - y11) - fy * (x01 - x11)) / t, ox = x01 + k * ex, oy = y01 + k * ey;
          double const ax = x01 - ox, ay = y01 - oy, bx = x11 - ox, by = y11 - oy;
          double const cosine = (ax * bx + ay * by) / (std::sqrt(ax * ax + ay * ay) * std::sqrt(bx * bx + by * by));
          double const kc = 1 / std::sin((cosine > 1    ? 0
                                          : cosine < -1 ? kPi
                                                        : std::acos(cosine)) /
                                         2),
                       lc = std::sqrt(ox * ox + oy * oy);
          rc0 = std::min(rc, (r0 - lc) / (kc - 1));
          rc1 = std::min(rc, (r1 - lc) / (kc + 1));
        } else {
          rc0 = rc1 = 0;
        }
      }
    }
    auto const angle = [](double y, double x) { return std::atan2(y, x); };
    if (!(da1 > kEpsilon)) {
      sink.move_to(x01, y01);
    } else if (rc1 > kEpsilon) {
      Tangent const t0 = corner(x00, y00, x01, y01, r1, rc1, cw), t1 = corner(x11, y11, x10, y10, r1, rc1, cw);
      sink.move_to(t0.cx + t0.x01, t0.cy + t0.y01);
      if (rc1 < rc) {
        sink.arc(t0.cx, t0.cy, rc1, angle(t0.y01, t0.x01), angle(t1.y01, t1.x01), !cw);
      } else {
        sink.arc(t0.cx, t0.cy, rc1, angle(t0.y01, t0.x01), angle(t0.y11, t0.x11), !cw);
        sink.arc(0, 0, r1, angle(t0.cy + t0.y11, t0.cx + t0.x11), angle(t1.cy + t1.y11, t1.cx + t1.x11), !cw);
        sink.arc(t1.cx, t1.cy, rc1, angle(t1.y11, t1.x11), angle(t1.y01, t1.x01), !cw);
      }
    } else {
      sink.move_to(x01, y01);
      sink.arc(0, 0, r1, a01, a11, !cw);
    }
    if (!(r0 > kEpsilon) || !(da0 > kEpsilon)) {
      sink.line_to(x10, y10);
    } else if (rc0 > kEpsilon) {
      Tangent const t0 = corner(x10, y10, x11, y11, r0, -rc0, cw), t1 = corner(x01, y01, x00, y00, r0, -rc0, cw);
      sink.line_to(t0.cx + t0.x01, t0.cy + t0.y01);
      if (rc0 < rc) {
        sink.arc(t0.cx, t0.cy, rc0, angle(t0.y01, t0.x01), angle(t1.y01, t1.x01), !cw);
      } else {
        sink.arc(t0.cx, t0.cy, rc0, angle(t0.y01, t0.x01), angle(t0.y11, t0.x11), !cw);
        sink.arc(0, 0, r0, angle(t0.cy + t0.y11, t0.cx + t0.x11), angle(t1.cy + t1.y11, t1.cx + t1.x11), cw);
        sink.arc(t1.cx, t1.cy, rc0, angle(t1.y11, t1.x11), angle(t1.y01, t1.x01), !cw);
      }
    } else {
      sink.arc(0, 0, r0, a10, a00, cw);
    }
  }
  sink.close();
}

// --- Rectangle with corner radii --------------------------------------------------------------------------------

void trace_rectangle(Mark const& mark, std::size_t i, double x, double y, PathSink& sink) {
  double const w = mark.number(Ch::Width, i), h = mark.number(Ch::Height, i);
  double const all = mark.number(Ch::CornerRadius, i), most = std::min(w, h) / 2;
  auto const radius = [&](Ch c) {
    double const r = mark.number(c, i, all);
    return std::isnan(r) ? 0 : std::max(0.0, std::min(most, r));
  };
  double const tl = radius(Ch::CornerRadiusTopLeft), tr = radius(Ch::CornerRadiusTopRight),
               br = radius(Ch::CornerRadiusBottomRight), bl = radius(Ch::CornerRadiusBottomLeft);
  if (tl <= 0 && tr <= 0 && bl <= 0 && br <= 0) return sink.rect(x, y, w, h);
  constexpr double c = 0.448084975506;  // 1 - kappa of a quarter circle.
  double const x2 = x + w, y2 = y + h;
  sink.move_to(x + tl, y);
  sink.line_to(x2 - tr, y);
  sink.curve_to(x2 - c * tr, y, x2, y + c * tr, x2, y + tr);
  sink.line_to(x2, y2 - br);
  sink.curve_to(x2, y2 - c * br, x2 - c * br, y2, x2 - br, y2);
  sink.line_to(x + bl, y2);
  sink.curve_to(x + c * bl, y2, x, y2 - c * bl, x, y2 - bl);
  sink.line_to(x, y + tl);
  sink.curve_to(x, y + c * tl, x + c * tl, y, x + tl, y);
  sink.close();
}

bool trace_text(std::string_view text, PathSink& sink, double sx, double sy) {
  bool ok = false;
  auto const path = parse_path(text, ok);
  if (ok) draw_path(sink, path, 0, 0, sx, sy);
  return ok;
}
// `data` is path text or an outline; false: it is neither, or malformed.
bool trace_data(Value const& data, PathSink& sink, double sx, double sy) {
  auto const* outline = data.outline();
  if (!outline) return data.is_string() && trace_text(data.string(), sink, sx, sy);
  if (!outline->finite()) return false;
  draw_outline(sink, *outline, sx, sy);
  return true;
}

// --- Line, area, trail ------------------------------------------------------------------------------------------

bool defined_at(Mark const& mark, std::size_t i) {
  auto const& channel = mark[Ch::Defined];
  if (!channel.present()) return true;
  Value const v = channel.at(i);
  return !(v.is_boolean() && !v.boolean());
}
bool all_defined(Mark const& mark) {
  auto const& channel = mark[Ch::Defined];
  if (!channel.present() || channel.constant()) return !channel.present() || defined_at(mark, 0);
  auto const& column = *channel.column();
  if (column.kind() != Column::Kind::Boolean) return false;
  for (double d : column.numbers())
    if (d == 0) return false;
  return true;
}

std::unique_ptr<Curve> curve_of(Mark const& mark, PathSink& sink) {
  bool const horizontal = mark.value(Ch::Orient, 0).string_or("vertical") == "horizontal";
  Value const tension = mark.value(Ch::Tension, 0);
  auto curve = make_curve(mark.value(Ch::Interpolate, 0).string_or("linear"), horizontal,
                          tension.is_nullish() ? std::nan("") : tension.to_number(), sink);
  return curve ? std::move(curve) : make_curve("linear", false, std::nan(""), sink);
}

void trace_line(Mark const& mark, PathSink& sink) {
  auto const curve = curve_of(mark, sink);
  bool on = false;
  bool const always = all_defined(mark);
  for (std::size_t i = 0; i <= mark.count; ++i) {
    bool const here = i < mark.count && (always || defined_at(mark, i));
    if (here != on) {
      on = here;
      on ? curve->line_start() : curve->line_end();
    }
    if (on) curve->point(or_zero(mark.number(Ch::X, i)), or_zero(mark.number(Ch::Y, i)));
  }
}

void trace_area(Mark const& mark, PathSink& sink) {
  auto const curve = curve_of(mark, sink);
  bool const horizontal = mark.value(Ch::Orient, 0).string_or("") == "horizontal";
  bool on = false;
  bool const always = all_defined(mark);
  std::vector<std::pair<double, double>> back;
  for (std::size_t i = 0; i <= mark.count; ++i) {
    bool const here = i < mark.count && (always || defined_at(mark, i));
    if (here != on) {
      on = here;
      if (on) {
        back.clear();
        curve->area_start();
        curve->line_start();
      } else {
        curve->line_end();
        curve->line_start();
        for (std::size_t k = back.size(); k-- > 0;) curve->point(back[k].first, back[k].second);
        curve->line_end();
        curve->area_end();
      }
    }
    if (!on) continue;
    double const x = or_zero(mark.number(Ch::X, i)), y = or_zero(mark.number(Ch::Y, i));
    if (horizontal) {
      back.emplace_back(x + or_zero(mark.number(Ch::Width, i)), y);
      curve->point(x, y);
    } else {
      back.emplace_back(x, y + or_zero(mark.number(Ch::Height, i)));
      curve->point(x, y);
    }
  }
}

void trace_trail(Mark const& mark, PathSink& sink) {
  each_trail_piece(mark, [&](TrailPiece const& p) {
    double ux = p.y1 - p.y2, uy = p.x2 - p.x1;
    if (ux != 0 || uy != 0) {
      // By a root, which is the same on every machine; hypot of glibc is not.
      double const length = std::sqrt(ux * ux + uy * uy), rx = (ux /= length) * p.r1, ry = (uy /= length) * p.r1,
                   t = std::atan2(uy, ux);
      sink.move_to(p.x1 - rx, p.y1 - ry);
      sink.line_to(p.x2 - ux * p.r2, p.y2 - uy * p.r2);
      sink.arc(p.x2, p.y2, p.r2, t - kPi, t, false);
      sink.line_to(p.x1 + rx, p.y1 + ry);
      sink.arc(p.x1, p.y1, p.r1, t, t + kPi, false);
    } else {
      sink.arc(p.x2, p.y2, p.r2, 0, kTau, false);
    }
    sink.close();
  });
}

}  // namespace

void each_trail_piece(Mark const& mark, std::function<void(TrailPiece const&)> const& each) {
  bool ready = false;
  TrailPiece piece{};
  bool const always = all_defined(mark);
  for (std::size_t i = 0; i < mark.count; ++i) {
    if (!always && !defined_at(mark, i)) {
      ready = false;
      continue;
    }
    double size = mark.number(Ch::Size, i, 1);
    if (size == 0 || std::isnan(size)) size = 1;
    piece = {piece.x2, piece.y2, piece.r2, mark.number(Ch::X, i), mark.number(Ch::Y, i), size / 2};
    if (ready) each(piece);
    ready = true;
  }
}

void trace_symbol(std::string_view shape, double size, PathSink& sink) {
  double const r = std::sqrt(size) / 2, h = kHalfSqrt3 * r, o = h - r * kTan30;
  if (shape == "circle") {
    sink.move_to(r, 0);
    sink.arc(0, 0, r, 0, kTau, false);
  } else if (shape == "cross") {
    double const s = r / 2.5;
    polygon(
        sink,
        {{-r, -s}, {-r, s}, {-s, s}, {-s, r}, {s, r}, {s, s}, {r, s}, {r, -s}, {s, -s}, {s, -r}, {-s, -r}, {-s, -s}});
  } else if (shape == "diamond") {
    polygon(sink, {{-r, 0}, {0, -r}, {r, 0}, {0, r}});
  } else if (shape == "square") {
    sink.rect(-r, -r, 2 * r, 2 * r);
  } else if (shape == "arrow") {
    double const s = r / 7, t = r / 2.5, v = r / 8;
    polygon(sink, {{-s, r}, {s, r}, {s, -v}, {t, -v}, {0, -r}, {-t, -v}, {-s, -v}});
  } else if (shape == "wedge") {
    double const b = r / 4;
    polygon(sink, {{0, -h - o}, {-b, h - o}, {b, h - o}});
  } else if (shape == "triangle") {
    polygon(sink, {{0, -h - o}, {-r, h - o}, {r, h - o}});
  } else if (shape == "triangle-up") {
    polygon(sink, {{0, -h}, {-r, h}, {r, h}});
  } else if (shape == "triangle-down") {
    polygon(sink, {{0, h}, {-r, -h}, {r, -h}});
  } else if (shape == "triangle-right") {
    polygon(sink, {{h, 0}, {-h, -r}, {-h, r}});
  } else if (shape == "triangle-left") {
    polygon(sink, {{-h, 0}, {h, -r}, {h, r}});
  } else if (shape == "stroke") {
    sink.move_to(-r, 0);
    sink.line_to(r, 0);
  } else {
    trace_text(shape, sink, r, r);
  }
}

double group_stroke_offset(Mark const& group, std::size_t item) {
  Value const offset = group.value(Ch::StrokeOffset, item);
  if (!offset.is_nullish()) return offset.to_number();
  double const width = group.number(Ch::StrokeWidth, item, 1);
  return group.value(Ch::Stroke, item).truthy() && width > 0.5 && width < 1.5 ? 0.5 - std::fabs(width - 1) : 0;
}
bool has_corner_radius(Mark const& mark, std::size_t item) {
  for (Ch c : {Ch::CornerRadius, Ch::CornerRadiusTopLeft, Ch::CornerRadiusTopRight, Ch::CornerRadiusBottomRight,
               Ch::CornerRadiusBottomLeft})
    if (mark.number(c, item) != 0) return true;
  return false;
}
void trace_group(Mark const& group, std::size_t item, double x, double y, PathSink& sink) {
  trace_rectangle(group, item, x, y, sink);
}

bool trace_item(Mark const& mark, std::size_t item, PathSink& sink) {
  switch (mark.type) {
    case MarkType::Arc:
      trace_arc(mark, item, sink);
      return true;
    case MarkType::Rect:
      trace_rectangle(mark, item, mark.number(Ch::X, item), mark.number(Ch::Y, item), sink);
      return true;
    case MarkType::Symbol: {
      Value const shape = mark.value(Ch::Shape, item);
      trace_symbol(shape.is_string() && !shape.string().empty() ? shape.string() : "circle",
                   mark.number(Ch::Size, item, 64), sink);
      return true;
    }
    case MarkType::Shape:
      return trace_data(mark.value(Ch::Shape, item), sink, 1, 1);
    case MarkType::Path: {
      auto const scale = [&](Ch c) {
        double const s = mark.number(c, item, 1);
        return s == 0 ? 1 : s;
      };
      return trace_data(mark.value(Ch::Path, item), sink, scale(Ch::ScaleX), scale(Ch::ScaleY));
    }
    default:
      return false;
  }
}

void trace_nested(Mark const& mark, PathSink& sink) {
  if (mark.type == MarkType::Line)
    trace_line(mark, sink);
  else if (mark.type == MarkType::Area)
    trace_area(mark, sink);
  else if (mark.type == MarkType::Trail)
    trace_trail(mark, sink);
}

}  // namespace cml::vega
