// Civil time: the calendar fields of an instant in UTC or local time, and back, with JavaScript's rules
// (ECMA-262, "Time Values and Time Range"): instants are milliseconds since 1970 UTC in a double, NaN is invalid.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cml::vega {

enum class Zone : std::uint8_t { Utc, Local };

// Offsets from UTC through time. A copy shares the tables.
class TimeZone {
 public:
  TimeZone() = default;  // UTC.
  // The content of a compiled zone file (RFC 8536, version 1 to 3), or a POSIX TZ rule such as
  // "EST5EDT,M3.2.0,M11.1.0". A malformed one reads as UTC.
  static TimeZone from_tzif(std::string_view bytes);
  static TimeZone from_rule(std::string_view rule);
  // A zone by its name in the database that cml was built with; UTC when it has none of that name.
  static TimeZone built_in(std::string_view name);
  // A zone by its name in the system's database, else in the built-in one, or a rule.
  static TimeZone named(std::string const& name);

  bool is_utc() const { return !data_; }
  double offset(double utc_ms) const;    // Local minus UTC, in milliseconds.
  double to_utc(double local_ms) const;  // Skipped and repeated local times use the offset before the change.

 private:
  struct Data;
  std::shared_ptr<Data const> data_;
};

// The zone that "local" means: that of the environment's TZ, else the system's (as libc's localtime would find it),
// until it is set otherwise.
TimeZone const& local_zone();
void set_local_zone(TimeZone zone);

struct CivilTime {
  double year = 0;
  int month = 0;  // 0 to 11.
  int day = 1;
  int hours = 0, minutes = 0, seconds = 0, milliseconds = 0;
  int weekday = 0;  // Sunday is 0.
};

double time_clip(double ms);  // Whole milliseconds within JavaScript's range, else NaN.
double to_local(double utc_ms, Zone zone);
double from_local(double local_ms, Zone zone);
CivilTime civil_time(double ms, Zone zone);  // The instant must be valid.
// Fields out of their range carry over, as Date.UTC does; NaN for fields that are not finite.
double make_time(double year, double month, double day, double hours, double minutes, double seconds, double ms,
                 Zone zone);

}  // namespace cml::vega
