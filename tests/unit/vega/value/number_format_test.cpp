#include "vega/value/number_format.hpp"

#include <catch2/catch.hpp>

#include "support/fixture.hpp"
#include "vega/value/error.hpp"
#include "vega/value/js_number.hpp"
#include "vega/value/json.hpp"

using namespace cml::vega;
using cml::test::close;

namespace {

NumberLocaleRef locale_of(Value const& v) { return std::make_shared<NumberLocale const>(NumberLocale::from(v)); }

Value run(std::string_view call, Value const& a) {
  auto const text = [&a](std::size_t i) { return std::string(a.at(i).string()); };
  auto const number = [&a](std::size_t i) { return a.at(i).number(); };
  if (call == "format") return NumberFormat(text(0))(number(1));
  if (call == "formatLocale") return NumberFormat(text(1), locale_of(a.at(0)))(number(2));
  if (call == "formatPrefix") return NumberFormat::prefixed(FormatSpecifier::parse(text(0)), number(1))(number(2));
  if (call == "formatFloat") return NumberFormat::trimmed(text(0))(number(1));
  if (call == "formatSpan") {
    std::string const given = text(3);
    std::optional<std::string_view> specifier;
    if (a.at(3).is_string()) specifier = given;
    return NumberFormat::of_ticks(number(0), number(1), number(2), specifier)(number(4));
  }
  if (call == "precisionFixed") return precision_fixed(number(0));
  if (call == "precisionPrefix") return precision_prefix(number(0), number(1));
  if (call == "precisionRound") return precision_round(number(0), number(1));
  if (call == "tickStep") return decimal::tick_step(number(0), number(1), number(2));
  if (call == "toFixed") return to_fixed(number(0), static_cast<int>(number(1)));
  if (call == "toExponential") return to_exponential(number(0), static_cast<int>(number(1)));
  if (call == "toPrecision") return to_precision(number(0), static_cast<int>(number(1)));
  if (call == "ticks") {
    Array out;
    for (double tick : decimal::ticks(number(0), number(1), number(2))) out.emplace_back(tick);
    return out;
  }
  return {};
}

}  // namespace

TEST_CASE("number formats: every case the reference answered", "[vega][value]") {
  auto const cases = cml::test::fixture("numbers");
  REQUIRE(cases.size() > 1000);
  for (auto const& c : cases.items()) {
    INFO(to_json(c));
    if (c["result"].has("$error")) {
      CHECK_THROWS_AS(run(c["call"].string(), c["args"]), EngineError);
      continue;
    }
    auto const result = run(c["call"].string(), c["args"]);
    INFO(to_json(result));
    CHECK(close(result, c["result"], 1e-14));
  }
}

TEST_CASE("number formats: a width beyond reason is refused", "[vega][value]") {
  CHECK_THROWS_AS(NumberFormat("1000000000d"), EngineError);
}

TEST_CASE("number formats: type c prints any value as text", "[vega][value]") {
  CHECK(NumberFormat("c")(Value("abc")) == "abc");
  CHECK(NumberFormat("^7c")(Value("abc")) == "  abc  ");
}
