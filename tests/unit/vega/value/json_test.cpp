#include "vega/value/json.hpp"

#include <catch2/catch.hpp>

#include "vega/value/table.hpp"

using namespace cml::vega;

TEST_CASE("json: NaN and Infinity are read as null, strings that contain them are left alone", "[vega][value]") {
  auto const spec = parse_json(R"({"a": NaN, "b": [Infinity, -Infinity], "s": "NaN \" Infinity"})");
  REQUIRE(spec);
  CHECK((*spec)["a"].is_null());
  CHECK((*spec)["b"].at(1).is_null());
  CHECK((*spec)["s"].string() == "NaN \" Infinity");
}

TEST_CASE("json: a malformed text names line and column", "[vega][value]") {
  auto const spec = parse_spec("{\n  \"a\": 1,\n  \"b\": oops\n}");
  REQUIRE_FALSE(spec);
  CHECK(spec.error().message.find("line 3, column 8") != std::string::npos);
  for (auto text : {"", "{", "[1,]", "{\"a\":1} x", "{\"a\" 1}", "\"open"}) {
    auto const bad = parse_spec(text);
    CHECK_FALSE(bad);
  }
}

TEST_CASE("json: the markers of a merge conflict are called what they are", "[vega][value]") {
  auto const spec = parse_spec("{\n<<<<<<< HEAD\n \"a\": 1\n=======\n \"a\": 2\n>>>>>>> b\n}");
  REQUIRE_FALSE(spec);
  CHECK(spec.error().message.find("line 2, column 1: the markers of an unresolved merge conflict") !=
        std::string::npos);
}

TEST_CASE("json: nesting beyond the limit is refused", "[vega][value]") {
  std::string const deep = std::string(100000, '[') + std::string(100000, ']');
  auto const spec = parse_spec(deep);
  REQUIRE_FALSE(spec);
  CHECK(spec.error().message.find("nested deeper") != std::string::npos);
}

TEST_CASE("json: only data becomes tables", "[vega][value]") {
  auto const spec = parse_spec(R"({"datasets":{"d":[{"x":1}]},"data":[{"name":"t","values":[{"x":2}]}],)"
                               R"("encoding":{"x":{"axis":{"values":[1,2]}}}})");
  REQUIRE(spec);
  CHECK((*spec)["datasets"]["d"].is_table());
  CHECK((*spec)["data"].at(0)["values"].is_table());
  CHECK((*spec)["encoding"]["x"]["axis"]["values"].is_array());
}
