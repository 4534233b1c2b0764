#include "vega/value/dsv.hpp"

#include <catch2/catch.hpp>

#include "vega/value/error.hpp"

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
