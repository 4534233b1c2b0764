// JavaScript's Number methods that printf does not match: ties round away from zero on the exact binary value.
#pragma once

#include <string>

namespace cml::vega {

double js_round(double x);                         // Math.round: half towards positive infinity.
std::string to_fixed(double x, int digits);        // Number.prototype.toFixed; digits in [0, 100].
std::string to_exponential(double x, int digits);  // Number.prototype.toExponential; digits < 0: as many as needed.
std::string to_precision(double x, int digits);    // Number.prototype.toPrecision; digits in [1, 100].
std::string to_radix(double x, int radix);         // Number.prototype.toString(radix) of an integer.

// The decimal digits and exponent of a finite positive number: 1230 is {"123", 3}. `digits` is the count of
// significant digits, or 0 for the shortest that reads back.
struct DecimalParts {
  std::string digits;
  int exponent = 0;
};
DecimalParts decimal_parts(double x, int digits);

}  // namespace cml::vega
