#include "vega/expr/expression.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/doubling.hpp"
#include "support/fake_scope.hpp"
#include "support/fixture.hpp"
#include "vega/expr/function.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

using namespace cml::vega;
using cml::test::close;
using cml::test::FakeScope;

namespace {

Value json(std::string_view text) { return *parse_json(text); }
TableRef table(std::string_view text) { return Table::from_rows(json(text).items()); }

FakeScope chart() {
  FakeScope scope;
  scope.signals["sig"] = 7;
  scope.signals["obj"] = json(R"({"a": {"b": [1, 2, {"c": "deep"}]}, "x y": 4})");
  scope.signals["list"] = json("[3, 1, 2]");
  scope.signals["none"] = nullptr;
  scope.datasets["store"] = table(R"([{"unit": "u1", "fields": [{"field": "n", "type": "R"}], "values": [[1, 5]]},
                                      {"unit": "u2", "fields": [{"field": "s", "type": "E"}], "values": ["abc"]}])");
  scope.datasets["points"] = table(R"([
      {"unit": "", "fields": [{"field": "n", "type": "E"}, {"field": "s", "type": "E"}], "values": [3, "abc"]},
      {"unit": "", "fields": [{"field": "n", "type": "E"}, {"field": "s", "type": "E"}], "values": [-2.5, "Zed"]}])");
  scope.datasets["empty"] = table("[]");
  scope.datasets["rows"] = table(R"([{"k": "a", "v": 1}, {"k": "b", "v": 2}, {"k": "a", "v": 3}])");
  return scope;
}

std::string error_of(std::string_view text, std::string_view datum = "{}") {
  FakeScope scope = chart();
  Value const object = json(datum);
  try {
    Expression(text, "signals[0].update").evaluate(scope, {nullptr, 0, &object});
  } catch (EngineError const& error) {
    return error.error().message;
  }
  return "";
}

}  // namespace

TEST_CASE("expressions: hypot has JavaScript's last bit on every machine", "[vega][expr]") {
  struct Row {
    std::string text;
    double value;
  };
  double const inf = std::numeric_limits<double>::infinity();
  for (Row const& row : std::vector<Row>{{"hypot()", 0},
                                         {"hypot(1.1, 2.2)", 2.459674775249769},
                                         {"hypot(0.1, 0.2, 0.3)", 0.37416573867739417},
                                         {"hypot(1e300, -1e300)", 1.4142135623730952e+300},
                                         {"hypot(5e-324, 5e-324)", 5e-324},
                                         {"hypot(null, 4)", 4},
                                         {"hypot(NaN, -1 / 0)", inf}}) {
    INFO(row.text);
    FakeScope scope = chart();
    Value const datum = json("{}");
    CHECK(Expression(row.text, "").evaluate(scope, {nullptr, 0, &datum}).number() == row.value);
  }
  FakeScope scope = chart();
  Value const datum = json("{}");
  CHECK(std::isnan(Expression("hypot(3, 'a', 4)", "").evaluate(scope, {nullptr, 0, &datum}).number()));
}

TEST_CASE("expressions: every case the reference answered, by row and by column", "[vega][expr]") {
  auto const cases = cml::test::fixture("expressions");
  REQUIRE(cases.size() > 400);
  TimeZone const before = local_zone();
  auto const rows = Table::from_rows(cases.at(0)["data"].items());
  for (std::size_t i = 1; i < cases.size(); ++i) {
    auto const& c = cases.at(i);
    set_local_zone(TimeZone::named(std::string(c["zone"].string())));
    INFO(to_json(c));
    FakeScope scope = chart();
    if (c["result"].has("$error")) continue;  // Where the reference fails, ours may give a result.
    Expression const expression(c["expr"].string(), "test");
    Array by_row, by_column;
    for (std::uint32_t row = 0; row < rows->size(); ++row)
      by_row.push_back(expression.evaluate(scope, {rows.get(), row, nullptr}));
    auto const column = expression.evaluate_column(scope, *rows);
    for (std::size_t row = 0; row < rows->size(); ++row) by_column.push_back(column->at(row));
    INFO(to_json(Value(by_row)));
    CHECK(close(by_row, c["result"], 1e-12));
    CHECK(close(by_column, c["result"], 1e-12));
  }
  set_local_zone(before);
}

TEST_CASE("expressions: a syntax error names the path, the column and what was found", "[vega][expr]") {
  CHECK(error_of("1 + ") == "signals[0].update: expression \"1 + \", column 5: unexpected end");
  CHECK(error_of("a = 1").find("column 3: unexpected \"=\"") != std::string::npos);
  for (auto bad :
       {"",           "(",       "1 2",     "[1", "{a}", "{a: 1, a: 2}", "'open",     "/open", "a..b", "1..2",
        "new Date()", "x => 1",  "a, b",    "f(", "++a", "typeof a",     "\"\\u12\"", "012",   "3in",  "a ? b",
        "a[1,2]",     "obj.f()", "(if)(1)", "#",  "a;b", "`x`"}) {
    INFO(bad);
    CHECK(error_of(bad).find("signals[0].update: expression") == 0);
  }
}

TEST_CASE("expressions: unknown names and functions are named", "[vega][expr]") {
  CHECK(error_of("fooBar(1)").find("unknown function \"fooBar\"") != std::string::npos);
  CHECK(error_of("nosuch + 1").find("unknown signal \"nosuch\"") != std::string::npos);
  CHECK(error_of("clamp(1, 2)").find("clamp expects 3 or more arguments") != std::string::npos);
  CHECK(error_of("datum.a.b").find("cannot read \"b\" of undefined (datum.a)") != std::string::npos);
  CHECK(error_of("modify('t', 1)").find("the function \"modify\" needs an interactive view") != std::string::npos);
  CHECK(error_of("format(1, 'nope')").find("invalid format: nope") != std::string::npos);
}

TEST_CASE("expressions: depth and growth are bounded", "[vega][expr]") {
  CHECK(error_of(std::string(300, '(') + "1" + std::string(300, ')')).find("nested deeper") != std::string::npos);
  CHECK(error_of(std::string(300, '!') + "1").find("nested deeper") != std::string::npos);
  std::string chain = "1";
  for (int i = 0; i < 1200; ++i) chain += "+1";
  CHECK(error_of(chain).find("longer than") != std::string::npos);
  chain = "1";
  for (int i = 0; i < 900; ++i) chain += "+1";
  CHECK(error_of(chain).empty());
  CHECK(error_of("pad('x', 1e9)").find("64 MB") != std::string::npos);
  CHECK(error_of("sequence(1e12)").find("ten million") != std::string::npos);
  CHECK(error_of("test(/(a+)+$/, pad('a', 40, 'a') + '!')").find("too many steps") != std::string::npos);
  CHECK(error_of("test('(', 'a')").find("regular expression /(/") != std::string::npos);
}

TEST_CASE("expressions: over a table a signal is asked once, and constants evaluate once", "[vega][expr]") {
  FakeScope scope = chart();
  auto const rows = table(R"([{"x": 1}, {"x": null}, {}, {"x": 4}])");
  auto const column = Expression("datum.x * sig", "t").evaluate_column(scope, *rows);
  CHECK(scope.signal_calls == 1);
  REQUIRE(column->kind() == Column::Kind::Number);
  CHECK(column->at(0).number() == 7);
  CHECK(column->at(1).number() == 0);
  CHECK(column->at(2).is_number());  // NaN, not undefined.
  CHECK_FALSE(Expression("sig + 1", "t").uses_datum());
  CHECK(Expression("random()", "t").uses_datum());
  CHECK(Expression("datum.x > 2 || datum.x === null", "t").true_rows(scope, *rows) == std::vector<std::uint32_t>{1, 3});
}

TEST_CASE("expressions: a selected table evaluates its own rows only", "[vega][expr]") {
  FakeScope scope;
  auto const rows = table(R"([{"x": 1}, {"x": 2}, {"x": 3}])")->select({2, 0});
  auto const column = Expression("datum.x", "t").evaluate_column(scope, *rows);
  REQUIRE(column->size() == 2);
  CHECK(column->at(0).number() == 3);
  CHECK(column->at(1).number() == 1);
}

TEST_CASE("expressions: malformed UTF-8 counts and cuts alike", "[vega][expr]") {
  for (auto text : {"peek('xy\xff\xff\xff')", "slice('\xf0\xff\x80', 1)", "substring('\xff\xff', 1, 2)",
                    "truncate('\xfe\xfe\xfe\xfe', 2)", "'\xc3'[0]"})
    CHECK(error_of(text).empty());
}

TEST_CASE("expressions: escapes in names, text and regular expressions are read as meant", "[vega][expr]") {
  FakeScope scope;
  auto const value = [&](std::string const& text) { return Expression(text, "test").evaluate(scope); };
  CHECK(value("ma\\u0078(1, \\u0050I)").number() == value("max(1, PI)").number());
  CHECK(value("{\\u0061b: 1}.ab").number() == 1);
  CHECK(value(R"('it\'s' + "\ud83d\ude00" + '\x41\u{42}' + "plain 'text'")").string() ==
        "it's\xF0\x9F\x98\x80"
        "ABplain 'text'");
  CHECK(value(R"(replace('a/b]c', /\/[^\]/]/, '-') + replace('AA', /a/gi, 'b'))").string() == "a-]cbb");
}

TEST_CASE("expressions: a list of constants finds what its items find one by one", "[vega][expr]") {
  FakeScope scope = chart();
  auto const rows = table(R"([{"x": 0}, {"x": 2}, {"x": "2"}, {"x": "é"}, {"x": null}, {}, {"x": true}, {"x": [1]}])");
  auto const found = [&](std::string const& expression) {
    std::string out;
    auto const column = Expression(expression, "t").evaluate_column(scope, *rows);
    for (std::size_t i = 0; i < rows->size(); ++i) out += std::to_string(static_cast<int>(column->number_at(i))) + " ";
    return out;
  };
  std::string const items = "2, 'é', -0, '2', 2, null, NaN, [1], true";
  CHECK(found("indexof([" + items + "], datum.x)") == "2 0 3 1 5 -1 8 -1 ");
  CHECK(found("indexof(list, datum.x)") == "-1 2 -1 -1 -1 -1 -1 -1 ");
  CHECK(found("indexof([" + items + "], datum.x, 1)") == "2 4 3 1 5 -1 8 -1 ");
  CHECK(found("indexof('a2b', datum.x)") == "-1 1 1 -1 -1 -1 -1 -1 ");
  CHECK(error_of("indexof(sig, 1)").find("indexof expects an array or text") != std::string::npos);
}

TEST_CASE("expressions: twice the rows and twice the values to look for take twice the time", "[vega][expr]") {
  FakeScope scope;
  auto const rows_of = [](std::size_t n) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i < n; ++i) numbers.push_back(static_cast<double>(i * 7919 % n));
    return make_ref<Table>(std::vector<Table::Field>{{Str("x"), Column::of_numbers(std::move(numbers))}}, n);
  };
  auto const list = [](std::size_t n) {
    std::string text = "indexof([";
    for (std::size_t i = 0; i < n; ++i) text += std::to_string(2 * i) + (i + 1 < n ? "," : "], datum.x) >= 0");
    return text;
  };
  auto const count = [](std::string const& text, char c) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), c)) + 1;
  };
  CHECK(cml::test::doubling(list, [&](std::string const& text) {
          return Expression(text, "t").true_rows(scope, *rows_of(count(text, ','))).size();
        }) < cml::test::kLinear);
  auto const store = [](std::size_t n) {
    std::string text = "[";
    for (std::size_t i = 0; i < n; ++i)
      text += (i ? "," : "") +
              (R"({"unit": "", "fields": [{"field": "x", "type": "E"}], "values": [)" + std::to_string(2 * i) + "]}");
    return text + "]";
  };
  CHECK(cml::test::doubling(store, [&](std::string const& text) {
          scope.datasets["points"] = table(text);
          auto const rows = rows_of(scope.datasets["points"]->size());
          return Expression("vlSelectionTest('points', datum)", "t").true_rows(scope, *rows).size();
        }) < cml::test::kLinear);
}

TEST_CASE("expressions: a selection's points are found by kind and value, in every unit where all must agree",
          "[vega][expr]") {
  FakeScope scope;
  scope.datasets["s"] = table(R"([
      {"unit": "a", "fields": [{"field": "x", "type": "E"}], "values": [1]},
      {"unit": "a", "fields": [{"field": "x", "type": "E"}], "values": ["1"]},
      {"unit": "a", "fields": [{"field": "x", "type": "E"}], "values": [null]},
      {"unit": "b", "fields": [{"field": "x", "type": "E"}], "values": [[1, 2]]},
      {"unit": "b", "fields": [{"field": "y.z", "type": "E"}], "values": [true]}])");
  auto const rows =
      table(R"([{"x": 1}, {"x": "1"}, {"x": 2}, {"x": 3}, {"x": null, "y": {"z": true}}, {"x": [1]}, {}])");
  auto const held = [&](std::string const& more) {
    return Expression("vlSelectionTest('s', datum" + more + ")", "t").true_rows(scope, *rows);
  };
  CHECK(held("") == std::vector<std::uint32_t>{0, 1, 2, 4});
  CHECK(held(", 'intersect'") == std::vector<std::uint32_t>{0, 4});
}

TEST_CASE("expressions: functions are listed once each", "[vega][expr]") {
  std::map<std::string_view, int> seen;
  for (auto family : function_families())
    for (auto const& row : family) CHECK(++seen[row.name] == 1);
  CHECK(seen.size() > 190);
}
