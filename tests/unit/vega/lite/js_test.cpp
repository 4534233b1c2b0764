#include <catch2/catch.hpp>

#include "vega/lite/js.hpp"
#include "vega/value/error.hpp"

using namespace cml::vega;
using namespace cml::vega::lite;

TEST_CASE("split_access_path: dots, brackets, quotes and escapes", "[vega][lite][js]") {
  struct Case {
    char const* path;
    Strings pieces;
  };
  Case const cases[] = {{"a", {"a"}},
                        {"a.b", {"a", "b"}},
                        {"a[0].b", {"a", "0", "b"}},
                        {"a['x.y']", {"a", "x.y"}},
                        {"a[\"x y\"].z", {"a", "x y", "z"}},
                        {"a\\.b", {"a.b"}},
                        {"a\\[0\\]", {"a[0]"}},
                        {"", {}},
                        {"a\\", {"a"}}};
  for (auto const& c : cases) {
    INFO(c.path);
    CHECK(split_access_path(c.path) == c.pieces);
  }
  CHECK_THROWS_AS(split_access_path("a[b"), EngineError);
  CHECK_THROWS_AS(split_access_path("a]"), EngineError);
}

TEST_CASE("access paths: nested fields are read step by step, flattened ones by their whole name", "[vega][lite][js]") {
  CHECK(access_path_with_datum("a.b") == R"(datum["a"] && datum["a"]["b"])");
  CHECK(flat_access_with_datum("a.b") == R"(datum["a.b"])");
  CHECK(replace_path_in_field("a.b") == "a\\.b");
  CHECK(replace_path_in_field("a[\"it's\"]") == "a\\.it\\'s");
  CHECK(remove_path_from_field("a.b[0]") == "a.b.0");
  CHECK(access_unescaped("it's") == "datum['it\\'s']");
}

TEST_CASE("var_name: every UTF-16 unit that is no word character becomes an underscore", "[vega][lite][js]") {
  CHECK(var_name("a b-c") == "a_b_c");
  CHECK(var_name("2x") == "_2x");
  CHECK(var_name("\xC3\xA9t") == "_t");
  CHECK(var_name("\xF0\x9F\x8D\x8C") == "__");
}

TEST_CASE("stringify: keys sorted, undefined members left out", "[vega][lite][js]") {
  auto const v = Value::object({{"b", 1}, {"a", Value::array({nullptr, "x", Value()})}, {"c", Value()}});
  CHECK(stringify(v) == R"({"a":[null,"x",null],"b":1})");
  CHECK(string_value(Value::array({"a", 1, nullptr})) == R"(["a",1,null])");
}
