// Time formats by specifier (%Y-%m-%d ...), both ways, as d3-time-format has them, and Vega's multi-format of ticks.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vega/value/time_interval.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

struct TimeLocale {
  std::string date_time = "%x, %X", date = "%-m/%-d/%Y", time = "%-I:%M:%S %p";
  std::array<std::string, 2> periods{"AM", "PM"};
  std::array<std::string, 7> days{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  std::array<std::string, 7> short_days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  std::array<std::string, 12> months{"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
  std::array<std::string, 12> short_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

  // A locale definition as d3 has it; members left out keep the English ones.
  static TimeLocale from(Value const& definition);
  static std::shared_ptr<TimeLocale const> standard();
};
using TimeLocaleRef = std::shared_ptr<TimeLocale const>;

class TimeFormat {
 public:
  TimeFormat(std::string_view specifier, Zone zone, TimeLocaleRef locale = TimeLocale::standard())
      : specifier_(specifier), zone_(zone), locale_(std::move(locale)) {}
  std::string operator()(double ms) const;

 private:
  std::string specifier_;
  Zone zone_;
  TimeLocaleRef locale_;
};

// A format by specifier text, or one that depends on the instant: the coarsest unit that starts there chooses among
// the specifiers of an object {year, quarter, month, week, date, hours, minutes, seconds, milliseconds} or the
// defaults.
class TimeMultiFormat {
 public:
  TimeMultiFormat(Value const& specifier, Zone zone, TimeLocaleRef locale = TimeLocale::standard());
  std::string operator()(double ms) const;

 private:
  std::vector<TimeFormat> formats_;  // One, or nine from milliseconds to year.
  Zone zone_;
};

// Milliseconds, or nothing when the text does not match wholly.
std::optional<double> parse_time(std::string_view text, std::string_view specifier, Zone zone,
                                 TimeLocale const& locale = *TimeLocale::standard());

// Date.parse as V8 reads dates: ISO 8601, and the lenient older forms ("Jan 1 2000", "2000/01/01 10:00 PM").
// NaN when it is no date.
double parse_date(std::string_view text);

// Date.prototype.toString: "Sat Jan 01 2000 00:00:00 GMT+0000 (Coordinated Universal Time)" without the zone's name.
std::string date_string(double ms);

}  // namespace cml::vega
