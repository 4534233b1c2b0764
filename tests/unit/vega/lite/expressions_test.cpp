// What the compiler reads from and writes into expressions and event selectors.
#include <catch2/catch.hpp>

#include "vega/lite/event_selector.hpp"
#include "vega/lite/expression_fields.hpp"
#include "vega/lite/predicate.hpp"
#include "vega/lite/time_unit.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;
using namespace cml::vega::lite;

namespace {
Value json(char const* text) { return parse_json(text).value(); }
}  // namespace

TEST_CASE("dependent_fields: fields of datum, also nested, quoted and in calls", "[vega][lite][expression]") {
  CHECK(dependent_fields("datum.a + datum['b c'] * foo(datum.x.y)") == Strings{"a", "b c", "x", "x.y"});
  CHECK(dependent_fields("event.datum.a + \"datum.b\"") == Strings{});
  CHECK(dependent_fields("datum[\"p\" + i] && datum.q") == Strings{"", "q"});
  CHECK(dependent_fields("datum") == Strings{});
  CHECK(dependent_fields("datum [ 'k' ] . z") == Strings{"k", "k.z"});
}

TEST_CASE("parse_event_selector: sources, marks, filters, between and throttle", "[vega][lite][event]") {
  auto const text = [](char const* selector) { return to_json(parse_event_selector(selector, "scope")); };
  CHECK(text("click") == R"([{"source":"scope","type":"click"}])");
  CHECK(text("@bar:click[event.x > 1]{10,20}") ==
        R"([{"source":"scope","type":"click","markname":"bar","filter":["event.x > 1"],"throttle":10,"debounce":20}])");
  CHECK(text("rect:wheel!, window:keyup") ==
        R"([{"source":"scope","type":"wheel","marktype":"rect","consume":true},{"source":"window","type":"keyup"}])");
  CHECK(text("[pointerdown, window:pointerup] > pointermove!") ==
        R"([{"source":"scope","consume":true,"type":"pointermove","between":[{"source":"scope","type":"pointerdown"},)"
        R"({"source":"window","type":"pointerup"}]}])");
  for (auto bad : {"", "[a] > b", "[a, b c", "x[", "a{x}", "a}"}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_event_selector(bad, "view"), EngineError);
  }
  CHECK_THROWS_AS(parse_event_selector(std::string(5000, '['), "view"), EngineError);
}

TEST_CASE("field predicates become expressions", "[vega][lite][predicate]") {
  Diagnostics diagnostics;
  Context ctx(diagnostics);
  struct Case {
    char const *predicate, *expression;
  };
  Case const cases[] = {
      {R"({"field": "a", "equal": "x"})", R"(datum["a"]==="x")"},
      {R"({"field": "a", "lte": 3})", R"(datum["a"]<=3)"},
      {R"({"field": "a", "oneOf": [1, "b"]})", R"(indexof([1,"b"], datum["a"]) !== -1)"},
      {R"({"field": "a", "range": [1, 2]})", R"(inrange(datum["a"], [1, 2]))"},
      {R"({"field": "a", "range": [null, 2]})", R"(datum["a"] <= 2)"},
      {R"({"field": "a", "range": [null, null]})", "true"},
      {R"({"field": "a", "valid": true})", R"(isValid(datum["a"]) && isFinite(+datum["a"]))"},
      {R"({"field": "t", "timeUnit": "year", "equal": 2005})",
       R"(time(datetime(year(datum["t"]), 0, 1, 0, 0, 0, 0))===time(datetime(2005, 0, 1, 0, 0, 0, 0)))"},
      {R"({"field": "t", "gt": {"year": 2001, "month": "feb"}})",
       R"(datum["t"]>time(datetime(2001, 1, 1, 0, 0, 0, 0)))"}};
  for (auto const& c : cases) CHECK(field_predicate_expression(ctx, json(c.predicate)) == c.expression);
  CHECK_THROWS_AS(field_predicate_expression(ctx, json(R"({"field": "a"})")), EngineError);
}

TEST_CASE("time units: parts, names and durations", "[vega][lite][time]") {
  Diagnostics diagnostics;
  Context ctx(diagnostics);
  CHECK(time_unit_parts("yearmonthdatehoursminutesseconds") ==
        Strings{"year", "month", "date", "hours", "minutes", "seconds"});
  CHECK(time_unit_parts("dayofyear") == Strings{"dayofyear"});
  CHECK(time_unit_parts("milliseconds") == Strings{"milliseconds"});
  CHECK(time_unit_to_string("utcyearmonth") == "utcyearmonth");
  CHECK(time_unit_to_string(json(R"({"unit": "month", "step": 3})")) == "month_step_3");
  CHECK(duration_expression(ctx, "quarter") == "datetime(2001, 3, 1, 0, 0, 0, 0) - datetime(2001, 0, 1, 0, 0, 0, 0)");
  CHECK(duration_expression(ctx, "day") == std::nullopt);
  CHECK(date_time_timestamp(ctx, json(R"({"year": 2020, "month": 2, "date": 3, "utc": true})")) == 1580688000000);
  CHECK_THROWS_AS(date_time_expression(ctx, json(R"({"month": "smarch"})")), EngineError);
}
