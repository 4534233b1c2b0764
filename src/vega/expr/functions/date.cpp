// Dates (JavaScript's Date) and time units (vega-time).
#include <array>
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/time_unit.hpp"

namespace cml::vega {
namespace {

using Getter = double (*)(CivilTime const&);
template <Zone zone, Getter get>
Value field(Call const& c) {
  double const ms = to_instant(c[0]);
  return std::isnan(ms) ? kNaN : get(civil_time(ms, zone));
}
double date_of(CivilTime const& t) { return t.day; }
double day_of(CivilTime const& t) { return t.weekday; }
double year_of(CivilTime const& t) { return t.year; }
double month_of(CivilTime const& t) { return t.month; }
double quarter_of(CivilTime const& t) {
  int const before = t.month / 3;
  return 1 + before;
}
// 1 + ~~(NaN / 3) in JavaScript.
template <Zone zone>
Value quarter(Call const& c) {
  double const ms = to_instant(c[0]);
  return std::isnan(ms) ? 1 : quarter_of(civil_time(ms, zone));
}
double hours_of(CivilTime const& t) { return t.hours; }
double minutes_of(CivilTime const& t) { return t.minutes; }
double seconds_of(CivilTime const& t) { return t.seconds; }
double milliseconds_of(CivilTime const& t) { return t.milliseconds; }

// Date.UTC and new Date(year, month, ...): two-digit years are of the last century.
double of_fields(Call const& c, Zone zone) {
  std::array<double, 7> f{kNaN, 0, 1, 0, 0, 0, 0};
  for (std::size_t i = 0; i < f.size() && i < c.size(); ++i) f[i] = c.number(i);
  double const year = std::trunc(f[0]);
  if (year >= 0 && year <= 99) f[0] = 1900 + year;
  return make_time(f[0], f[1], f[2], f[3], f[4], f[5], f[6], zone);
}
Value datetime(Call const& c) {
  if (c.size() == 0) return Value::date(c.scope.now());
  return Value::date(c.size() == 1 ? to_instant(c[0]) : of_fields(c, Zone::Local));
}

template <Zone zone>
Value offset(Call const& c) {
  auto const unit = time_unit_named(c[0].string());
  if (!unit) return {};
  return Value::date(time_unit_interval(*unit, zone).offset(c.number(1), c[2].is_nullish() ? 1 : c.number(2)));
}
template <Zone zone>
Value sequence(Call const& c) {
  auto const unit = time_unit_named(c[0].string());
  if (!unit) return {};
  Array out;
  for (double ms : time_unit_interval(*unit, zone).range(c.number(1), c.number(2), c[3].is_nullish() ? 1 : c.number(3)))
    out.push_back(Value::date(ms));
  return out;
}
template <double (*F)(double, Zone), Zone zone>
Value of_instant(Call const& c) {
  return F(to_instant(c[0]), zone);
}

constexpr Zone kLocal = Zone::Local, kUtc = Zone::Utc;
constexpr FunctionType kDates[] = {
    {"now", 0, -1, [](Call const& c) -> Value { return c.scope.now(); }},
    {"datetime", 0, -1, datetime},
    {"utc", 1, -1, [](Call const& c) -> Value { return of_fields(c, kUtc); }},
    {"time", 1, -1, [](Call const& c) -> Value { return to_instant(c[0]); }},
    {"timezoneoffset", 1, -1,
     [](Call const& c) -> Value {
       double const ms = to_instant(c[0]);
       return (ms - to_local(ms, kLocal)) / 60000 + 0.0;
     }},
    {"date", 1, -1, field<kLocal, date_of>},
    {"day", 1, -1, field<kLocal, day_of>},
    {"year", 1, -1, field<kLocal, year_of>},
    {"quarter", 1, -1, quarter<kLocal>},
    {"month", 1, -1, field<kLocal, month_of>},
    {"hours", 1, -1, field<kLocal, hours_of>},
    {"minutes", 1, -1, field<kLocal, minutes_of>},
    {"seconds", 1, -1, field<kLocal, seconds_of>},
    {"milliseconds", 1, -1, field<kLocal, milliseconds_of>},
    {"utcdate", 1, -1, field<kUtc, date_of>},
    {"utcday", 1, -1, field<kUtc, day_of>},
    {"utcyear", 1, -1, field<kUtc, year_of>},
    {"utcquarter", 1, -1, quarter<kUtc>},
    {"utcmonth", 1, -1, field<kUtc, month_of>},
    {"utchours", 1, -1, field<kUtc, hours_of>},
    {"utcminutes", 1, -1, field<kUtc, minutes_of>},
    {"utcseconds", 1, -1, field<kUtc, seconds_of>},
    {"utcmilliseconds", 1, -1, field<kUtc, milliseconds_of>},
    {"dayofyear", 1, -1, of_instant<day_of_year, kLocal>},
    {"utcdayofyear", 1, -1, of_instant<day_of_year, kUtc>},
    {"week", 1, -1, of_instant<week_of_year, kLocal>},
    {"utcweek", 1, -1, of_instant<week_of_year, kUtc>},
    {"isoweek", 1, -1, of_instant<iso_week, kLocal>},
    {"utcisoweek", 1, -1, of_instant<iso_week, kUtc>},
    {"timeOffset", 2, -1, offset<kLocal>},
    {"utcOffset", 2, -1, offset<kUtc>},
    {"timeSequence", 3, -1, sequence<kLocal>},
    {"utcSequence", 3, -1, sequence<kUtc>},
    {"timeUnitSpecifier", 1, -1, [](Call const& c) -> Value { return time_unit_specifier(time_units(c[0]), c[1]); }},
};

}  // namespace

std::span<FunctionType const> date_functions() { return kDates; }

}  // namespace cml::vega
