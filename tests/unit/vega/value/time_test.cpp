#include <catch2/catch.hpp>

#include <cmath>

#include "support/fixture.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"
#include "vega/value/time_format.hpp"
#include "vega/value/time_unit.hpp"

using namespace cml::vega;
using cml::test::close;

namespace {

using Unit = TimeInterval::Unit;

struct LocalZone {
  TimeZone before = local_zone();
  ~LocalZone() { set_local_zone(before); }
};

TimeInterval interval(std::string_view prefix, std::string_view name) {
  auto const zone = prefix == "utc" ? Zone::Utc : Zone::Local;
  if (name == "Second") return TimeInterval(Unit::Second, zone);
  if (name == "Minute") return TimeInterval(Unit::Minute, zone);
  if (name == "Hour") return TimeInterval(Unit::Hour, zone);
  if (name == "Day") return TimeInterval(Unit::Day, zone);
  if (name == "Week") return TimeInterval(Unit::Week, zone);
  if (name == "Monday") return TimeInterval(Unit::Week, zone, 1);
  if (name == "Thursday") return TimeInterval(Unit::Week, zone, 4);
  if (name == "Month") return TimeInterval(Unit::Month, zone);
  return TimeInterval(Unit::Year, zone);
}
Value list(std::vector<double> const& numbers) {
  Array out;
  for (double n : numbers) out.emplace_back(n);
  return out;
}
Value or_null(std::optional<double> ms) { return ms ? Value(*ms) : Value(nullptr); }

Value run_clock(std::string_view call, Value const& a) {
  auto const number = [&a](std::size_t i) { return a.at(i).number(); };
  auto const zone = a.at(0).string() == "utc" ? Zone::Utc : Zone::Local;
  auto const unit = [&a] { return interval(a.at(0).string(), a.at(1).string()); };
  if (call == "floor") return unit().floor(number(2));
  if (call == "ceil") return unit().ceil(number(2));
  if (call == "round") return unit().round(number(2));
  if (call == "offset") return unit().offset(number(2), number(3));
  if (call == "count") return unit().count(number(2), number(3));
  if (call == "everyFloor") return unit().every(number(2))->floor(number(3));
  if (call == "everyOffset") return unit().every(number(2))->offset(number(3), number(4));
  if (call == "range") return list(unit().range(number(2), number(3), number(4)));
  if (call == "ticks") return list(time_ticks(number(1), number(2), number(3), zone));
  if (call == "timeFloor") return TimeFloor(time_units(a.at(1)), number(2), zone)(number(3));
  if (call == "dayofyear") return day_of_year(number(1), zone);
  if (call == "week") return week_of_year(number(1), zone);
  if (call == "isoweek") return iso_week(number(1), zone);
  if (call == "timeFormat") return TimeFormat(a.at(0).string(), Zone::Local)(number(1));
  if (call == "utcFormat") return TimeFormat(a.at(0).string(), Zone::Utc)(number(1));
  if (call == "multiFormat") return TimeMultiFormat(a.at(0), Zone::Local)(number(1));
  if (call == "timeParse") return or_null(parse_time(a.at(1).string(), a.at(0).string(), Zone::Local));
  if (call == "utcParse") return or_null(parse_time(a.at(1).string(), a.at(0).string(), Zone::Utc));
  if (call == "parseDate") return parse_date(a.at(0).string());
  if (call == "timeFormatLocale")
    return TimeFormat(a.at(1).string(), Zone::Utc,
                      std::make_shared<TimeLocale const>(TimeLocale::from(a.at(0))))(number(2));
  if (call == "timeParseLocale")
    return or_null(parse_time(a.at(2).string(), a.at(1).string(), Zone::Utc, TimeLocale::from(a.at(0))));
  if (call == "timeUnitSpecifier") return time_unit_specifier(time_units(a.at(0)), a.at(1));
  if (call == "timeUnits") return time_units(a.at(0)).size();
  if (call == "timeBin") {
    auto const bin = time_bin(a.at(0).at(0).number(), a.at(0).at(1).number(), number(1));
    Array units;
    for (auto u : bin.units) units.emplace_back(time_unit_name(u));
    return Value::object({{"units", Value(units)}, {"step", bin.step}});
  }
  return {};
}

}  // namespace

TEST_CASE("time: every case the reference answered, in each zone", "[vega][value]") {
  auto const cases = cml::test::fixture("times");
  REQUIRE(cases.size() > 3000);
  LocalZone const guard;
  std::string zone;
  for (auto const& c : cases.items()) {
    if (c["zone"].string() != zone) {
      zone = c["zone"].string();
      set_local_zone(TimeZone::named(zone));
    }
    INFO(to_json(c));
    if (c["result"].has("$error")) {
      CHECK_THROWS_AS(run_clock(c["call"].string(), c["args"]), EngineError);
      continue;
    }
    auto const result = run_clock(c["call"].string(), c["args"]);
    INFO(to_json(result));
    CHECK(close(result, c["result"], 1e-14));
  }
}

TEST_CASE("time zone: rules of the POSIX kind and nonsense", "[vega][value]") {
  auto const eastern = TimeZone::from_rule("EST5EDT,M3.2.0,M11.1.0");
  CHECK(eastern.offset(1457852400000.0 - 1) == -5 * 3600000.0);
  CHECK(eastern.offset(1457852400000.0 + 3600000) == -4 * 3600000.0);
  CHECK(TimeZone::from_rule("<+0330>-3:30").offset(0) == 3.5 * 3600000);
  for (auto bad : {"", "X", "EST", "EST5EDT,M13.1.0,M1", "::::"}) CHECK(TimeZone::from_rule(bad).is_utc());
  CHECK(TimeZone::from_tzif("TZif2").is_utc());
  CHECK(TimeZone::from_tzif(std::string(200, '\xff')).is_utc());
  CHECK(TimeZone::named("../../etc/passwd").is_utc());
}

TEST_CASE("time intervals: a range of absurd length is refused, not built", "[vega][value]") {
  CHECK_THROWS_AS(TimeInterval(Unit::Millisecond).range(0, 1e14), EngineError);
  CHECK(TimeInterval(Unit::Day).range(0, std::nan("")).empty());
}

TEST_CASE("time: the built-in zones are the system's", "[vega][time]") {
  CHECK(TimeZone::built_in("Asia/Tokyo").offset(0) == 9 * 3600000);
  CHECK(TimeZone::built_in("Etc/UTC").is_utc());
  CHECK(TimeZone::built_in("No/Where").is_utc());
  for (auto zone : {"America/New_York", "Europe/Berlin", "US/Pacific", "Australia/Lord_Howe", "Africa/Casablanca"}) {
    CAPTURE(zone);
    auto const ours = TimeZone::built_in(zone), theirs = TimeZone::named(zone);
    CHECK_FALSE(ours.is_utc());
    for (double month = -600; month < 1200; ++month) {
      double const ms = month * 30 * 86400000.0;
      CHECK(ours.offset(ms) == theirs.offset(ms));
    }
  }
}
