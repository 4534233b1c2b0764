// Easing curves at their default parameters (d3-ease).
#include <cmath>

#include "vega/expr/function.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

using Curve = double (*)(double);

// An "in" curve run backwards, and both halves joined.
template <Curve In>
double out(double t) {
  return 1 - In(1 - t);
}
template <Curve In>
double in_out(double t) {
  return t * 2 <= 1 ? In(t * 2) / 2 : 1 - In(2 - t * 2) / 2;
}

double linear(double t) { return t; }
double quad(double t) { return t * t; }
double cubic(double t) { return t * t * t; }
double sine(double t) { return t == 1 ? 1 : 1 - std::cos(t * kPi / 2); }
double sine_out(double t) { return std::sin(t * kPi / 2); }
double sine_in_out(double t) { return (1 - std::cos(kPi * t)) / 2; }
// 2^(10 (t - 1)) scaled so that it starts at zero.
double tpmt(double x) { return (std::pow(2, -10 * x) - 0.0009765625) * 1.0009775171065494; }
double expo(double t) { return tpmt(1 - t); }
double circle(double t) { return 1 - std::sqrt(1 - t * t); }
double bounce_out(double t) {
  constexpr double b1 = 4.0 / 11, b2 = 6.0 / 11, b3 = 8.0 / 11, b4 = 3.0 / 4, b5 = 9.0 / 11, b6 = 10.0 / 11,
                   b7 = 15.0 / 16, b8 = 21.0 / 22, b9 = 63.0 / 64, b0 = 1 / b1 / b1;
  if (t < b1) return b0 * t * t;
  if (t < b3) return t -= b2, b0 * t * t + b4;
  if (t < b6) return t -= b5, b0 * t * t + b7;
  return t -= b8, b0 * t * t + b9;
}
double bounce(double t) { return 1 - bounce_out(1 - t); }
constexpr double kOvershoot = 1.70158;
double back(double t) { return t * t * (kOvershoot * (t - 1) + t); }
constexpr double kPeriod = 0.3 / (2 * kPi);
double elastic_shift() { return std::asin(1.0) * kPeriod; }
double elastic(double t) { return t -= 1, tpmt(-t) * std::sin((elastic_shift() - t) / kPeriod); }
double elastic_out(double t) { return 1 - tpmt(t) * std::sin((t + elastic_shift()) / kPeriod); }
double elastic_in_out(double t) {
  t = t * 2 - 1;
  return t < 0 ? tpmt(-t) * std::sin((elastic_shift() - t) / kPeriod) / 2
               : (2 - tpmt(t) * std::sin((elastic_shift() + t) / kPeriod)) / 2;
}

template <Curve F>
constexpr FunctionType row(std::string_view name) {
  return {name, 1, -1, [](Call const& c) -> Value { return F(c.number(0)); }, F};
}

constexpr FunctionType kEasing[] = {
    row<linear>("easeLinear"),
    row<in_out<quad>>("easeQuad"),
    row<quad>("easeQuadIn"),
    row<out<quad>>("easeQuadOut"),
    row<in_out<quad>>("easeQuadInOut"),
    row<in_out<cubic>>("easeCubic"),
    row<cubic>("easeCubicIn"),
    row<out<cubic>>("easeCubicOut"),
    row<in_out<cubic>>("easeCubicInOut"),
    row<in_out<cubic>>("easePoly"),
    row<cubic>("easePolyIn"),
    row<out<cubic>>("easePolyOut"),
    row<in_out<cubic>>("easePolyInOut"),
    row<sine_in_out>("easeSin"),
    row<sine>("easeSinIn"),
    row<sine_out>("easeSinOut"),
    row<sine_in_out>("easeSinInOut"),
    row<in_out<expo>>("easeExp"),
    row<expo>("easeExpIn"),
    row<out<expo>>("easeExpOut"),
    row<in_out<expo>>("easeExpInOut"),
    row<in_out<circle>>("easeCircle"),
    row<circle>("easeCircleIn"),
    row<out<circle>>("easeCircleOut"),
    row<in_out<circle>>("easeCircleInOut"),
    row<bounce_out>("easeBounce"),
    row<bounce>("easeBounceIn"),
    row<bounce_out>("easeBounceOut"),
    row<in_out<bounce>>("easeBounceInOut"),
    row<in_out<back>>("easeBack"),
    row<back>("easeBackIn"),
    row<out<back>>("easeBackOut"),
    row<in_out<back>>("easeBackInOut"),
    row<elastic_out>("easeElastic"),
    row<elastic>("easeElasticIn"),
    row<elastic_out>("easeElasticOut"),
    row<elastic_in_out>("easeElasticInOut"),
};

}  // namespace

std::span<FunctionType const> easing_functions() { return kEasing; }

}  // namespace cml::vega
