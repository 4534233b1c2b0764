#include <catch2/catch.hpp>

#include "vega/lite/channel_def.hpp"
#include "vega/lite/config.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;
using namespace cml::vega::lite;

namespace {
Value json(std::string const& text) { return parse_json(text).value(); }
}  // namespace

TEST_CASE("vg_field: the column that a definition names", "[vega][lite][channel_def]") {
  struct Case {
    char const *def, *field;
  };
  Case const cases[] = {{R"({"field": "a"})", "a"},
                        {R"({"field": "a.b"})", "a\\.b"},
                        {R"({"aggregate": "count"})", "__count"},
                        {R"({"aggregate": "mean", "field": "a"})", "mean_a"},
                        {R"({"aggregate": {"argmax": "b"}, "field": "a"})", R"(argmax_b["a"])"},
                        {R"({"bin": true, "field": "a"})", "bin_maxbins_10_a"},
                        {R"({"bin": {"extent": [0, 5]}, "field": "a"})", "bin_extent_0_5_a"},
                        {R"({"timeUnit": "utcyear", "field": "a"})", "utcyear_a"},
                        {R"({"timeUnit": "binnedyear", "field": "a"})", "a"},
                        {R"({"op": "sum", "field": "a"})", "sum_a"}};
  for (auto const& c : cases) CHECK(vg_field(json(c.def)) == c.field);
  auto const binned = json(R"({"bin": true, "field": "a"})");
  CHECK(vg_field(binned, {.expr = "datum", .bin_suffix = "end"}) == R"(datum["bin_maxbins_10_a_end"])");
  CHECK(vg_field(json(R"({"field": "a.b"})"), {.for_as = true}) == "a.b");
  CHECK(sort_array_index_field(json(R"({"field": "a"})"), "x") == "x_a_sort_index");
}

TEST_CASE("titles: as Vega-Lite words them, by the config's formatter", "[vega][lite][channel_def]") {
  auto const title = [](char const* def, char const* config = "{}") {
    return default_title(json(def), init_config(json(config))).to_string();
  };
  CHECK(title(R"({"aggregate": "count"})") == "Count of Records");
  CHECK(title(R"({"aggregate": "mean", "field": "a"})") == "Mean of a");
  CHECK(title(R"({"bin": true, "field": "a"})") == "a (binned)");
  CHECK(title(R"({"timeUnit": "yearmonth", "field": "t"})") == "t (year-month)");
  CHECK(title(R"({"aggregate": {"argmin": "b"}, "field": "a"})") == "a for min b");
  CHECK(title(R"({"aggregate": "mean", "field": "a"})", R"({"fieldTitle": "functional"})") == "MEAN(a)");
  CHECK(title(R"({"aggregate": "mean", "field": "a"})", R"({"fieldTitle": "plain"})") == "a");
}

TEST_CASE("init_field_def: types are inferred and spelled out", "[vega][lite][channel_def]") {
  Diagnostics diagnostics;
  Context ctx(diagnostics);
  auto const type = [&](char const* def, char const* channel = "x") {
    return init_field_def(ctx, json(def), channel)["type"].to_string();
  };
  CHECK(type(R"({"field": "a"})") == "nominal");
  CHECK(type(R"({"field": "a", "type": "Q"})") == "quantitative");
  CHECK(type(R"({"field": "a", "aggregate": "mean"})") == "quantitative");
  CHECK(type(R"({"field": "a", "timeUnit": "year"})") == "temporal");
  CHECK(type(R"({"field": "a", "sort": ["x"]})") == "ordinal");
  CHECK(type(R"({"field": "a", "scale": {"type": "log"}})") == "quantitative");
  CHECK(type(R"({"field": "a", "aggregate": "count", "type": "nominal"})") == "quantitative");
  CHECK(init_field_def(ctx, json(R"({"field": "a", "sort": "-color"})"), "x")["sort"] ==
        json(R"({"encoding": "color", "order": "descending"})"));
  init_field_def(ctx, json(R"({"field": "a", "aggregate": "avrage"})"), "y");
  CHECK(diagnostics.warnings().back().text == "unknown aggregate \"avrage\"; ignored");
}
