#include "vega/transform/transform.hpp"

#include <catch2/catch.hpp>

#include <cmath>

#include "support/doubling.hpp"
#include "support/fake_scope.hpp"
#include "support/fixture.hpp"
#include "vega/expr/coerce.hpp"
#include "vega/geo/projection.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;
using cml::test::close;
using cml::test::FakeScope;

namespace {

Value json(std::string_view text) { return *parse_json(text); }

struct Run {
  FakeScope scope;
  Diagnostics diagnostics;
  Value signal;

  TableRef table(TableRef input, Value const& transforms) {
    for (auto const& transform : transforms.items()) {
      TransformContext context{scope, "data[0].transform[0]", diagnostics, {}};
      input = apply_transform(input, transform, context);
      signal = context.signal;
      if (transform["signal"].is_string()) scope.signals[std::string(transform["signal"].string())] = signal;
    }
    return input;
  }
  std::string error(std::string_view rows, std::string_view transform) {
    try {
      table(Table::from_rows(json(rows).items()), Value::array({json(transform)}));
    } catch (EngineError const& e) {
      return e.error().message;
    }
    return "";
  }
};

// The rows as objects, of some fields only.
Value rows_of(Table const& table, Value const& only, std::size_t limit) {
  Array out;
  for (std::size_t i = 0; i < std::min(limit, table.size()); ++i) {
    auto const row = table.row(i);
    if (!only.is_array()) {
      out.push_back(row);
      continue;
    }
    Object picked;
    for (auto const& name : only.items()) picked[name.string()] = row[name.string()];
    out.emplace_back(std::move(picked));
  }
  return out;
}

// A path's area and centroid: its cells may start at another corner.
struct Moments {
  double area = 0, x = 0, y = 0;
};
Moments moments(std::string_view path) {
  std::vector<std::pair<double, double>> points;
  for (std::size_t at = 1; at < path.size();) {
    auto const comma = path.find(',', at), end = path.find_first_of("LZ", at);
    points.emplace_back(string_to_number(path.substr(at, comma - at)),
                        string_to_number(path.substr(comma + 1, end - comma - 1)));
    at = end + 1;
  }
  Moments m;
  for (std::size_t i = 0; i < points.size(); ++i) {
    auto const &a = points[i], &b = points[(i + 1) % points.size()];
    double const cross = a.first * b.second - b.first * a.second;
    m.area += cross / 2;
    m.x += (a.first + b.first) * cross / 6;
    m.y += (a.second + b.second) * cross / 6;
  }
  return {std::fabs(m.area), m.x / m.area, m.y / m.area};
}
void check_cells(Value const& got, Value const& expected) {
  REQUIRE(got.size() == expected.size());
  int cells = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(i);
    auto const &a = got.at(i)["path"], &b = expected.at(i)["path"];
    // Which of several points in one place has the cell differs; how many cells there are does not.
    cells += a.is_string() - b.is_string();
    if (!a.is_string() || !b.is_string()) continue;
    auto const x = moments(a.string()), y = moments(b.string());
    CHECK(x.area == Approx(y.area).margin(1e-6));
    if (y.area > 1e-3) CHECK(x.x == Approx(y.x).margin(1e-4));
    if (y.area > 1e-3) CHECK(x.y == Approx(y.y).margin(1e-4));
  }
  CHECK(cells == 0);
}

}  // namespace

TEST_CASE("transforms: every case the reference answered", "[vega][transform]") {
  auto const cases = cml::test::fixture("transforms");
  REQUIRE(cases.size() > 150);
  TimeZone const before = local_zone();
  set_local_zone(TimeZone());
  auto const& data = cases.at(0)["data"];
  for (std::size_t i = 1; i < cases.size(); ++i) {
    auto const& c = cases.at(i);
    INFO(to_json(c["data"]) << " " << to_json(c["transform"]) << "\nexpected " << to_json(c["result"]).substr(0, 1500)
                            << "\n"
                            << to_json(c["out"]).substr(0, 300));
    Run run;
    run.scope.datasets["other"] = Table::from_rows(data["other"].items());
    if (c["random"].is_number()) run.scope.seed = c["random"].number();
    for (auto const& signal : c["signals"].items())
      run.scope.signals[std::string(signal["name"].string())] = signal["value"];
    auto const table = run.table(Table::from_rows(data[c["data"].string()].items()), c["transform"]);
    auto const rows =
        rows_of(*table, c["only"], c["keep"].is_number() ? static_cast<std::size_t>(c["keep"].number()) : 1000000);
    INFO("got      " << to_json(rows).substr(0, 1500) << "\n" << to_json(run.signal).substr(0, 300));
    if (c["voronoi"].truthy()) {
      check_cells(rows, c["result"]);
      continue;
    }
    CHECK(close(rows, c["result"], c["precision"].number_or(1e-10)));
    if (c.has("out")) {
      if (run.signal.is_object() && c["out"].is_object()) {
        for (auto const& [key, value] : c["out"].properties()) CHECK(close(run.signal[key], value, 1e-12));
      } else {
        CHECK(close(run.signal, c["out"], 1e-12));
      }
    }
  }
  set_local_zone(before);
}

TEST_CASE("transforms: what is wrong is named with its path", "[vega][transform]") {
  Run run;
  CHECK(run.error("[]", R"({"type": "nope"})") == "data[0].transform[0]: unknown transform \"nope\"");
  CHECK(run.error("[]", R"({"type": "wordcloud"})").find("not supported") != std::string::npos);
  CHECK(run.error("[]", R"({"type": "filter"})").find("missing required parameter \"expr\"") != std::string::npos);
  CHECK(run.error("[{\"x\":1}]", R"({"type": "formula", "expr": "1 +", "as": "y"})")
            .find("transform[0].expr: expression") != std::string::npos);
  CHECK(run.error("[{\"x\":1}]", R"({"type": "aggregate", "ops": ["sum"], "fields": [null]})")
            .find("\"sum\" needs a field") != std::string::npos);
  CHECK(run.error("[{\"x\":1}]", R"({"type": "aggregate", "ops": ["summ"], "fields": ["x"]})")
            .find("unknown operation \"summ\"") != std::string::npos);
  CHECK(run.error("[]", R"({"type": "aggregate", "ops": ["sum", "min"], "fields": ["x"]})").find("unmatched number") !=
        std::string::npos);
  CHECK(run.error("[]", R"({"type": "lookup", "from": "gone", "key": "k", "fields": ["k"], "as": ["x"]})")
            .find("there is no dataset \"gone\"") != std::string::npos);
  CHECK(run.error("[]", R"({"type": "stack", "field": "x", "offset": "wiggle"})")
            .find("none of zero, center, normalize") != std::string::npos);
  CHECK(run.error("[]", R"({"type": "sequence", "start": 0, "stop": 1e12})").find("ten million") != std::string::npos);
  CHECK(run.error("[]", R"({"type": "timeunit", "field": "t", "units": ["eon"]})").find("Invalid time unit: eon") !=
        std::string::npos);
  CHECK(run.error("[{}]", R"({"type": "filter", "expr": {"signal": "x"}})").find("can not be signals") !=
        std::string::npos);
  CHECK(run.error("[{}]", R"({"type": "formula", "expr": "1", "as": {"signal": "gone"}})")
            .find("unknown signal \"gone\"") != std::string::npos);
  CHECK(run.error("[{}]", R"({"type": "aggregate", "groupby": ["a["]})").find("missing closing bracket") !=
        std::string::npos);
}

TEST_CASE("transforms: an unknown parameter is warned about", "[vega][transform]") {
  Run run;
  CHECK(run.error("[]", R"({"type": "filter", "expr": "true", "exprs": 1})").empty());
  REQUIRE(run.diagnostics.warnings().size() == 1);
  CHECK(run.diagnostics.warnings()[0].text.find("no parameter \"exprs\"") != std::string::npos);
}

TEST_CASE("transforms: a window that starts after its row keeps exact means", "[vega][transform]") {
  Run run;
  auto const table = run.table(
      Table::from_rows(json(R"([{"v": 1}, {"v": 2}, {"v": 4}, {"v": 8}])").items()),
      json(R"([{"type": "window", "ops": ["mean", "sum"], "fields": ["v", "v"], "as": ["m", "s"], "frame": [1, 2]}])"));
  CHECK(table->get(0, "m").number() == Approx(3));
  CHECK(table->get(1, "s").number() == Approx(12));
  CHECK(table->get(3, "s").is_undefined());
}

TEST_CASE("transforms: a moving frame's extremes are those of its rows", "[vega][transform]") {
  auto const rows = GENERATE(
      std::string(R"([{"v":3},{"v":1},{"v":null},{"v":1},{"v":4},{"v":1},{"v":5},{"v":9},{"v":2},{"v":6},{"v":5}])"),
      std::string(R"([{"v":"b"},{"v":"a"},{"v":""},{"v":"a"},{"v":"c"},{"v":"é"},{"v":"b"},{"v":"a"},{"v":"d"}])"),
      std::string(R"([{"v":3},{"v":"x"},{"v":1},{"v":"2"},{"v":null},{"v":5},{"v":"y"},{"v":0},{"v":4}])"));
  auto const [before, after] =
      GENERATE(std::pair(-1, 1), std::pair(-3, 0), std::pair(0, 2), std::pair(1, 2), std::pair(-4, -2));
  INFO(rows << " from " << before << " to " << after);
  Run run;
  auto const input = Table::from_rows(json(rows).items());
  auto const table =
      run.table(input, json(R"([{"type": "window", "ops": ["min", "max", "mean"], "fields": ["v", "v", "v"],)"
                            R"( "as": ["least", "greatest", "mean"], "frame": [)" +
                            std::to_string(before) + "," + std::to_string(after) + "]}]"));
  for (int i = 0; i < static_cast<int>(input->size()); ++i) {
    Value least, greatest;
    for (int k = std::max(0, i + before); k <= std::min(static_cast<int>(input->size()) - 1, i + after); ++k) {
      auto const v = input->get(static_cast<std::size_t>(k), "v");
      if (v.is_nullish() || (v.is_string() && v.string().empty())) continue;
      if (least.is_undefined() || js_less(v, least)) least = v;
      if (greatest.is_undefined() || js_less(greatest, v)) greatest = v;
    }
    INFO("row " << i);
    CHECK(table->get(static_cast<std::size_t>(i), "least") == least);
    CHECK(table->get(static_cast<std::size_t>(i), "greatest") == greatest);
  }
}

TEST_CASE("transforms: twice the rows in frames twice as wide take twice the time", "[vega][transform]") {
  auto const op = GENERATE(std::string("mean"), std::string("max"));
  auto const make = [](std::size_t n) { return std::string(n, 'x'); };
  CHECK(
      cml::test::doubling(make, [&](std::string const& text) {
        std::vector<double> numbers;
        for (std::size_t i = 0; i < text.size(); ++i) numbers.push_back(static_cast<double>(i * 7919 % 1009));
        Run run;
        auto const wide = std::to_string(text.size() / 4);
        return run.table(
            make_ref<Table>(std::vector<Table::Field>{{Str("v"), Column::of_numbers(std::move(numbers))}}, text.size()),
            json(R"([{"type": "window", "ops": [")" + op + R"("], "fields": ["v"], "as": ["m"], "frame": [-)" + wide +
                 "," + wide + "]}]"));
      }) < cml::test::kLinear);
}

TEST_CASE("transforms: distinct counts the texts that cells make", "[vega][transform]") {
  auto const [rows, count] = GENERATE(
      std::pair(std::string(R"([{"v":1},{"v":0},{"v":-0.0},{"v":null},{},{"v":1},{"v":null}])"), 4),
      std::pair(std::string(R"([{"v":"null"},{"v":null},{"v":"a"},{},{"v":"undefined"},{"v":"a"},{"v":""}])"), 4),
      std::pair(std::string(R"([{"v":true},{"v":false},{"v":true},{"v":null}])"), 3),
      std::pair(std::string(R"([{"v":1},{"v":"1"},{"v":[1]},{"v":true}])"), 2));
  INFO(rows);
  Run run;
  auto const table = run.table(Table::from_rows(json(rows).items()),
                               json(R"([{"type": "aggregate", "ops": ["distinct"], "fields": ["v"], "as": ["n"]}])"));
  CHECK(table->get(0, "n").number() == count);
  auto const dates =
      run.table(Table::from_rows(json(R"([{"t": 1000}, {"t": 1999}, {"t": 2000}, {"t": "x"}, {"t": "y"}])").items()),
                json(R"j([{"type": "formula", "expr": "datetime(datum.t)", "as": "v"},)j"
                     R"j({"type": "aggregate", "ops": ["distinct"], "fields": ["v"], "as": ["n"]}])j"));
  CHECK(dates->get(0, "n").number() == 3);  // Their texts tell seconds.
}

TEST_CASE("transforms: rows keep their order through selections", "[vega][transform]") {
  Run run;
  auto const table = run.table(
      Table::from_rows(
          json(R"([{"k": "b", "v": 3}, {"k": "a", "v": 1}, {"k": "b", "v": 2}, {"k": "a", "v": 4}])").items()),
      json(R"([{"type": "collect", "sort": {"field": "v", "order": "descending"}}, {"type": "filter",)"
           R"( "expr": "datum.v < 4"},
                                        {"type": "aggregate", "groupby": ["k"], "ops": ["max", "values"],
                                        "fields": ["v", "v"], "as": ["top", "all"]}])"));
  REQUIRE(table->size() == 2);
  CHECK(table->get(0, "k").string() == "b");
  CHECK(table->get(0, "top").number() == 3);
  CHECK(table->get(0, "all").size() == 2);
}

TEST_CASE("voronoi: points on one line or in one place do not break it", "[vega][transform]") {
  Run run;
  auto const table = run.table(
      Table::from_rows(
          json(R"([{"x": 1, "y": 5}, {"x": 3, "y": 5}, {"x": 3, "y": 5}, {"x": 9, "y": 5}, {"x": null, "y": "q"}])")
              .items()),
      json(R"([{"type": "voronoi", "x": "x", "y": "y", "size": [10, 10]}])"));
  CHECK(moments(table->get(0, "path").string()).area == Approx(20));
  CHECK(moments(table->get(1, "path").string()).area == Approx(40));
  CHECK(table->get(2, "path").is_null());
  CHECK(moments(table->get(3, "path").string()).area == Approx(40));
  CHECK(table->get(4, "path").is_null());
}

TEST_CASE("geo transforms: points and outlines through a named projection", "[vega][transform]") {
  Run run;
  auto const projection =
      Projection::make(json(R"({"type": "equirectangular", "scale": 100, "translate": [0, 0], "precision": 0})"), "p");
  run.scope.projections["map"] = projection.get();
  auto const rows = R"([{"lon": 90, "lat": 45, "g": {"type": "Point", "coordinates": [0, 0]}, "r": 2}, {"lon": null,)"
                    R"( "lat": "x", "g": null, "r": 3}])";
  auto table = run.table(Table::from_rows(json(rows).items()),
                         json(R"([{"type": "geopoint", "projection": "map", "fields": ["lon", "lat"]},
      {"type": "geopath", "projection": "map", "field": "g", "pointRadius": {"expr": "datum ? 1.5 : 9"}},
      {"type": "geoshape", "projection": "map", "field": "g"}])"));
  CHECK(table->get(0, "x").number() == Approx(157.0796));
  CHECK(table->get(0, "y").number() == Approx(-78.5398));
  CHECK(table->get(0, "path").string() == "M0,0m0,1.5a1.5,1.5 0 1,1 0,-3a1.5,1.5 0 1,1 0,3z");
  CHECK(table->get(0, "shape").outline());
  CHECK(table->get(0, "shape").to_string().substr(0, 8) == "M0,0m0,4");
  CHECK(table->get(1, "path").is_null());
  CHECK(run.error("[]", R"({"type": "geopoint", "projection": "none", "fields": ["a", "b"]})")
            .find("there is no projection \"none\"") != std::string::npos);
}
