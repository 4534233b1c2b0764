// Points in time as forges write them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cml {

using Seconds = std::chrono::sys_seconds;
std::optional<Seconds> parse_iso_time(std::string_view text);   // "2026-11-22T14:56:40Z", fraction and offset allowed.
std::optional<Seconds> parse_http_date(std::string_view text);  // "Sun, 22 Nov 2026 14:56:40 GMT"
std::string iso_time(std::chrono::system_clock::time_point);
std::string http_date(std::chrono::system_clock::time_point);

}  // namespace cml
