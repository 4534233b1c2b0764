// The compiler's face: what it takes, refuses and warns of.
#include <catch2/catch.hpp>

#include <algorithm>
#include <ctime>

#include "vega/lite/compile.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;

namespace {

Value spec_json(std::string const& text) { return parse_spec(text).value(); }

std::string error_of(std::string const& spec) {
  Diagnostics diagnostics;
  auto const result = lite::compile(spec_json(spec), {}, diagnostics);
  return result ? "compiled" : result.error().message;
}
std::string first_warning(std::string const& spec) {
  Diagnostics diagnostics;
  auto const result = lite::compile(spec_json(spec), {}, diagnostics);
  if (!result) return "refused: " + result.error().message;
  if (diagnostics.warnings().empty()) return "none";
  return diagnostics.warnings().front().where + ": " + diagnostics.warnings().front().text;
}

}  // namespace

TEST_CASE("is_vega_lite: by schema, else by shape", "[vega][lite][compile]") {
  CHECK(lite::is_vega_lite(spec_json(R"({"$schema": "https://vega.github.io/schema/vega-lite/v4.json"})")));
  CHECK_FALSE(
      lite::is_vega_lite(spec_json(R"({"$schema": "https://vega.github.io/schema/vega/v5.json", "layer": []})")));
  CHECK(lite::is_vega_lite(spec_json(R"({"vconcat": []})")));
  CHECK_FALSE(lite::is_vega_lite(spec_json(R"({"marks": [], "layout": {}})")));
  CHECK_FALSE(lite::is_vega_lite(spec_json("[1]")));
}

TEST_CASE("compile: what is no view is refused with its path and the remedy", "[vega][lite][compile]") {
  struct Case {
    char const *spec, *message;
  };
  Case const cases[] = {
      {"[]", "$: a Vega-Lite specification must be an object"},
      {"{}",
       "$: this view has none of mark, layer, facet, concat, hconcat, vconcat or repeat; add a mark and an encoding"},
      {R"({"mark": "sausage"})", "$.mark: unknown mark \"sausage\""},
      {R"({"mark": {"color": "red"}})", "$.mark: must be the name of a mark or an object with \"type\""},
      {R"({"layer": {"mark": "bar"}})", "$.layer: must be a list of views"},
      {R"({"layer": ["bar"]})", "$.layer[0]: a view must be an object"},
      {R"({"hconcat": [{"mark": "bar"}, {"mark": "ba"}]})",
       "$.hconcat[1].mark: unknown mark \"ba\"; did you mean \"bar\"?"},
      {R"({"facet": {"field": "a"}})", "$: facet needs \"spec\", the view to draw for each part"},
      {R"({"mark": "bar", "encoding": [1]})", "$.encoding: must be an object"},
      {R"({"mark": "bar", "transform": {}})", "$.transform: must be a list"},
      {R"({"mark": "bar", "config": 3})", "$.config: must be an object"},
      {R"({"mark": "bar", "encoding": {"x": {"field": "a", "type": "quantity"}}})",
       "$.encoding.x: no valid field type; use quantitative, temporal, ordinal, nominal or geojson"},
      {R"({"mark": "boxplot", "encoding": {"x": {"field": "a"}}})",
       "$.encoding: boxplot needs a quantitative or temporal field on x or y"},
      {R"({"mark": "bar", "encoding": {"x": {"field": "a[b"}}})",
       "$: field path \"a[b\" has an unclosed [; escape it as \\\\["},
      {R"({"mark": "bar", "encoding": {"x": {"field": "a", "sort": {"encoding": "y"}}}})",
       "$.encoding.x.sort: there is no field on channel \"y\" to sort by"},
      {R"({"mark": "point", "transform": [{"filter": {"field": "a"}}], "encoding": {}})",
       "$: invalid filter predicate {\"field\":\"a\"}; use an expression, a param, or a field with equal, lt, lte, gt, "
       "gte, "
       "range, oneOf or valid"},
      {R"({"mark": "point", "params": [{"name": "s", "select": "lasso"}], "encoding": {}})",
       "$.params: unknown selection type \"lasso\" of \"s\"; use point or interval"},
      {R"({"mark": "point", "transform": [{"lookup": "a"}], "encoding": {}})",
       "$.transform: lookup needs \"from\" with data or param"},
  };
  for (auto const& c : cases) {
    INFO(c.spec);
    CHECK(error_of(c.spec) == c.message);
  }
}

TEST_CASE("compile: recoverable trouble is a warning with its view's path", "[vega][lite][compile]") {
  CHECK(first_warning(R"({"mark": "bar", "encoding": {"x": {"field": "a"}}})") == "none");
  CHECK(first_warning(R"({"mark": "bar", "encoding": {"z": {"field": "a"}}})") ==
        "$: unknown encoding channel \"z\" dropped");
  CHECK(first_warning(R"({"layer": [{"mark": "bar", "encoding": {"x": 3}}]})") ==
        "$.layer[0]: x dropped: it has no field, datum, value or signal");
  CHECK(first_warning(R"({"mark": "bar", "encoding": {"shape": {"field": "a"}}})") ==
        "$: shape dropped: it does not work with bar");
  CHECK(first_warning(R"({"mark": "point", "transform": [{"melt": 1}], "encoding": {}})") ==
        "$: unknown transform ignored: {\"melt\":1}");
  CHECK(first_warning(R"({"mark": "point", "selection": {"s": {"type": "single"}}, "encoding": {}})") ==
        "$: \"selection\" is an old spelling; read as params");
  CHECK(first_warning(
            R"({"mark": "bar", "encoding": {"x": {"field": "a", "scale": {"type": "log"}, "type": "nominal"}}})") ==
        "$: scale type \"log\" does not fit the field's type; using \"band\"");
}

TEST_CASE("compile: hostile sizes end in an error", "[vega][lite][compile]") {
  std::string deep = R"({"mark": "bar"})";
  for (int i = 0; i < 150; ++i) deep = R"({"layer": [)" + deep + "]}";
  CHECK(error_of(deep).find("nested deeper than 100 levels") != std::string::npos);

  std::string fields;
  for (int i = 0; i < 200; ++i) fields += (i ? ",\"f" : "\"f") + std::to_string(i) + "\"";
  auto const repeat = R"({"repeat": {"row": [)" + fields + R"(], "column": [)" + fields +
                      R"(]}, "spec": {"mark": "bar", "encoding": {}}})";
  CHECK(error_of(repeat).find("more than 20000 views") != std::string::npos);

  std::string transforms;
  for (int i = 0; i < 3000; ++i) transforms += std::string(i ? "," : "") + R"({"sample": 1})";
  CHECK(error_of(R"({"mark": "bar", "transform": [)" + transforms + "]}").find("more than 2000 transforms") !=
        std::string::npos);
}

TEST_CASE("compile: config below the specification's own", "[vega][lite][compile]") {
  Diagnostics diagnostics;
  lite::CompileOptions options;
  options.config = spec_json(R"({"background": "black", "axis": {"grid": false, "tickSize": 3}})");
  auto const spec = spec_json(R"({"mark": "bar", "encoding": {}, "config": {"axis": {"grid": true}}})");
  auto const vega = lite::compile(spec, options, diagnostics);
  REQUIRE(vega);
  CHECK((*vega)["background"].to_string() == "black");
  CHECK((*vega)["config"]["axis"] == spec_json(R"({"grid": true, "tickSize": 3})"));
}

TEST_CASE("compile: what one specification configures stays out of the next", "[vega][lite][compile]") {
  auto const spec = [](std::string const& more) {
    Diagnostics diagnostics;
    auto const text =
        R"({"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}})" +
        more + "}";
    return to_json(lite::compile(parse_spec(text).value(), {}, diagnostics).value());
  };
  auto const plain = spec("");
  auto const configured =
      spec(R"(, "config": {"bar": {"fill": "red"}, "view": {"stroke": null}, "axis": {"grid": false}})");
  CHECK(configured.find("red") != std::string::npos);
  CHECK(spec("") == plain);
  CHECK(spec(R"(, "config": {})") == plain);
}

TEST_CASE("compile: inline data pass through as the same table", "[vega][lite][compile]") {
  Diagnostics diagnostics;
  auto const spec =
      spec_json(R"({"data": {"values": [{"a": 1}, {"a": 2}]}, "mark": "point", "encoding": {"x": {"field": "a"}}})");
  auto const vega = lite::compile(spec, {}, diagnostics);
  REQUIRE(vega);
  CHECK((*vega)["data"].at(0)["values"].table() == spec["data"]["values"].table());
}

TEST_CASE("compile: the cost grows about linearly with the layers", "[vega][lite][compile]") {
  auto const layered = [](int count) {
    std::string layers;
    for (int i = 0; i < count; ++i)
      layers += std::string(i ? "," : "") +
                R"({"mark": "line", "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y)" +
                std::to_string(i) + R"(", "type": "quantitative"}}})";
    return spec_json(R"({"data": {"url": "d.csv"}, "layer": [)" + layers + "]}");
  };
  auto const cost = [](Value const& spec) {
    Diagnostics diagnostics;
    double best = 1e18;
    for (int i = 0; i < 5; ++i) {
      auto const start = std::clock();  // CPU time: other work on the machine does not count.
      REQUIRE(lite::compile(spec, {}, diagnostics));
      best = std::min(best, static_cast<double>(std::clock() - start));
    }
    return best;
  };
  CHECK(cost(layered(500)) < 250 * cost(layered(5)));
}
