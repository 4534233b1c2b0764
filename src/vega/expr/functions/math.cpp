// Math functions (JavaScript's Math, Number.isNaN and isFinite).
#include <cmath>
#include <limits>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/value/js_number.hpp"

namespace cml::vega {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double js_max(double a, double b) {
  return std::isnan(a) ? a : std::isnan(b) ? b : a > b || (a == b && !std::signbit(a)) ? a : b;
}
double js_min(double a, double b) {
  return std::isnan(a) ? a : std::isnan(b) ? b : a < b || (a == b && std::signbit(a)) ? a : b;
}

template <double (*F)(double)>
Value unary(Call const& call) {
  return F(call.number(0));
}
template <double (*F)(double)>
constexpr FunctionType row1(std::string_view name) {
  return {name, 0, -1, unary<F>, F};
}

double abs_of(double x) { return std::fabs(x); }
double acos_of(double x) { return std::acos(x); }
double asin_of(double x) { return std::asin(x); }
double atan_of(double x) { return std::atan(x); }
double ceil_of(double x) { return std::ceil(x); }
double cos_of(double x) { return std::cos(x); }
double exp_of(double x) { return std::exp(x); }
double floor_of(double x) { return std::floor(x); }
double log_of(double x) { return std::log(x); }
double sin_of(double x) { return std::sin(x); }
double sqrt_of(double x) { return std::sqrt(x); }
double tan_of(double x) { return std::tan(x); }
double atan2_of(double y, double x) { return std::atan2(y, x); }

Value max_of(Call const& call) {
  double out = -kInfinity;
  for (auto const& v : call.arguments) out = js_max(out, v.to_number());
  return out;
}
Value min_of(Call const& call) {
  double out = kInfinity;
  for (auto const& v : call.arguments) out = js_min(out, v.to_number());
  return out;
}
// As V8 adds: parts of the largest, with what rounding lost (Kahan's sum). glibc's hypot of two numbers differs between
// x86 and ARM by the last bit.
Value hypot_of(Call const& call) {
  double most = 0;
  bool has_nan = false;
  for (auto const& v : call.arguments) {
    double const size = std::fabs(v.to_number());
    if (size == kInfinity) return kInfinity;
    has_nan |= std::isnan(size);
    most = size > most ? size : most;
  }
  if (has_nan) return std::nan("");
  if (most == 0) return 0.0;
  double sum = 0, lost = 0;
  for (auto const& v : call.arguments) {
    double const part = std::fabs(v.to_number()) / most, added = part * part - lost, next = sum + added;
    lost = (next - sum) - added;
    sum = next;
  }
  return std::sqrt(sum) * most;
}

constexpr FunctionType kMath[] = {
    {"isNaN", 1, -1, [](Call const& c) -> Value { return c[0].is_number() && std::isnan(c[0].number()); }},
    {"isFinite", 1, -1, [](Call const& c) -> Value { return c[0].is_number() && std::isfinite(c[0].number()); },
     nullptr, nullptr, false, [](double n) { return std::isfinite(n); }},
    row1<abs_of>("abs"),
    row1<acos_of>("acos"),
    row1<asin_of>("asin"),
    row1<atan_of>("atan"),
    row1<ceil_of>("ceil"),
    row1<cos_of>("cos"),
    row1<exp_of>("exp"),
    row1<floor_of>("floor"),
    row1<log_of>("log"),
    row1<js_round>("round"),
    row1<sin_of>("sin"),
    row1<sqrt_of>("sqrt"),
    row1<tan_of>("tan"),
    {"atan2", 0, -1, [](Call const& c) -> Value { return std::atan2(c.number(0), c.number(1)); }, nullptr, atan2_of},
    {"hypot", 0, -1, hypot_of},
    {"max", 0, -1, max_of, nullptr, js_max},
    {"min", 0, -1, min_of, nullptr, js_min},
    {"pow", 0, -1, [](Call const& c) -> Value { return js_power(c.number(0), c.number(1)); }, nullptr, js_power},
    {"clamp", 3, 3, [](Call const& c) -> Value { return js_max(c.number(1), js_min(c.number(2), c.number(0))); }},
    {"random", 0, -1, [](Call const& c) -> Value { return c.scope.random(); }, nullptr, nullptr, true},
};

}  // namespace

std::span<FunctionType const> math_functions() { return kMath; }

}  // namespace cml::vega
