// Colours: rgb, hsl, lab and hcl make objects of channels (d3-color); where text is wanted they print as rgb(...).
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/value/color.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

// A colour object or text as RGB; all channels NaN when it is no colour.
Rgb rgb_of(Value const& v) {
  auto const n = [&v](char const* key) { return v[key].to_number(); };
  if (v.has("r") && v.has("g")) return {n("r"), n("g"), n("b"), n("opacity")};
  if (v.has("s")) return to_rgb(Hsl{n("h"), n("s"), n("l"), n("opacity")});
  if (v.has("a")) return to_rgb(Lab{n("l"), n("a"), n("b"), n("opacity")});
  if (v.has("c")) return to_rgb(Hcl{n("h"), n("c"), n("l"), n("opacity")});
  auto const parsed = parse_color(js_string(v));
  return parsed ? *parsed : Rgb{kNaN, kNaN, kNaN, kNaN};
}
Value object(char const* a, double x, char const* b, double y, char const* c, double z, double opacity) {
  return Value::object({{a, x}, {b, y}, {c, z}, {"opacity", opacity}});
}
double opacity_of(Call const& c) { return c[3].is_nullish() ? 1 : c.number(3); }
bool same_space(Value const& v, char const* a, char const* b) {
  return v.is_object() && v.size() == 4 && v.has(a) && v.has(b);
}

Value rgb(Call const& c) {
  if (c.size() != 1) return object("r", c.number(0), "g", c.number(1), "b", c.number(2), opacity_of(c));
  auto const k = rgb_of(c[0]);
  return object("r", k.r, "g", k.g, "b", k.b, k.opacity);
}
Value hsl(Call const& c) {
  if (c.size() != 1) return object("h", c.number(0), "s", c.number(1), "l", c.number(2), opacity_of(c));
  if (same_space(c[0], "h", "s")) return c[0];
  auto const k = to_hsl(rgb_of(c[0]));
  return object("h", k.h, "s", k.s, "l", k.l, k.opacity);
}
Value lab(Call const& c) {
  if (c.size() != 1) return object("l", c.number(0), "a", c.number(1), "b", c.number(2), opacity_of(c));
  if (same_space(c[0], "a", "b")) return c[0];
  auto const k = to_lab(rgb_of(c[0]));
  return object("l", k.l, "a", k.a, "b", k.b, k.opacity);
}
Value hcl(Call const& c) {
  if (c.size() != 1) return object("h", c.number(0), "c", c.number(1), "l", c.number(2), opacity_of(c));
  if (same_space(c[0], "h", "c")) return c[0];
  auto const k = to_hcl(rgb_of(c[0]));
  return object("h", k.h, "c", k.c, "l", k.l, k.opacity);
}
Value contrast(Call const& c) {
  double const a = luminance(rgb_of(c[0])), b = luminance(rgb_of(c[1]));
  return (std::fmax(a, b) + 0.05) / (std::fmin(a, b) + 0.05);
}

constexpr FunctionType kColors[] = {
    {"rgb", 1, -1, rgb},
    {"hsl", 1, -1, hsl},
    {"lab", 1, -1, lab},
    {"hcl", 1, -1, hcl},
    {"luminance", 1, -1, [](Call const& c) -> Value { return luminance(rgb_of(c[0])); }},
    {"contrast", 2, -1, contrast},
};

}  // namespace

std::span<FunctionType const> color_functions() { return kColors; }

}  // namespace cml::vega
