#include "vega/render/canvas_style.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vega/value/numbers.hpp"

namespace cml::vega {

cairo_operator_t blend_operator(std::string_view name) {
  static constexpr std::pair<std::string_view, cairo_operator_t> kModes[] = {
      {"multiply", CAIRO_OPERATOR_MULTIPLY},         {"screen", CAIRO_OPERATOR_SCREEN},
      {"overlay", CAIRO_OPERATOR_OVERLAY},           {"darken", CAIRO_OPERATOR_DARKEN},
      {"lighten", CAIRO_OPERATOR_LIGHTEN},           {"color-dodge", CAIRO_OPERATOR_COLOR_DODGE},
      {"color-burn", CAIRO_OPERATOR_COLOR_BURN},     {"hard-light", CAIRO_OPERATOR_HARD_LIGHT},
      {"soft-light", CAIRO_OPERATOR_SOFT_LIGHT},     {"difference", CAIRO_OPERATOR_DIFFERENCE},
      {"exclusion", CAIRO_OPERATOR_EXCLUSION},       {"hue", CAIRO_OPERATOR_HSL_HUE},
      {"saturation", CAIRO_OPERATOR_HSL_SATURATION}, {"color", CAIRO_OPERATOR_HSL_COLOR},
      {"luminosity", CAIRO_OPERATOR_HSL_LUMINOSITY}};
  for (auto const& [key, mode] : kModes)
    if (key == name) return mode;
  return CAIRO_OPERATOR_OVER;
}

StrokeStyle stroke_style(Mark const& m, std::size_t i) {
  StrokeStyle style;
  style.width = m.number(Ch::StrokeWidth, i, 1);
  if (!(style.width > 0)) style.width = 0;
  if (m[Ch::StrokeCap].present()) {
    auto const cap = m.value(Ch::StrokeCap, i).string_or("");
    style.cap = cap == "round" ? StrokeCap::Round : cap == "square" ? StrokeCap::Square : StrokeCap::Butt;
  }
  if (m[Ch::StrokeJoin].present()) {
    auto const join = m.value(Ch::StrokeJoin, i).string_or("");
    style.join = join == "round" ? StrokeJoin::Round : join == "bevel" ? StrokeJoin::Bevel : StrokeJoin::Miter;
  }
  style.miter_limit = m.number(Ch::StrokeMiterLimit, i, 4);
  if (!m[Ch::StrokeDash].present()) return style;
  double total = 0;
  bool valid = true;
  for (auto const& d : m.value(Ch::StrokeDash, i).items()) {
    double const length = d.to_number();
    valid = valid && length >= 0;
    style.dashes.push_back(length);
    total += length;
  }
  if (!valid || !(total > 0) || !std::isfinite(total)) style.dashes.clear();
  if (!style.dashes.empty()) style.dash_offset = or_zero(m.number(Ch::StrokeDashOffset, i, 0));
  return style;
}

SolidColor solid_color(Rgb const& rgb, double alpha) {
  auto const channel = [](double v) { return std::isnan(v) ? 0 : std::clamp(v, 0.0, 255.0) / 255; };
  return {channel(rgb.r), channel(rgb.g), channel(rgb.b), std::min(alpha * rgb.opacity, 1.0)};
}

cairo_pattern_t* gradient_pattern(Value const& g, double alpha, Bounds const& box) {
  auto const at = [&](char const* key, double fallback) { return g[key].is_nullish() ? fallback : g[key].to_number(); };
  double const w = box.width(), h = box.height();
  cairo_pattern_t* pattern = nullptr;
  if (g["gradient"].string_or("") == "radial") {
    double const r = std::max(w, h);
    pattern = cairo_pattern_create_radial(box.x1 + at("x1", 0.5) * w, box.y1 + at("y1", 0.5) * h, r * at("r1", 0),
                                          box.x1 + at("x2", 0.5) * w, box.y1 + at("y2", 0.5) * h, r * at("r2", 0.5));
  } else {
    pattern = cairo_pattern_create_linear(at("x1", 0), at("y1", 0), at("x2", 1), at("y2", 0));
    // Coordinates are fractions of the box, also across its diagonal.
    if (w != 0 && h != 0) {
      cairo_matrix_t matrix;
      cairo_matrix_init(&matrix, 1 / w, 0, 0, 1 / h, -box.x1 / w, -box.y1 / h);
      cairo_pattern_set_matrix(pattern, &matrix);
    }
  }
  for (auto const& stop : g["stops"].items()) {
    auto const c = parse_color(stop["color"].string_or("black"));
    if (c)
      cairo_pattern_add_color_stop_rgba(pattern, stop["offset"].to_number(), c->r / 255, c->g / 255, c->b / 255,
                                        c->opacity * alpha);
  }
  return pattern;
}

void set_stroke_style(cairo_t* cr, StrokeStyle const& style) {
  cairo_set_line_width(cr, style.width);
  cairo_set_line_cap(cr, style.cap == StrokeCap::Round    ? CAIRO_LINE_CAP_ROUND
                         : style.cap == StrokeCap::Square ? CAIRO_LINE_CAP_SQUARE
                                                          : CAIRO_LINE_CAP_BUTT);
  cairo_set_line_join(cr, style.join == StrokeJoin::Round   ? CAIRO_LINE_JOIN_ROUND
                          : style.join == StrokeJoin::Bevel ? CAIRO_LINE_JOIN_BEVEL
                                                            : CAIRO_LINE_JOIN_MITER);
  cairo_set_miter_limit(cr, style.miter_limit);
  cairo_set_dash(cr, style.dashes.data(), static_cast<int>(style.dashes.size()), style.dash_offset);
}

}  // namespace cml::vega
