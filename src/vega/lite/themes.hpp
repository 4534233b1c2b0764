// Named configurations: the set that the npm package vega-themes publishes, embedded from templates/themes.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "vega/value/value.hpp"

namespace cml::vega::lite {

std::vector<std::string_view> theme_names();
// A configuration for CompileOptions; NotFound names the nearest theme.
Result<Value> theme(std::string_view name);

}  // namespace cml::vega::lite
