#include <catch2/catch.hpp>

#include "support/fake_scope.hpp"
#include "support/fixture.hpp"
#include "vega/expr/expression.hpp"
#include "vega/transform/transform.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;
using cml::test::close;
using cml::test::FakeScope;

namespace {

TableRef transformed(FakeScope& scope, Value const& rows, Value const& transforms) {
  Diagnostics diagnostics;
  TableRef table = Table::from_rows(rows.items());
  for (auto const& transform : transforms.items()) {
    TransformContext context{scope, "data[0].transform[0]", diagnostics, {}};
    table = apply_transform(table, transform, context);
    if (transform["signal"].is_string()) scope.signals[std::string(transform["signal"].string())] = context.signal;
  }
  CHECK(diagnostics.warnings().empty());
  return table;
}

// "M1,2L3,4" as [["M", "L"], 1, 2, 3, 4]: sines differ in their last digit from one library to the next.
Value numbers_of_path(std::string_view path) {
  Array letters, numbers;
  for (std::size_t at = 0; at < path.size();) {
    std::size_t const end = std::min(path.find_first_not_of("0123456789.-+e", at), path.size());
    if (end == at) {
      letters.push_back(std::string(path.substr(at++, 1)));
      continue;
    }
    numbers.push_back(string_to_number(path.substr(at, end - at)));
    at = end;
  }
  numbers.push_back(Value(std::move(letters)));
  return Value(std::move(numbers));
}

Value with_numbers(Array rows) {
  for (Value& row : rows)
    if (row["d"].is_string()) {
      Object cells = row.properties();
      cells["d"] = numbers_of_path(row["d"].string());
      row = Value(std::move(cells));
    }
  return Value(std::move(rows));
}

std::string refusal(std::string_view rows, std::string_view transforms) {
  FakeScope scope;
  try {
    transformed(scope, *parse_json(rows), *parse_json(transforms));
  } catch (EngineError const& error) {
    return error.error().message;
  }
  return "";
}

}  // namespace

TEST_CASE("transforms: rows of trees, links, orders, grids, contours, dots and words are the reference's",
          "[vega][transform]") {
  for (auto const& [file, least] : {std::pair{"trees", 100u}, {"grids", 30u}}) {
    auto const cases = cml::test::fixture(file);
    REQUIRE(cases.size() > least);
    auto const& data = cases.at(0)["data"];
    for (std::size_t i = 1; i < cases.size(); ++i) {
      auto const& c = cases.at(i);
      INFO(to_json(c["data"]) << " " << to_json(c["transform"]) << "\nexpected "
                              << to_json(c["result"]).substr(0, 1500));
      FakeScope scope;
      Value const& rows = data[c["data"].string()];
      if (c["result"].is_object()) {  // It refuses.
        CHECK_THROWS_AS(transformed(scope, rows, c["transform"]), EngineError);
        continue;
      }
      auto const table = transformed(scope, rows, c["transform"]);
      Array got;
      for (std::size_t row = 0; row < table->size(); ++row) got.push_back(table->row(row));
      INFO("got      " << to_json(Value(got)).substr(0, 1500));
      CHECK(close(with_numbers(got), with_numbers(c["result"].items()), 1e-9));
    }
  }
}

TEST_CASE("trees: what makes no tree is told with the keys", "[vega][transform]") {
  std::string const tree = R"([{"type": "stratify", "key": "k", "parentKey": "p"}, {"type": "treelinks"}])";
  CHECK(refusal(R"([{"k": "a"}, {"k": "b", "p": "z"}])", tree).find("no row has the key \"z\"") != std::string::npos);
  CHECK(refusal(R"([{"k": "a"}, {"k": "b"}])", tree).find("no parent, \"a\" and \"b\"") != std::string::npos);
  CHECK(refusal(R"([{"k": "a"}, {"k": "b", "p": "c"}, {"k": "c", "p": "b"}])", tree).find("cycles") !=
        std::string::npos);
  CHECK(refusal(R"([{"k": "a"}, {"k": "b", "p": "a"}, {"k": "b", "p": "a"}, {"k": "c", "p": "b"}])", tree)
            .find("several rows have the key \"b\"") != std::string::npos);
  CHECK(refusal("[]", R"([{"type": "treemap"}])").find("a stratify or nest transform comes before") !=
        std::string::npos);
}

TEST_CASE("trees: treePath and treeAncestors give the rows on the way", "[vega][transform]") {
  FakeScope scope;
  scope.datasets["t"] =
      transformed(scope, *parse_json(R"([{"k": "a"}, {"k": "b", "p": "a"}, {"k": "c", "p": "b"}, {"k": "d", "p": "b"},
                                          {"k": "e", "p": "a"}])"),
                  *parse_json(R"([{"type": "stratify", "key": "k", "parentKey": "p"}])"));
  auto const keys = [&](std::string const& call) {
    return to_json(Expression("pluck(" + call + ", 'k')", "signals[0].update").evaluate(scope, {}));
  };
  CHECK(keys("treePath('t', 'c', 'd')") == R"(["c","b","d"])");
  CHECK(keys("treePath('t', 'c', 'e')") == R"(["c","b","a","e"])");
  CHECK(keys("treePath('t', 'b', 'c')") == R"(["b","c"])");
  CHECK(keys("treePath('t', 'c', 'a')") == R"(["c","b","a"])");
  CHECK(keys("treePath('t', 'c', 'c')") == R"(["c"])");
  CHECK(keys("treeAncestors('t', 'd')") == R"(["d","b","a"])");
  auto const none = [&](std::string const& call) {
    return Expression(call, "signals[0].update").evaluate(scope, {}).defined();
  };
  CHECK_FALSE(none("treePath('t', 'c', 'nobody')"));
  CHECK_FALSE(none("treeAncestors('nothing', 'c')"));
}
