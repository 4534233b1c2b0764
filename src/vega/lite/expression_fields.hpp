// Which fields of `datum` an expression reads.
#pragma once

#include "vega/lite/js.hpp"

namespace cml::vega::lite {

// datum.a, datum["a"], datum.a.b (as "a" and "a.b"), in order of appearance, once each.
Strings dependent_fields(std::string_view expression);

}  // namespace cml::vega::lite
