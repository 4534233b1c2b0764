// Fonts that are not embedded: where they come from, what is said where they are missing, and their colours.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"
#include "vega/render/images.hpp"

using namespace cml::test;
using Catch::Matchers::Contains;

namespace {

std::string const kFontFolder = std::string(CML_SOURCE_DIR) + "/fixtures/fonts";

// A text of 20 pixels with its baseline 30 pixels down, on white.
std::string text_chart(std::string const& text, std::string const& font) {
  return R"({"$schema":"https://vega.github.io/schema/vega/v5.json","width":200,"height":40,"background":"white",)"
         R"("marks":[{"type":"text","encode":{"enter":{"x":{"value":10},"y":{"value":30},"fontSize":{"value":20},)"
         R"("fill":{"value":"black"},"font":{"value":")" +
         font + R"("},"text":{"value":")" + text + R"("}}}}]})";
}

struct FontCharts {
  FontCharts() {
    put("layers.vg.json", text_chart("AA", "Cml Layers"));
    put("pictures.vg.json", text_chart("AA", "Cml Pictures"));
    put("nobody.vg.json", text_chart("A\U0010FFFD", "sans-serif"));
    put("arabic.vg.json", text_chart("\u0645\u0631\u062d\u0628\u0627", "sans-serif"));
  }
  void put(std::string const& name, std::string const& text) const { std::ofstream(folder.path / name) << text; }
  CmlRun draw(std::string const& name, std::vector<std::string> more, std::string program = "cml") const {
    std::vector<std::string> arguments{"vega-render", name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_cml(std::move(arguments), folder.path, {}, {}, std::move(program));
  }
  std::string get(std::string const& name) const {
    std::stringstream text;
    text << std::ifstream(folder.path / name, std::ios::binary).rdbuf();
    return text.str();
  }
  std::string told(std::string const& command) const {
    REQUIRE(std::system(("cd '" + folder.path.string() + "' && " + command + " > told").c_str()) == 0);
    return get("told");
  }
  // "#ff0000" at a pixel.
  std::string color_at(std::string const& picture, int x, int y) const {
    auto const bitmap = cml::vega::decode_image(get(picture));
    REQUIRE(bitmap);
    char text[8];
    std::snprintf(text, sizeof text, "#%06x",
                  bitmap->pixels.at(static_cast<std::size_t>(y * bitmap->width + x)) & 0xffffffu);
    return text;
  }
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("fonts of the machine: glyphs have the colours that their font gives them, in PNG and in PDF",
          "[cli][vega]") {
  FontCharts f;
  for (std::string const chart : {"layers", "pictures"}) {
    for (std::string const suffix : {".png", ".pdf"}) {
      auto const drawn = f.draw(chart + ".vg.json", {"--font-dir", kFontFolder, "-o", chart + suffix});
      INFO(drawn.err);
      REQUIRE(drawn.exit_code == 0);
      CHECK(drawn.err.empty());
    }
    (void)f.told("pdftoppm -r 72 -png " + chart + ".pdf " + chart);
    for (std::string const& picture : {chart + ".png", chart + "-1.png"}) {
      INFO(picture);
      bool const layers = chart == "layers";
      for (int letter : {10, 30}) {  // The second is where the first one's advance puts it.
        CHECK(f.color_at(picture, letter + 4, 14) == (layers ? "#ff0000" : "#008000"));
        CHECK(f.color_at(picture, letter + 15, 26) == (layers ? "#000000" : "#0000ff"));
      }
      CHECK(f.color_at(picture, 55, 20) == "#ffffff");
    }
  }
}

TEST_CASE("fonts of the machine: a missing family or character is told, passed over or an error", "[cli][vega]") {
  FontCharts f;
  auto const warned = f.draw("layers.vg.json", {"-o", "a.png"});
  CHECK(warned.exit_code == 0);
  CHECK_THAT(warned.err, Contains("no font \"Cml Layers\" on this machine: Liberation Sans is drawn instead"));
  CHECK(f.draw("layers.vg.json", {"-o", "a.png", "--missing-fonts", "fallback"}).err.empty());
  auto const refused = f.draw("layers.vg.json", {"-o", "b.png", "--missing-fonts", "error"});
  CHECK(refused.exit_code != 0);
  CHECK_THAT(refused.err, Contains("error: layers.vg.json: no font \"Cml Layers\""));
  CHECK(f.get("b.png").empty());
  CHECK_THAT(f.draw("nobody.vg.json", {"-o", "a.png"}).err,
             Contains("no font has these characters (U+10FFFD): they are drawn as boxes"));
  CHECK(f.draw("layers.vg.json", {"-o", "a.svg"}).err.empty());  // Whoever opens it has fonts of their own.
  CHECK_THAT(f.draw("layers.vg.json", {"-o", "a.png", "--missing-fonts", "never"}).err, Contains("fallback"));
  CHECK_THAT(f.draw("layers.vg.json", {"-o", "a.png", "--font-dir", "nowhere"}).err,
             Contains("--font-dir nowhere: there is no such folder"));
}

TEST_CASE("fonts of the machine: vl-convert takes its options for them", "[cli][vega]") {
  FontCharts f;
  auto const drawn =
      run_cml({"vg2png", "-i", "layers.vg.json", "-o", "a.png", "--font-dir", kFontFolder, "--missing-fonts", "error"},
              f.folder.path, {}, {}, "vl-convert");
  INFO(drawn.err);
  CHECK(drawn.exit_code == 0);
  CHECK(f.color_at("a.png", 14, 14) == "#ff0000");
}

TEST_CASE("fonts of the machine: letters that join are found in a PDF as they were written", "[cli][vega]") {
  FontCharts f;
  auto const drawn = f.draw("arabic.vg.json", {"-o", "a.pdf"});
  if (!drawn.err.empty()) {
    WARN("skipped: no font of this machine has Arabic (fonts-dejavu-core)");
    return;
  }
  CHECK_THAT(f.told("pdftotext a.pdf -"), Contains("\u0645\u0631\u062d\u0628\u0627"));
}
