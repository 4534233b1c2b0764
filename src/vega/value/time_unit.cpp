#include "vega/value/time_unit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "vega/value/numbers.hpp"
#include "vega/value/error.hpp"
#include "vega/value/number_format.hpp"

namespace cml::vega {
namespace {

constexpr std::array<std::string_view, 12> kNames{"year", "quarter",   "month", "week",    "isoweek", "date",
                                                  "day",  "dayofyear", "hours", "minutes", "seconds", "milliseconds"};
using Unit = TimeInterval::Unit;

// Leap years that start on a Sunday keep weekdays in order; 2015 has 53 ISO weeks.
constexpr double kReferenceYear = 2012, kIsoReferenceYear = 2015;

double year_start(double year, Zone zone) { return make_time(year, 0, 1, 0, 0, 0, 0, zone); }
double first_weekday(double year, Zone zone) { return civil_time(year_start(year, zone), zone).weekday; }
// Day of the year of a weekday in a week, given the weekday of January 1st.
double week_day(double week, double day, double first) { return day + week * 7 - std::fmod(first + 6, 7); }

TimeInterval days(Zone zone) { return TimeInterval(Unit::Day, zone); }
TimeInterval mondays(Zone zone) { return TimeInterval(Unit::Week, zone, 1); }

double iso_week_one(double year, Zone zone) {
  return mondays(zone).floor(days(zone).offset(year_start(year, zone), 3));
}
double iso_year(double ms, Zone zone) { return civil_time(days(zone).offset(mondays(zone).floor(ms), 3), zone).year; }
// The day of January on which ISO week 1 begins; zero and below lie in December.
double iso_week_one_date(double year, Zone zone) {
  auto const t = civil_time(iso_week_one(year, zone), zone);
  return t.month ? t.day - 31 : t.day;
}

}  // namespace

std::string_view time_unit_name(TimeUnit unit) { return kNames[static_cast<std::size_t>(unit)]; }
std::optional<TimeUnit> time_unit_named(std::string_view name) {
  auto const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return {};
  return static_cast<TimeUnit>(found - kNames.begin());
}

std::vector<TimeUnit> time_units(Value const& names) {
  std::vector<TimeUnit> units;
  unsigned set = 0;
  auto const add = [&](Value const& name) {
    auto const unit = name.is_string() ? time_unit_named(name.string()) : std::nullopt;
    if (!unit) fail("", "Invalid time unit: " + name.to_string() + ".");
    units.push_back(*unit);
    set |= 1u << static_cast<unsigned>(*unit);
  };
  if (names.is_array())
    for (auto const& name : names.items()) add(name);
  else if (!names.is_nullish())
    add(names);
  if (units.empty()) fail("", "Missing time unit.");
  auto const has = [set](TimeUnit unit) { return (set & (1u << static_cast<unsigned>(unit))) != 0; };
  int const kinds = (has(TimeUnit::Week) || has(TimeUnit::IsoWeek) || has(TimeUnit::Day)) +
                    (has(TimeUnit::Quarter) || has(TimeUnit::Month) || has(TimeUnit::Date)) + has(TimeUnit::DayOfYear);
  if (kinds > 1 || (has(TimeUnit::Week) && has(TimeUnit::IsoWeek)))
    fail("", "Incompatible time units: " + names.to_string());
  std::sort(units.begin(), units.end());
  return units;
}

TimeInterval time_unit_interval(TimeUnit unit, Zone zone) {
  switch (unit) {
    case TimeUnit::Year:
      return TimeInterval(Unit::Year, zone);
    case TimeUnit::Quarter:
      return *TimeInterval(Unit::Month, zone).every(3);
    case TimeUnit::Month:
      return TimeInterval(Unit::Month, zone);
    case TimeUnit::Week:
      return TimeInterval(Unit::Week, zone);
    case TimeUnit::IsoWeek:
      return mondays(zone);
    case TimeUnit::Hours:
      return TimeInterval(Unit::Hour, zone);
    case TimeUnit::Minutes:
      return TimeInterval(Unit::Minute, zone);
    case TimeUnit::Seconds:
      return TimeInterval(Unit::Second, zone);
    case TimeUnit::Milliseconds:
      return TimeInterval(Unit::Millisecond, zone);
    default:
      return days(zone);
  }
}

double day_of_year(double ms, Zone zone) {
  ms = time_clip(ms);
  if (std::isnan(ms)) return ms;
  return days(zone).count(year_start(civil_time(ms, zone).year, zone) - 1, ms);
}
double week_of_year(double ms, Zone zone) {
  ms = time_clip(ms);
  if (std::isnan(ms)) return ms;
  return TimeInterval(Unit::Week, zone).count(year_start(civil_time(ms, zone).year, zone) - 1, ms);
}
double iso_week(double ms, Zone zone) {
  ms = time_clip(ms);
  if (std::isnan(ms)) return ms;
  return 1 + mondays(zone).count(iso_week_one(iso_year(ms, zone), zone), ms);
}

// --- TimeFloor ----------------------------------------------------------------------------------------------------

TimeFloor::TimeFloor(std::vector<TimeUnit> units, double step, Zone zone)
    : units_(std::move(units)), step_(step > 0 ? step : 1), zone_(zone) {
  for (auto unit : units_) set_ |= 1u << static_cast<unsigned>(unit);
}

// Steps apply to the finest unit only.
double TimeFloor::stepped(TimeUnit unit, double value, double phase) const {
  if (units_.empty() || unit != units_.back() || step_ <= 1) return value;
  return phase + step_ * std::floor((value - phase) / step_);
}

double TimeFloor::operator()(double ms) const {
  ms = time_clip(ms);
  if (std::isnan(ms)) return kNaN;
  auto const t = civil_time(ms, zone_);
  double year = has(TimeUnit::IsoWeek) ? kIsoReferenceYear : kReferenceYear;
  if (has(TimeUnit::Year)) year = stepped(TimeUnit::Year, has(TimeUnit::IsoWeek) ? iso_year(ms, zone_) : t.year);
  double const month = has(TimeUnit::Month)     ? stepped(TimeUnit::Month, t.month)
                       : has(TimeUnit::Quarter) ? 3 * stepped(TimeUnit::Quarter, std::floor(t.month / 3))
                                                : 0;
  double const day = day_of_month(ms, t, year);
  auto const small = [&](TimeUnit unit, int value) { return has(unit) ? stepped(unit, value) : 0; };
  return make_time(year, month, day, small(TimeUnit::Hours, t.hours), small(TimeUnit::Minutes, t.minutes),
                   small(TimeUnit::Seconds, t.seconds), small(TimeUnit::Milliseconds, t.milliseconds), zone_);
}

// The day of the month, by whichever of the units that name days is in the set.
double TimeFloor::day_of_month(double ms, CivilTime const& t, double year) const {
  bool const day = has(TimeUnit::Day);
  if (has(TimeUnit::Week) && day)
    return stepped(TimeUnit::Day, week_day(week_of_year(ms, zone_), t.weekday, first_weekday(year, zone_)), 1);
  if (has(TimeUnit::IsoWeek) && day)
    return stepped(TimeUnit::Day, iso_week_one_date(year, zone_) + (iso_week(ms, zone_) - 1) * 7 + (t.weekday + 6) % 7,
                   1);
  if (has(TimeUnit::Week))
    return week_day(stepped(TimeUnit::Week, week_of_year(ms, zone_), 1), 0, first_weekday(year, zone_));
  if (has(TimeUnit::IsoWeek))
    return iso_week_one_date(year, zone_) + (stepped(TimeUnit::IsoWeek, iso_week(ms, zone_), 1) - 1) * 7;
  if (day) return stepped(TimeUnit::Day, week_day(1, t.weekday, first_weekday(year, zone_)), 1);
  if (has(TimeUnit::Date)) return stepped(TimeUnit::Date, t.day, 1);
  if (has(TimeUnit::DayOfYear)) return stepped(TimeUnit::DayOfYear, day_of_year(ms, zone_), 1);
  return 1;
}

// --- Specifiers and bins --------------------------------------------------------------------------------------------

std::string time_unit_specifier(std::vector<TimeUnit> const& units, Value const& overrides) {
  struct Row {
    std::string_view key, specifier;
  };
  static constexpr std::array<Row, 16> kSpecifiers{{{"year", "%Y "},
                                                    {"quarter", "Q%q "},
                                                    {"month", "%b "},
                                                    {"date", "%d "},
                                                    {"week", "W%U "},
                                                    {"isoweek", "W%V "},
                                                    {"day", "%a "},
                                                    {"dayofyear", "%j "},
                                                    {"hours", "%H:00"},
                                                    {"minutes", "00:%M"},
                                                    {"seconds", ":%S"},
                                                    {"milliseconds", ".%L"},
                                                    {"year-isoweek", "%G W%V "},
                                                    {"year-month", "%Y-%m "},
                                                    {"year-month-date", "%Y-%m-%d "},
                                                    {"hours-minutes", "%H:%M"}}};
  auto const find = [&overrides](std::string const& key) -> std::optional<std::string> {
    if (overrides.has(key)) {
      auto const& given = overrides[key];
      if (given.is_nullish()) return {};
      return given.to_string();
    }
    for (auto const& row : kSpecifiers)
      if (row.key == key) return std::string(row.specifier);
    return {};
  };
  std::string out;
  for (std::size_t start = 0; start < units.size();) {
    bool found = false;
    for (auto end = units.size(); end > start && !found; --end) {
      std::string key;
      for (auto i = start; i < end; ++i) key += (i > start ? "-" : "") + std::string(time_unit_name(units[i]));
      if (auto const text = find(key)) {
        out += *text;
        start = end;
        found = true;
      }
    }
    if (!found) ++start;  // Differs from Vega: a unit overridden by null is left out (Vega does not return).
  }
  auto const first = out.find_first_not_of(' ');
  return first == std::string::npos ? "" : out.substr(first, out.find_last_not_of(' ') + 1 - first);
}

TimeBin time_bin(double start, double stop, double max_bins) {
  constexpr double kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
  struct Row {
    int units;  // How many of year, month, date, hours, minutes, seconds; 0 is year and week.
    double step, duration;
  };
  static constexpr std::array<Row, 17> kRows{{{6, 1, kSecond},
                                              {6, 5, 5 * kSecond},
                                              {6, 15, 15 * kSecond},
                                              {6, 30, 30 * kSecond},
                                              {5, 1, kMinute},
                                              {5, 5, 5 * kMinute},
                                              {5, 15, 15 * kMinute},
                                              {5, 30, 30 * kMinute},
                                              {4, 1, kHour},
                                              {4, 3, 3 * kHour},
                                              {4, 6, 6 * kHour},
                                              {4, 12, 12 * kHour},
                                              {3, 1, kDay},
                                              {0, 1, 7 * kDay},
                                              {2, 1, 30 * kDay},
                                              {2, 3, 90 * kDay},
                                              {1, 1, 365 * kDay}}};
  static constexpr std::array<TimeUnit, 7> kUnits{TimeUnit::Year,        TimeUnit::Month,   TimeUnit::Date,
                                                  TimeUnit::Hours,       TimeUnit::Minutes, TimeUnit::Seconds,
                                                  TimeUnit::Milliseconds};
  auto const first = [](int count) { return std::vector<TimeUnit>(kUnits.begin(), kUnits.begin() + count); };
  if (!(max_bins > 0)) max_bins = 40;
  double const target = std::fabs(stop - start) / max_bins;
  auto const after =
      std::upper_bound(kRows.begin(), kRows.end(), target, [](double t, Row const& row) { return t < row.duration; });
  if (after == kRows.end()) return {first(1), decimal::tick_step(start / (365 * kDay), stop / (365 * kDay), max_bins)};
  if (after == kRows.begin()) {
    double const step = decimal::tick_step(start, stop, max_bins);
    return {first(7), step > 1 ? step : 1};
  }
  auto const before = after - 1;
  auto const& row = target / before->duration < after->duration / target ? *before : *after;
  return {row.units ? first(row.units) : std::vector<TimeUnit>{TimeUnit::Year, TimeUnit::Week}, row.step};
}

}  // namespace cml::vega
