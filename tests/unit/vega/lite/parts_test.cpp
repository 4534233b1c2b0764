// Components of compiled views: scales, axes, legends, data and selections in the Vega that comes out.
#include <catch2/catch.hpp>

#include "vega/lite/compile.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;

namespace {

Value compiled(std::string const& text) {
  Diagnostics diagnostics;
  auto const vega = lite::compile(parse_spec(text).value(), {}, diagnostics);
  if (!vega) FAIL(vega.error().message);
  return *vega;
}
Value named(Value const& list, std::string_view name) {
  for (auto const& item : list.items())
    if (item["name"].string_or("") == name) return item;
  return {};
}
std::string const kData = R"("data": {"values": [{"a": "A", "b": 1, "c": "u"}, {"a": "B", "b": null, "c": "v"}]})";

std::string unit(std::string const& mark, std::string const& encoding, std::string const& more = "") {
  return "{" + kData + ", \"mark\": " + mark + ", \"encoding\": {" + encoding + "}" + more + "}";
}

}  // namespace

TEST_CASE("scales: type, domain and padding follow the mark and the fields", "[vega][lite][scale]") {
  auto const vega = compiled(unit(R"("bar")", R"("x": {"field": "a"}, "y": {"field": "b", "type": "quantitative"})"));
  auto const x = named(vega["scales"], "x"), y = named(vega["scales"], "y");
  CHECK(x["type"].to_string() == "band");
  CHECK(x["paddingInner"].number() == 0.1);
  CHECK(to_json(x["range"]) == R"({"step":{"signal":"x_step"}})");
  CHECK(y["zero"].boolean());
  CHECK(y["nice"].boolean());
  CHECK(to_json(y["domain"]) == R"({"data":"data_0","fields":["b_start","b_end"]})");
  CHECK(to_json(named(vega["signals"], "width")) ==
        R"({"name":"width","update":"bandspace(domain('x').length, 0.1, 0.05) * x_step"})");

  auto const point =
      compiled(unit(R"("point")", R"("x": {"field": "a"}, "color": {"field": "b", "type": "quantitative"})"));
  CHECK(named(point["scales"], "x")["type"].to_string() == "point");
  CHECK(named(point["scales"], "color")["range"].to_string() == "ramp");
  CHECK(named(point["scales"], "color")["interpolate"].to_string() == "hcl");
}

TEST_CASE("scales: a property that does not work with the type is dropped", "[vega][lite][scale]") {
  auto const vega = compiled(unit(R"("point")", R"("x": {"field": "a", "scale": {"clamp": true, "exponent": 2}})"));
  CHECK_FALSE(named(vega["scales"], "x")["clamp"].defined());
  CHECK_FALSE(named(vega["scales"], "x")["exponent"].defined());
}

TEST_CASE(
    "axes: an axis' style says more than config of its scale, that more than of its side, and all more than styles "
    "there",
    "[vega][lite][axis]") {
  auto const color = [](std::string const& axis, std::string const& config) {
    auto const vega = compiled(
        unit(R"("bar")", R"("x": {"field": "a", "axis": {)" + axis + "}}",
             R"(, "config": {"style": {"one": {"tickColor": "one"}, "two": {"tickColor": "two"}}, )" + config + "}"));
    return vega["axes"].at(0)["tickColor"].to_string();
  };
  auto const band = R"("axisXBand": {"tickColor": "xBand"}, )",
             discrete = R"("axisDiscrete": {"tickColor": "discrete"}, )", side = R"("axisX": {"style": "one"})";
  CHECK(color(R"("style": ["one", "two"])", band + std::string(discrete) + side) == "two");
  CHECK(color("", band + std::string(discrete) + side) == "xBand");
  CHECK(color("", discrete + std::string(side)) == "discrete");
  CHECK(color("", side) == "one");
  CHECK(color("", R"("axisX": {"tickColor": "vega's to apply", "style": "one"})") == "undefined");
  CHECK(color(R"("tickColor": "own", "style": "one")", band + std::string(side)) == "own");
}

TEST_CASE("axes: titles, label angles and conditions", "[vega][lite][axis]") {
  auto const vega =
      compiled(unit(R"("bar")", R"("x": {"field": "a", "axis": {"labelColor": {"condition": {"test": "datum.index == 1",
    "value": "red"}, "value": "blue"}}}, "y": {"aggregate": "mean", "field": "b"})"));
  REQUIRE(vega["axes"].size() == 3);  // The grid of y, x, y.
  auto const x = vega["axes"].at(1), y = vega["axes"].at(2);
  CHECK(x["labelAngle"].number() == 270);
  CHECK(to_json(x["encode"]["labels"]["update"]["fill"]) ==
        R"([{"test":"datum.index == 1","value":"red"},{"value":"blue"}])");
  CHECK(y["title"].to_string() == "Mean of b");
  CHECK(vega["axes"].at(0)["grid"].boolean());
  CHECK_FALSE(compiled(unit(R"("bar")", R"("x": {"field": "a", "axis": null})"))["axes"].defined());
}

TEST_CASE("axes: one that a layer disables is disabled for all that share it", "[vega][lite][axis]") {
  auto const vega =
      compiled("{" + kData + R"(, "encoding": {"y": {"field": "b", "type": "quantitative", "axis": {"title": "t"}}},
    "layer": [{"mark": "area", "encoding": {}}, {"mark": "line", "encoding": {"y": {"axis": null, "field": "b"}}}]})");
  CHECK_FALSE(vega["axes"].defined());
}

TEST_CASE("legends: one for channels that show the same field", "[vega][lite][legend]") {
  auto const vega = compiled(
      unit(R"("point")",
           R"("x": {"field": "b", "type": "quantitative"}, "color": {"field": "c"}, "shape": {"field": "c"})"));
  REQUIRE(vega["legends"].size() == 1);
  CHECK(vega["legends"].at(0)["stroke"].to_string() == "color");
  CHECK(vega["legends"].at(0)["shape"].to_string() == "shape");
  CHECK(compiled(unit(R"("bar")", R"("color": {"field": "b", "type": "quantitative"})"))["legends"]
            .at(0)["gradientLength"]["signal"]
            .to_string() == "clamp(height, 64, 200)");
}

TEST_CASE("data: invalid numbers are filtered for points, break lines, and can be shown", "[vega][lite][data]") {
  std::string const encoding = R"("x": {"field": "a"}, "y": {"field": "b", "type": "quantitative"})";
  auto const point = compiled(unit(R"("point")", encoding));
  CHECK(to_json(point["data"].at(1)["transform"].at(0)["expr"]) ==
        R"x("isValid(datum[\"b\"]) && isFinite(+datum[\"b\"])")x");
  auto const line = compiled(unit(R"("line")", encoding));
  CHECK(line["data"].size() == 1);
  CHECK(line["marks"].at(0)["encode"]["update"]["defined"]["signal"].to_string() ==
        R"x(isValid(datum["b"]) && isFinite(+datum["b"]))x");
  auto const shown = compiled(unit(R"({"type": "point", "invalid": null})", encoding));
  CHECK(shown["data"].size() == 1);
  CHECK(shown["marks"].at(0)["encode"]["update"]["y"].is_array());
}

TEST_CASE("data: sources with the same content are one, parsing moves to the source", "[vega][lite][data]") {
  auto const vega = compiled(R"({"hconcat": [
    {"data": {"url": "d.csv"}, "mark": "line", "encoding": {"x": {"field": "t", "type": "temporal"}}},
    {"data": {"url": "d.csv"}, "mark": "line", "encoding": {"y": {"field": "t", "type": "temporal"}}}]})");
  REQUIRE(vega["data"].size() == 1);
  CHECK(to_json(vega["data"].at(0)["format"]) == R"({"type":"csv","parse":{"t":"date"}})");
}

TEST_CASE("stacking: bars add up, with invalid offsets and scales left alone", "[vega][lite][stack]") {
  auto const stacked = compiled(
      unit(R"("bar")", R"("x": {"field": "a"}, "y": {"field": "b", "type": "quantitative"}, "color": {"field": "c"})"));
  auto const transform = stacked["data"].at(1)["transform"].at(0);
  CHECK(transform["type"].to_string() == "stack");
  CHECK(transform["offset"].to_string() == "zero");
  CHECK(named(stacked["scales"], "y")["domain"]["fields"].size() == 2);
  auto const plain = compiled(unit(
      R"("bar")",
      R"("x": {"field": "a"}, "y": {"field": "b", "type": "quantitative", "stack": null}, "color": {"field": "c"})"));
  CHECK(to_json(plain["data"]).find("\"stack\"") == std::string::npos);
}

TEST_CASE("selections: conditions test the store, variables test themselves", "[vega][lite][selection]") {
  auto const vega = compiled(
      unit(R"("point")",
           R"("color": {"condition": [{"param": "s", "empty": false, "value": "red"}, {"param": "v",)"
           R"( "value": "blue"}], "value": "gray"})",
           R"(, "params": [{"name": "s", "select": "point", "value": [{"a": "A"}]}, {"name": "v", "value": true}])"));
  auto const color = vega["marks"].at(0)["encode"]["update"]["stroke"];
  CHECK(color.at(0)["test"].to_string() == R"x(length(data("s_store")) && vlSelectionTest("s_store", datum))x");
  CHECK(color.at(1)["test"].to_string() == "!!v");
  CHECK(to_json(named(vega["data"], "s_store")["values"]) ==
        R"([{"unit":"","fields":[{"field":"a","type":"E"}],"values":["A"]}])");
  CHECK(to_json(named(vega["signals"], "v")) == R"({"name":"v","value":true})");
}

TEST_CASE("sizes: steps, containers and what config says", "[vega][lite][layoutsize]") {
  std::string const encoding = R"("x": {"field": "b", "type": "quantitative"}, "y": {"field": "a"})";
  auto const plain = compiled(unit(R"("point")", encoding));
  CHECK(plain["width"].number() == 300);
  CHECK(named(plain["signals"], "y_step")["value"].number() == 20);
  auto const container = compiled(unit(R"("point")", encoding, R"(, "width": "container", "height": {"step": 7})"));
  CHECK(named(container["signals"], "width")["init"].to_string() ==
        "isFinite(containerSize()[0]) ? containerSize()[0] : 300");
  CHECK(container["autosize"]["type"].to_string() == "fit-x");
  CHECK(named(container["signals"], "y_step")["value"].number() == 7);
}

TEST_CASE("old spellings: rangeStep, band, stack none and config words mean what they meant", "[vega][lite][old]") {
  auto const step = compiled(unit(
      R"("bar")", R"("x": {"field": "a", "scale": {"rangeStep": 11}}, "y": {"field": "b", "type": "quantitative"})"));
  CHECK(named(step["signals"], "x_step")["value"].number() == 11);
  auto const band =
      compiled(unit(R"("bar")", R"("x": {"field": "a", "band": 0.5}, "y": {"field": "b", "type": "quantitative"})"));
  CHECK(band["marks"].at(0)["encode"]["update"]["width"]["signal"].to_string() == "max(0.25, 0.5 * bandwidth('x'))");
  auto const position = compiled(unit(R"("point")", R"("x": {"field": "a", "band": 1, "scale": {"type": "band"}})"));
  CHECK(position["marks"].at(0)["encode"]["update"]["x"]["band"].number() == 1);
  auto const none = compiled(
      unit(R"("bar")", R"("x": {"field": "b", "type": "quantitative", "stack": "none"}, "color": {"field": "c"})"));
  CHECK(to_json(none["data"]).find("\"stack\"") == std::string::npos);
  auto const shown =
      compiled(unit(R"("point")", R"("x": {"field": "b", "type": "quantitative"})",
                    R"(, "config": {"invalidValues": null, "cell": {"fill": "pink"}, "scale": {"rangeStep": 13}})"));
  CHECK(shown["data"].size() == 1);
  CHECK(shown["config"]["style"]["cell"]["fill"].to_string() == "pink");
}
