#include "vega/render/fonts.hpp"

#include <algorithm>
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
  if (!SystemFonts().holding(check_mark, {}, "sans-serif", "", false)) {
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
  CHECK_FALSE(SystemFonts().holding(0x10FFFD, {}, "sans-serif", "", false));
}

namespace {

// The characters of a line from left to right, each by its first byte.
std::vector<std::size_t> seen_order(char const* text) {
  FontSet fonts;
  std::vector<std::pair<double, std::size_t>> places;
  fonts.each_run({"sans-serif", 20, false, false}, text, [&](ShapedRun const& run) {
    for (auto const& glyph : run.glyphs) places.emplace_back(glyph.x, glyph.cluster);
  });
  std::sort(places.begin(), places.end());
  std::vector<std::size_t> order;
  for (auto const& [x, cluster] : places) order.push_back(cluster);
  return order;
}

}  // namespace

TEST_CASE("fonts: Hebrew reads from right to left, numbers and Latin within it do not", "[vega][render]") {
  CHECK(seen_order("abc") == std::vector<std::size_t>{0, 1, 2});
  CHECK(seen_order("\u05d0\u05d1\u05d2") == std::vector<std::size_t>{4, 2, 0});
  // "alef bet 12" in a line from left to right: the letters are turned, and the number stands to their left.
  CHECK(seen_order("\u05d0\u05d112") == std::vector<std::size_t>{4, 5, 2, 0});
  CHECK(seen_order("a\u05d0\u05d1b") == std::vector<std::size_t>{0, 3, 1, 5});
  // A parenthesis is turned with what it encloses, and drawn as its mirror image.
  FontSet fonts;
  std::vector<unsigned> glyphs, mirrored;
  fonts.each_run({}, "(", [&](ShapedRun const& run) { glyphs.push_back(run.glyphs.at(0).index); });
  fonts.each_run({}, "\u05d0(\u05d1)\u05d2", [&](ShapedRun const& run) {
    for (auto const& glyph : run.glyphs) mirrored.push_back(glyph.index);
  });
  REQUIRE(mirrored.size() == 5);
  CHECK(mirrored[1] == glyphs.at(0));
}

TEST_CASE("fonts: marks join their letters, and what is not to be seen takes no room", "[vega][render]") {
  FontSet fonts;
  Font const font{"sans-serif", 20, false, false};
  auto const width = [&](char const* text) { return fonts.width(font, text); };
  CHECK(width("e\u0301a\u0308") == Approx(width("\u00e9\u00e4")));
  for (char const* hidden : {"a\u00adb", "a\u200bb", "a\u200db", "a\u200eb", "a\u2060b", "a\ufeffb"}) {
    INFO(hidden);
    CHECK(width(hidden) == Approx(width("ab")));
  }
  CHECK(width("\t") == Approx(8 * width(" ")));
  CHECK(width("abc\tx") == Approx(width("\tx")));
}

TEST_CASE("fonts: breaks within a text begin a line below, as on the reference's canvas", "[vega][render]") {
  FontSet fonts;
  for (char const* text : {"ab\ncde", "ab\r\ncde", "ab\rcde"}) {
    std::vector<double> lines;
    fonts.each_run({"sans-serif", 10, false, false}, text,
                   [&](ShapedRun const& run) { lines.push_back(run.glyphs.at(0).y); });
    CHECK(lines == std::vector<double>{0, 13});  // Liberation Sans of 10 pixels: 9.05 above and 2.12 below, rounded up.
    CHECK(fonts.width({"sans-serif", 10, false, false}, text) ==
          Approx(fonts.width({"sans-serif", 10, false, false}, "cde")));
  }
}

TEST_CASE("fonts: what is missing is told once a picture", "[vega][render]") {
  FontSet fonts;
  fonts.width({"No Such Family, Nor This", 10, false, false}, "A\U0010FFFD");
  auto const missing = fonts.take_missing();
  CHECK(missing.characters == std::set<char32_t>{0x10FFFD});
  CHECK(missing.families == std::set<std::string>{"No Such Family, Nor This"});
  CHECK(fonts.take_missing().families.empty());
  fonts.width({"No Such Family, Nor This", 10, false, false}, "A\U0010FFFD");
  CHECK(fonts.take_missing().characters.size() == 1);
  for (char const* known : {"sans-serif", "Nope, Georgia", "system-ui", "Helvetica Neue, Arial", ""}) {
    fonts.width({known, 10, false, false}, "plain");
    INFO(known);
    CHECK(fonts.take_missing().families.empty());
  }
}
