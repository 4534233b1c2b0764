// Spans of time as people write them: "300", "5 minutes", "1h30m", "never".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cml::runner {

// Whole numbers are seconds. Nothing: never ("never", "off", zero or less). Usage for anything else.
Result<std::optional<std::chrono::seconds>> parse_duration(std::string_view text);
// "2 h", "90 s": the largest unit that divides it.
std::string describe(std::chrono::seconds);

}  // namespace cml::runner
