#include "vega/render/text_runs.hpp"

#include <catch2/catch.hpp>

#include "vega/render/scripts.hpp"

using namespace cml::vega;

namespace {

// "0-3 Latn 0; 3-6 Hebr 1": begin, end, script and level of each run; emoji are named so.
std::string told(std::u32string_view line) {
  std::string out;
  for (auto const& run : text_runs(line, script_of)) {
    if (!out.empty()) out += "; ";
    out += std::to_string(run.begin) + "-" + std::to_string(run.end) + " ";
    for (int shift = 24; run.script != 0 && shift >= 0; shift -= 8)
      out += static_cast<char>(run.script >> shift & 0xff);
    out += run.emoji ? "emoji" : "";
    out += " " + std::to_string(run.level);
  }
  return out;
}

}  // namespace

TEST_CASE("runs: a text is cut where its script or direction changes", "[vega][render]") {
  CHECK(told(U"abc 12") == "0-6 Latn 0");
  CHECK(told(U"12 abc") == "0-6 Latn 0");
  CHECK(told(U"ab \u05d0\u05d1 12") == "0-3 Latn 0; 3-6 Hebr 1; 6-8 Hebr 2");
  CHECK(told(U"\u0928\u092e a") == "0-3 Deva 0; 3-4 Latn 0");
  CHECK(told(U"").empty());
}

TEST_CASE("runs: emoji are one piece with what belongs to them, and text where they are asked to be",
          "[vega][render]") {
  CHECK(told(U"\U0001F680") == "0-1 emoji 0");
  CHECK(told(U"a \U0001F468\u200D\U0001F469\u200D\U0001F467 b") == "0-2 Latn 0; 2-7 emoji 0; 7-9 Latn 0");
  CHECK(told(U"\U0001F44D\U0001F3FD\U0001F1EB\U0001F1F7") == "0-4 emoji 0");
  CHECK(told(U"1\uFE0F\u20E3 1") == "0-3 emoji 0; 3-5  0");
  CHECK(told(U"\u2764") == "0-1  0");
  CHECK(told(U"\u2764\uFE0F") == "0-2 emoji 0");
  CHECK(told(U"\U0001F680\uFE0E") == "0-2  0");
}

TEST_CASE("runs: from left to right, levels are turned from the highest down", "[vega][render]") {
  CHECK(visual_order({0, 1, 2, 1, 0}) == std::vector<std::size_t>{0, 3, 2, 1, 4});
  CHECK(visual_order({1, 2}) == std::vector<std::size_t>{1, 0});
  CHECK(visual_order({}).empty());
}

TEST_CASE("runs: advice names a script and Debian's package of a font for it", "[vega][render]") {
  CHECK(font_for(0x0915).script == "Devanagari");
  CHECK(font_for(0x0915).package == "fonts-noto-core");
  CHECK(font_for(0x4E2D).package == "fonts-noto-cjk");
  CHECK(font_for(0x1F680).package == "fonts-noto-color-emoji");
  CHECK(font_for(0x2713).script == "symbols");
  CHECK(font_for(0x10FFFD).package.empty());
}
