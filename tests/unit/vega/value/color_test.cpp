#include "vega/value/color.hpp"

#include <catch2/catch.hpp>

using namespace cml::vega;

TEST_CASE("color: CSS forms parse to the same colour", "[vega][color]") {
  for (auto text : {"steelblue", "#4682b4", " SteelBlue ", "rgb(70,130,180)", "rgba(70, 130, 180, 1)",
                    "rgb(70 130 180)", "#4682b4ff"}) {
    INFO(text);
    auto const color = parse_color(text);
    REQUIRE(color);
    CHECK(format_rgb(*color) == "rgb(70, 130, 180)");
  }
  CHECK(format_rgb(*parse_color("hsl(120,100%,25%)")) == "rgb(0, 128, 0)");
  CHECK(format_rgb(*parse_color("#f008")) == "rgba(255, 0, 0, 0.5333333333333333)");
  for (auto text : {"", "#12", "notacolor", "rgb(1,2)", "rgb(a,b,c)", "hsl(1,2,3"}) CHECK_FALSE(parse_color(text));
}

TEST_CASE("color: every space leads back to the colour it came from", "[vega][color]") {
  for (auto text : {"#4c78a8", "#f58518", "#000000", "#ffffff", "#808080", "#0a0b0c"}) {
    INFO(text);
    auto const color = *parse_color(text);
    auto const printed = format_rgb(color);
    CHECK(format_rgb(to_rgb(to_hsl(color))) == printed);
    CHECK(format_rgb(to_rgb(to_lab(color))) == printed);
    CHECK(format_rgb(to_rgb(to_hcl(color))) == printed);
    CHECK(format_rgb(to_rgb(to_cubehelix(color))) == printed);
  }
}
