// Where two JSON values first differ.
#pragma once

#include <optional>
#include <string>

#include "vega/value/value.hpp"

namespace cml::test {

// "$.path: expected A, got B"; nothing when equal. Key order and undefined members do not matter, numbers agree to
// 1e-9.
std::optional<std::string> first_difference(vega::Value const& expected, vega::Value const& actual);

}  // namespace cml::test
