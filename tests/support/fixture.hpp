// Cases that the reference answered (tools/dev/make_vega_fixtures.mjs), read back as values.
#pragma once

#include <string>

#include "vega/value/value.hpp"

namespace cml::test {

// The array in fixtures/vega/values/NAME.json; {"$": "NaN"}, {"$": "undefined"} and {"$date": ms} become what they
// mean.
vega::Value fixture(std::string const& name);
std::string read_file(std::string const& path);

// Equal, numbers to a relative tolerance, an undefined member as one that is missing.
bool close(vega::Value const& a, vega::Value const& b, double tolerance = 1e-9);

}  // namespace cml::test
