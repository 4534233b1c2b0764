#include "vega/value/value.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

using namespace cml::vega;

TEST_CASE("value: numbers print as JavaScript prints them", "[vega][value]") {
  struct Row {
    double number;
    char const* text;
  };
  for (auto const& row : {Row{0, "0"},
                          {-0.0, "0"},
                          {1, "1"},
                          {-1.5, "-1.5"},
                          {0.1 + 0.2, "0.30000000000000004"},
                          {1e21, "1e+21"},
                          {123456789012345680000.0, "123456789012345680000"},
                          {1e-6, "0.000001"},
                          {1e-7, "1e-7"},
                          {1.25e-9, "1.25e-9"},
                          {5e-324, "5e-324"},
                          {1.7976931348623157e308, "1.7976931348623157e+308"}})
    CHECK(number_to_string(row.number) == row.text);
}

TEST_CASE("value: strings become numbers as JavaScript's Number does", "[vega][value]") {
  CHECK(string_to_number("") == 0);
  CHECK(string_to_number("  12 \n") == 12);
  CHECK(string_to_number("0x1F") == 31);
  CHECK(string_to_number("-1e3") == -1000);
  CHECK(string_to_number(".5") == 0.5);
  CHECK(std::isinf(string_to_number("-Infinity")));
  // With and without the short way: every text is the double nearest to it.
  for (auto text : {"5.", "-0.1", "00012.50", "31.95376472", "-89.23450472", "123456789012345", "0.12345678901234",
                    ".000000000000001", "999999999999999", "1234567890123456", "0.1234567890123456", "9007199254740993",
                    "179.99999999999997"})
    CHECK(string_to_number(text) == std::strtod(text, nullptr));
  CHECK(std::signbit(string_to_number("-0")));
  for (auto text : {".", "1.2.3", "-.", "1.-"}) CHECK(std::isnan(string_to_number(text)));
  for (auto text : {"12px", "1 2", "--1", "abc", "inf", "nan", "0x", "1e"}) CHECK(std::isnan(string_to_number(text)));
}

TEST_CASE("value: copies share until one of them changes", "[vega][value]") {
  Value a = Value::object({{"x", 1}, {"list", Value::array({1, 2})}});
  Value b = a;
  b.set("x", 2);
  b.member("list").push(3);
  CHECK(a["x"].number() == 1);
  CHECK(a["list"].size() == 2);
  CHECK(b["x"].number() == 2);
  CHECK(b["list"].size() == 3);
  CHECK_FALSE(a == b);
}

TEST_CASE("value: objects with many properties keep order and find every key", "[vega][value]") {
  Object object;
  for (int i = 0; i < 500; ++i) object["k" + std::to_string(i)] = i;
  CHECK(object.erase("k250"));
  CHECK(object.size() == 499);
  CHECK_FALSE(object.contains("k250"));
  for (int i = 0; i < 500; ++i)
    if (i != 250) REQUIRE(object.find("k" + std::to_string(i))->number() == i);
  CHECK(object.begin()->first == "k0");
}
