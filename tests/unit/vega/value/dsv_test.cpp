#include "vega/value/dsv.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "vega/value/error.hpp"
#include "vega/value/json.hpp"
#include "vega/value/load.hpp"

using namespace cml;
using namespace cml::vega;

namespace {

std::string refusal(std::string const& text) {
  try {
    parse_dsv(text, ',', {}, "$.data[0].url", 1000000);
    return "";
  } catch (EngineError const& error) {
    return error.error().message;
  }
}

}  // namespace

TEST_CASE("dsv: what is not text or would not fit into memory is refused, naming the data", "[vega][value]") {
  CHECK(refusal(std::string("a,b\n1\0,2", 8)).find("$.data[0].url: it holds NUL bytes") == 0);
  CHECK(refusal(std::string(30000, ',')).find("more than 20000 columns") != std::string::npos);
  std::string wide(19000, ',');
  for (int i = 0; i < 100; ++i) wide += "\n";
  CHECK(refusal(wide + "x").find("more than 1000000 cells") != std::string::npos);
  CHECK(refusal("a,b\n1,2\n").empty());
}

TEST_CASE("dsv: of columns with the same name the last one counts", "[vega][value]") {
  auto const table = parse_dsv("a,b,a\n1,2,3\n", ',', {}, "$");
  REQUIRE(table->fields().size() == 2);
  CHECK(table->row(0)["a"].to_string() == "3");
}

TEST_CASE("dsv: cells typed as they are read are those typed from their texts", "[vega][value]") {
  std::mt19937 random(11);
  auto const one_of = [&](std::initializer_list<char const*> list) { return list.begin()[random() % list.size()]; };
  auto const parse = GENERATE(std::string(R"("auto")"), std::string(R"({"a":"number","c":"integer","e":"date"})"));
  for (int file = 0; file < 1000; ++file) {
    std::string const end = one_of({"\n", "\r\n", "\r"});
    std::string text = "a,b,c,d,e" + end;
    // Most columns are of one kind until far down.
    std::string kinds;
    for (int i = 0; i < 5; ++i) kinds += one_of({"n", "n", "i", "b", "t", "d", "x", "e"});
    auto const odd = random() % 60;
    for (unsigned row = 0, rows = random() % 40; row < rows; ++row) {
      unsigned const cells = random() % 20 == 0 ? random() % 7 : 5;
      for (unsigned i = 0; i < cells; ++i) {
        text += i ? "," : "";
        switch (row == odd ? 'x' : kinds[i % 5]) {
          case 'n':
            text += one_of({"1.5", "-2e3", "", " 7 ", "0x1F", ".5", "+4", "Infinity", "\"3\"", "1e400", "-0"});
            break;
          case 'i':
            text += std::to_string(random() % 1000);
            break;
          case 'b':
            text += one_of({"true", "false"});
            break;
          case 'd':
            text += one_of({"2024-02-29", "2024-03-01T10:00:00Z", "2023-12"});
            break;
          case 'e':
            break;
          default:
            text += one_of({"x", "\"a,b\"", "\"a\"\"b\"", "\"two\nlines\"", "NaN", "1,5", "\"\"", "é", "null"});
        }
      }
      text += end;
    }
    INFO(text << parse);
    Diagnostics diagnostics;
    auto const types = *parse_json(parse);
    auto const quick = parse_data(text, Value::object({{"type", "csv"}, {"parse", types}}), "", "$", diagnostics);
    auto const plain = apply_types(parse_dsv(text, ',', {}, "$"), types, "$");
    REQUIRE(quick->size() == plain->size());
    REQUIRE(quick->fields().size() == plain->fields().size());
    for (std::size_t i = 0; i < plain->fields().size(); ++i) {
      REQUIRE(quick->fields()[i].name == plain->fields()[i].name);
      if (plain->size() > 0) REQUIRE(quick->fields()[i].column->kind() == plain->fields()[i].column->kind());
      for (std::size_t row = 0; row < plain->size(); ++row)
        REQUIRE(quick->fields()[i].column->at(row) == plain->fields()[i].column->at(row));
    }
  }
}

TEST_CASE("dsv: a column of numbers that ends in a text is text from its first cell on", "[vega][value]") {
  std::string text = "n,m,t\n";
  for (int i = 0; i < 50000; ++i) text += std::to_string(i) + ".50," + std::to_string(i) + ",a\n";
  auto const table = parse_dsv(text + "end,1,b\n", ',', {}, "$", kMaxCells,
                               [](std::string_view column) { return column == "t" ? CellKind::Text : CellKind::Auto; });
  REQUIRE(table->size() == 50001);
  CHECK(table->get(7, "n").string() == "7.50");
  CHECK(table->get(50000, "n").string() == "end");
  CHECK(table->get(7, "m").number() == 7);
  CHECK(table->get(50000, "t").string() == "b");
}
