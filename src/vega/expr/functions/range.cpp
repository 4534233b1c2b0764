// Numeric ranges: tests, interpolation, panning and zooming of domains (vega-util).
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

Value first(Value const& list) { return property_of(list, 0.0); }
Value last(Value const& list) {
  return list.size() ? property_of(list, static_cast<double>(list.size() - 1)) : Value();
}
Value pair(double a, double b) { return Value::array({a, b}); }

Value inrange(Call const& c) {
  auto low = first(c[1]), high = last(c[1]);
  if (js_less(high, low)) std::swap(low, high);
  bool const left = !c.given(2) || c[2].truthy(), right = !c.given(3) || c[3].truthy();
  return (left ? js_less_equal(low, c[0]) : js_less(low, c[0])) &&
         (right ? js_less_equal(c[0], high) : js_less(c[0], high));
}
Value lerp(Call const& c) {
  auto const low = first(c[0]), high = last(c[0]);
  if (high.is_undefined()) return low;
  double const f = c.number(1);
  if (f == 0 || std::isnan(f)) return low;
  if (f == 1) return high;
  return js_add(low, f * (high.to_number() - low.to_number()));
}
Value interpolate_linear(Call const& c) {
  if (!c[0].is_array() || !c[0].size()) return {};
  auto const& items = c[0].items();
  double const f = c.number(1);
  if (items.size() == 1 || !(f > 0)) return items[0];
  if (f >= 1) return items.back();
  double const position = f * static_cast<double>(items.size() - 1);
  auto const i = static_cast<std::size_t>(position);
  double const t = position - static_cast<double>(i);
  if (t == 0) return items[i];
  return js_add(items[i], t * (items[i + 1].to_number() - items[i].to_number()));
}
Value span(Call const& c) {
  double const n = is_list(c[0]) ? last(c[0]).to_number() - first(c[0]).to_number() : 0;
  return std::isnan(n) ? 0 : n;
}
Value clamp_range(Call const& c) {
  double low = first(c[0]).to_number(), high = property_of(c[0], 1.0).to_number();
  double const min = c.number(1), max = c.number(2);
  if (high < low) std::swap(low, high);
  double const width = high - low;
  if (width >= max - min) return pair(min, max);
  low = std::fmin(std::fmax(low, min), max - width);
  return pair(low, low + width);
}
Value flush(Call const& c) {
  auto const threshold = c[2];
  if (!threshold.truthy() && !(threshold.is_number() && threshold.number() == 0)) return c[5];
  auto const end = last(c[0]);
  if (end.is_undefined()) return c[5];
  double a = first(c[0]).to_number(), b = end.to_number();
  double const t = threshold.to_number(), value = c.number(1);
  if (b < a) std::swap(a, b);
  double const l = std::fabs(value - a), r = std::fabs(b - value);
  return l < r && l <= t ? c[3] : r <= t ? c[4] : c[5];
}

// How a domain is bent before it is moved: by its scale's transform, and back. `p` is an exponent, constant or sign.
struct Bend {
  double (*lift)(double, double);
  double (*ground)(double, double);
};
double same(double x, double) { return x; }
double sign_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
double power(double x, double p) { return x < 0 ? -std::pow(-x, p) : std::pow(x, p); }
constexpr Bend kLinear{same, same};
constexpr Bend kLog{[](double x, double s) { return std::log(s * x); },
                    [](double x, double s) { return s * std::exp(x); }};
constexpr Bend kPow{power, [](double x, double p) { return power(x, 1 / p); }};
constexpr Bend kSymlog{[](double x, double c) { return sign_of(x) * std::log1p(std::fabs(x / c)); },
                       [](double x, double c) { return sign_of(x) * std::expm1(std::fabs(x)) * c; }};

double start_of(Call const& c) {
  if (!is_list(c[0]) || c[0].size() == 0) fail("", std::string(c.name) + ": the domain must not be empty");
  return first(c[0]).to_number();
}
Value pan(Call const& c, Bend const& bend, double p) {
  double const d0 = bend.lift(start_of(c), p), d1 = bend.lift(last(c[0]).to_number(), p),
               delta = (d1 - d0) * c.number(1);
  return pair(bend.ground(d0 - delta, p), bend.ground(d1 - delta, p));
}
Value zoom(Call const& c, Bend const& bend, double p) {
  double const d0 = bend.lift(start_of(c), p), d1 = bend.lift(last(c[0]).to_number(), p);
  double const anchor = c[1].is_nullish() ? (d0 + d1) / 2 : bend.lift(c.number(1), p), scale = c.number(2);
  return pair(bend.ground(anchor + (d0 - anchor) * scale, p), bend.ground(anchor + (d1 - anchor) * scale, p));
}

constexpr FunctionType kRanges[] = {
    {"inrange", 2, -1, inrange},
    {"lerp", 2, -1, lerp},
    {"interpolateLinear", 2, -1, interpolate_linear},
    {"span", 1, -1, span},
    {"clampRange", 3, -1, clamp_range},
    {"flush", 6, -1, flush},
    {"panLinear", 2, -1, [](Call const& c) { return pan(c, kLinear, 0); }},
    {"panLog", 2, -1, [](Call const& c) { return pan(c, kLog, sign_of(start_of(c))); }},
    {"panPow", 3, -1, [](Call const& c) { return pan(c, kPow, c.number(2)); }},
    {"panSymlog", 3, -1, [](Call const& c) { return pan(c, kSymlog, c.number(2)); }},
    {"zoomLinear", 3, -1, [](Call const& c) { return zoom(c, kLinear, 0); }},
    {"zoomLog", 3, -1, [](Call const& c) { return zoom(c, kLog, sign_of(start_of(c))); }},
    {"zoomPow", 4, -1, [](Call const& c) { return zoom(c, kPow, c.number(3)); }},
    {"zoomSymlog", 4, -1, [](Call const& c) { return zoom(c, kSymlog, c.number(3)); }},
};

}  // namespace

std::span<FunctionType const> range_functions() { return kRanges; }

}  // namespace cml::vega
