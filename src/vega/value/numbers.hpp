#pragma once

#include <cmath>
#include <limits>
#include <numbers>

namespace cml::vega {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kPi = std::numbers::pi;
inline constexpr double kTau = 2 * kPi;

inline double or_zero(double x) { return std::isnan(x) ? 0 : x; }
// A number of the specification as a whole number of another type: cut, and moved between the ends. NaN is `low`.
// What lies outside a type must not be cast to it.
template <class Whole>
Whole whole(double x, Whole low, Whole high) {
  if (!(x > static_cast<double>(low))) return low;
  return x < static_cast<double>(high) ? static_cast<Whole>(x) : high;
}
// Math.round without its negative zero, for places in a picture.
inline double round_half_up(double x) { return std::floor(x + 0.5); }
// sign(x) * |x|^exponent, what pow scales compute.
inline double signed_power(double x, double exponent) {
  return x < 0 ? -std::pow(-x, exponent) : std::pow(x, exponent);
}

}  // namespace cml::vega
