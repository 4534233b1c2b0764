// Instants are milliseconds since 1970 UTC in a double, as in JavaScript; NaN is an invalid date.
#pragma once

#include <string>

namespace cml::vega {

// Date.prototype.toISOString; "Invalid Date" for NaN.
std::string iso_string(double milliseconds_utc);

}  // namespace cml::vega
