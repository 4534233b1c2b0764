// Calendar intervals as d3-time has them (second, day, week from any weekday, month, year, every n of these), in UTC or
// local time across changes of the clock; and the ticks of time axes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "vega/value/time_zone.hpp"

namespace cml::vega {

class TimeInterval {
 public:
  enum class Unit : std::uint8_t { Millisecond, Second, Minute, Hour, Day, UnixDay, Week, Month, Year };

  TimeInterval() = default;
  explicit TimeInterval(Unit unit, Zone zone = Zone::Local, int first_weekday = 0)
      : unit_(unit), zone_(zone), weekday_(first_weekday) {}

  double floor(double ms) const;
  double ceil(double ms) const;
  double round(double ms) const;
  double offset(double ms, double step = 1) const;
  // The starts of intervals in [start, stop). Fails (EngineError) beyond a million.
  std::vector<double> range(double start, double stop, double step = 1) const;
  double count(double start, double stop) const;  // Of a plain interval: boundaries in (start, stop].
  // Every n-th: of the fields of the next larger unit where there is one (months 0, 3, 6, 9), else counted from 1970.
  // Nothing for a step below one.
  std::optional<TimeInterval> every(double step) const;

 private:
  double floor_one(double ms) const;
  double offset_one(double ms, double step) const;
  bool kept(double ms) const;
  bool filtered() const { return step_ > 1 && unit_ != Unit::Millisecond && unit_ != Unit::Year; }

  Unit unit_ = Unit::Millisecond;
  Zone zone_ = Zone::Local;
  int weekday_ = 0;  // Where a week starts; Sunday is 0.
  double step_ = 1;
};

std::vector<double> time_ticks(double start, double stop, double count, Zone zone);
std::vector<double> time_ticks(double start, double stop, TimeInterval const& interval);
std::optional<TimeInterval> time_tick_interval(double start, double stop, double count, Zone zone);

}  // namespace cml::vega
