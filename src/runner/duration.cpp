#include "runner/duration.hpp"

#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace cml::runner {
namespace {

struct Unit {
  std::string_view name;
  double seconds;
};
// Table: the words that CML's users write. A month is left out on purpose ("mo" is not known there either).
constexpr Unit kUnits[] = {
    {"ms", 0.001},   {"milli", 0.001}, {"millisecond", 0.001}, {"milliseconds", 0.001}, {"s", 1},
    {"sec", 1},      {"secs", 1},      {"second", 1},          {"seconds", 1},          {"m", 60},
    {"min", 60},     {"mins", 60},     {"minute", 60},         {"minutes", 60},         {"h", 3600},
    {"hr", 3600},    {"hrs", 3600},    {"hour", 3600},         {"hours", 3600},         {"d", 86400},
    {"day", 86400},  {"days", 86400},  {"w", 604800},          {"week", 604800},        {"weeks", 604800},
    {"y", 31557600}, {"yr", 31557600}, {"year", 31557600},     {"years", 31557600},
};
constexpr double kLongest = 100.0 * 31557600;

Error not_a_duration(std::string_view text) {
  return {ErrorKind::Usage,
          "\"" + one_line(text, 40) + "\" is not a duration; write seconds, \"5 minutes\", \"1h30m\" or never"};
}

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return (c >= '0' && c <= '9') || c == '.'; }

}  // namespace

Result<std::optional<std::chrono::seconds>> parse_duration(std::string_view given) {
  std::string const text = to_lower(trim(given));
  using Nothing = std::optional<std::chrono::seconds>;
  if (text == "never" || text == "off" || text == "none") return Nothing();
  if (auto const whole = parse_integer(text)) {
    if (static_cast<double>(*whole) > kLongest) return not_a_duration(given);
    return *whole <= 0 ? Nothing() : Nothing(std::chrono::seconds(*whole));
  }
  double total = 0;
  std::size_t at = 0, terms = 0;
  while (at < text.size()) {
    if (text[at] == ' ' || text[at] == ',') {
      ++at;
      continue;
    }
    double number = 0;
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    auto const [stop, error] = std::from_chars(text.data() + at, text.data() + end, number);
    if (end == at || error != std::errc{} || stop != text.data() + end) return not_a_duration(given);
    at = end;
    while (at < text.size() && text[at] == ' ') ++at;
    end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    std::string_view const name = std::string_view(text).substr(at, end - at);
    Unit const* unit = nullptr;
    for (Unit const& row : kUnits)
      if (row.name == name) unit = &row;
    if (unit == nullptr) return not_a_duration(given);
    total += number * unit->seconds;
    at = end;
    ++terms;
  }
  if (terms == 0 || !(total <= kLongest)) return not_a_duration(given);
  auto const rounded = static_cast<long long>(std::ceil(total));  // "1 ms" is not never.
  return rounded <= 0 ? Nothing() : Nothing(std::chrono::seconds(rounded));
}

std::string describe(std::chrono::seconds span) {
  struct Step {
    long long seconds;
    std::string_view name;
  };
  for (Step const step : {Step{86400, " days"}, Step{3600, " h"}, Step{60, " min"}})
    if (span.count() >= step.seconds && span.count() % step.seconds == 0)
      return std::to_string(span.count() / step.seconds) + std::string(step.name);
  return std::to_string(span.count()) + " s";
}

}  // namespace cml::runner
