// Vega's time units: sets such as year + month that cut instants into bins (vega-time).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vega/value/time_interval.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

enum class TimeUnit : std::uint8_t {
  Year,
  Quarter,
  Month,
  Week,
  IsoWeek,
  Date,
  Day,
  DayOfYear,
  Hours,
  Minutes,
  Seconds,
  Milliseconds
};

std::string_view time_unit_name(TimeUnit unit);
std::optional<TimeUnit> time_unit_named(std::string_view name);

// A name or an array of names, checked for sense and sorted from coarse to fine. Fails (EngineError) otherwise.
std::vector<TimeUnit> time_units(Value const& names);

TimeInterval time_unit_interval(TimeUnit unit, Zone zone);

// Cuts an instant down to its units; units that are left out take the values of 2012 (isoweek alone: 2015).
class TimeFloor {
 public:
  TimeFloor(std::vector<TimeUnit> units, double step, Zone zone);
  double operator()(double ms) const;

 private:
  double day_of_month(double ms, CivilTime const& t, double year) const;
  bool has(TimeUnit unit) const { return set_ & (1u << static_cast<unsigned>(unit)); }
  double stepped(TimeUnit unit, double value, double phase = 0) const;
  std::vector<TimeUnit> units_;
  unsigned set_ = 0;
  double step_ = 1;
  Zone zone_;
};

// The specifier that shows the units; `overrides` maps units or joined units ("year-month") to specifiers or null.
std::string time_unit_specifier(std::vector<TimeUnit> const& units, Value const& overrides = {});

struct TimeBin {
  std::vector<TimeUnit> units;
  double step = 1;
};
TimeBin time_bin(double start, double stop, double max_bins);  // About `max_bins` bins over an extent in milliseconds.

double day_of_year(double ms, Zone zone);
double week_of_year(double ms, Zone zone);  // Weeks start on Sunday; days before the first Sunday are in week 0.
double iso_week(double ms, Zone zone);

}  // namespace cml::vega
