#include "vega/render/fonts.hpp"

#include <catch2/catch.hpp>

#include "vega/render/system_fonts.hpp"

using namespace cml::vega;

// Widths are the reference's measured ones (node-canvas over Pango with the same fonts), to 1/1024 pixel.
TEST_CASE("fonts: widths equal the reference's, kerning included", "[vega][render]") {
  FontSet fonts;
  struct Row {
    double size;
    bool bold;
    char const* text;
    double width;
  };
  for (auto const& row : {Row{10, false, "Hello World", 51.4990},
                          {10, false, "0.0", 13.9014},
                          {10, false, "1,000", 25.0244},
                          {10, false, "Miles_per_Gallon", 77.8174},
                          {11, false, "Hello World", 56.6543},
                          {11, true, "Hello World", 60.9141},
                          {13, true, "Hello World", 71.9883},
                          {10, false, "WAWA", 31.1035},
                          {10, false, "AV", 12.598},
                          {10, false,
                           "\u2212"
                           "1",
                           11.4014}}) {
    INFO(row.text);
    CHECK(fonts.width({"sans-serif", row.size, row.bold, false}, row.text) == Approx(row.width).margin(0.0006));
  }
}

TEST_CASE("fonts: CSS families choose among the embedded ones", "[vega][render]") {
  CHECK(embedded_family("Helvetica Neue, Georgia") == "Liberation Serif");
  CHECK(embedded_family("'Courier New', monospace") == "Liberation Mono");
  CHECK(embedded_family("Comic Sans MS") == "Liberation Sans");
  CHECK(embedded_family("") == "Liberation Sans");
}

TEST_CASE("fonts: malformed UTF-8 has a width and no crash", "[vega][render]") {
  FontSet fonts;
  for (char const* text : {"\xff\xfe", "\xc3", "\xe2\x82", "a\xf0\x9f"}) CHECK(fonts.width({}, text) > 0);
}

TEST_CASE("fonts: a character that the embedded fonts lack is drawn with the system's font for it", "[vega][render]") {
  char32_t const check_mark = U'\u2713';
  if (!SystemFonts().holding(check_mark, false, false)) {
    WARN("skipped: no font of this machine has U+2713");
    return;
  }
  struct Counter final : PathSink {
    void move_to(double, double) override { ++steps; }
    void line_to(double, double) override { ++steps; }
    void curve_to(double, double, double, double, double, double) override { ++steps; }
    void quad_to(double, double, double, double) override { ++steps; }
    void arc(double, double, double, double, double, bool) override { ++steps; }
    void rect(double, double, double, double) override { ++steps; }
    void close() override {}
    int steps = 0;
  };
  FontSet fonts;
  auto const steps = [&](char const* text) {
    Counter counter;
    fonts.trace({"sans-serif", 10, false, false}, text, 0, 0, counter);
    return counter.steps;
  };
  int const box = steps("\xf4\x8f\xbf\xbd");  // U+10FFFD, which nobody has.
  CHECK(box > 0);
  CHECK(steps("\u2713") != box);
  CHECK(fonts.width({"sans-serif", 10, false, false}, "A\u2713B") >
        fonts.width({"sans-serif", 10, false, false}, "AB"));
  CHECK_FALSE(SystemFonts().holding(0x10FFFD, false, false));
}
