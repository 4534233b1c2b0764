#include "vega/scale/time_ticks.hpp"

#include <cmath>
#include <optional>
#include <string>

#include "vega/value/error.hpp"
#include "vega/value/time_unit.hpp"

namespace cml::vega {
namespace {

// An interval by Vega's name ("month", "hours") or its singular ("hour"), every `step`.
std::optional<TimeInterval> interval_of(Value const& count, Zone zone) {
  Value const name = count.is_object() ? count["interval"] : count;
  if (!name.is_string()) return std::nullopt;
  auto unit = time_unit_named(name.string());
  if (!unit) unit = time_unit_named(std::string(name.string()) + "s");
  if (!unit)
    fail("", "unknown time interval \"" + std::string(name.string()) +
                 "\" for ticks; use year, month, week, day, hours, minutes or seconds");
  auto interval = time_unit_interval(*unit, zone);
  if (double const step = count.is_object() ? count["step"].to_number() : std::nan(""); step > 1) {
    auto const every = interval.every(step);
    if (every) interval = *every;
  }
  return interval;
}
double number_of(Value const& count) { return count.is_number() ? count.number() : 10; }

}  // namespace

std::vector<double> time_ticks(double start, double stop, Value const& count, bool utc) {
  Zone const zone = utc ? Zone::Utc : Zone::Local;
  if (!std::isfinite(start) || !std::isfinite(stop)) return {};
  if (auto const interval = interval_of(count, zone)) return vega::time_ticks(start, stop, *interval);
  return vega::time_ticks(start, stop, number_of(count), zone);
}

void time_nice(double& start, double& stop, Value const& count, bool utc) {
  Zone const zone = utc ? Zone::Utc : Zone::Local;
  if (!std::isfinite(start) || !std::isfinite(stop)) return;
  auto interval = interval_of(count, zone);
  if (!interval) interval = time_tick_interval(start, stop, number_of(count), zone);
  if (!interval) return;
  bool const swapped = stop < start;
  double& low = swapped ? stop : start;
  double& high = swapped ? start : stop;
  low = interval->floor(low);
  high = interval->ceil(high);
}

}  // namespace cml::vega
