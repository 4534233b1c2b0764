#include "vega/engine/draw.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

using namespace cml;

namespace {

std::string points_spec(int rows) {
  std::string values;
  for (int i = 0; i < rows; ++i) values += (i ? "," : "") + ("{\"a\":" + std::to_string(i % 100) + "}");
  return R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","mark":"point","data":{"values":[)" + values +
         R"(]},"encoding":{"x":{"field":"a","type":"quantitative"}}})";
}

Result<std::string> draw_within(double steps, std::string const& text) {
  DrawOptions options;
  options.budget = steps / vega::Limits{}.steps;
  Diagnostics diagnostics;
  auto const no_files = [](std::string_view) -> Result<std::string> { return Error{ErrorKind::NotFound, "no files"}; };
  return Drawer().draw(text, options, no_files, diagnostics);
}

}  // namespace

TEST_CASE("drawer: reading, compiling, running and rendering count towards one budget", "[vega][engine][budget]") {
  std::string const text = points_spec(20'000);
  double reading = 0, all = 0;
  REQUIRE(draw_within(1e15, text));  // What a thread makes once is made.
  {
    vega::BudgetScope const scope({1e15, 1e15});
    REQUIRE(vega::parse_spec(text));
    reading = vega::budget::meter.steps;
  }
  {
    vega::BudgetScope const scope({1e15, 1e15});
    REQUIRE(draw_within(1e15, text));
    all = vega::budget::meter.steps;
  }
  REQUIRE(reading > 0);
  REQUIRE(all > reading);
  CHECK(draw_within(all, text));
  // Enough for each part alone, and for all but the reading.
  auto const refused = draw_within(all - reading / 2, text);
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, vega::kOverBudget));
  CHECK(contains(refused.error().message, "--plot-budget"));
}

TEST_CASE("drawer: no part lets an error of the budget through as anything but a Result", "[vega][engine][budget]") {
  std::string const text = points_spec(100);
  double all = 0;
  REQUIRE(draw_within(1e15, text));  // What a thread makes once is made.
  {
    vega::BudgetScope const scope({1e15, 1e15});
    REQUIRE(draw_within(1e15, text));
    all = vega::budget::meter.steps;
  }
  int drawn = 0;
  for (double part = 0; part <= 1; part += 1.0 / 64) {
    auto const picture = draw_within(all * part, text);
    drawn += picture ? 1 : 0;
    if (!picture) CHECK(contains(picture.error().message, vega::kOverBudget));
  }
  CHECK(drawn == 1);
}
