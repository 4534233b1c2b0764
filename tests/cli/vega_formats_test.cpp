// Formats beside PNG and SVG, and the tools of other names with their options.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"
#include "vega/render/images.hpp"

using namespace cml::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::string const kLinked =
    R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","title":"Verlust über Zeit </script>",)"
    R"("data":{"values":[{"a":"A","b":1234.5,"u":"https://example.com/a?x='1'"},{"a":"B","b":2500,"u":"javascript:x"
},)"
    R"({"a":"C","b":2000,"u":"notes.md"}]},"mark":"bar","encoding":{"x":{"field":"a","type":"nominal"},)"
    R"("y":{"field":"b","type":"quantitative","axis":{"format":",.1f"}},"href":{"field":"u"}}})";

struct Formats {
  Formats() { std::ofstream(folder.path / "c.vl.json") << kLinked; }
  CmlRun run(std::string program, std::vector<std::string> arguments) {
    return run_cml(std::move(arguments), folder.path, {}, {}, std::move(program));
  }
  std::string get(std::string const& name) const {
    std::stringstream text;
    text << std::ifstream(folder.path / name, std::ios::binary).rdbuf();
    return text.str();
  }
  // What a command prints about a file of the folder.
  std::string told(std::string const& command) const {
    REQUIRE(std::system(("cd '" + folder.path.string() + "' && " + command + " > told").c_str()) == 0);
    return get("told");
  }
  cml::vega::Bitmap picture(std::string const& name) const {
    auto bitmap = cml::vega::decode_image(get(name));
    REQUIRE(bitmap);
    return std::move(*bitmap);
  }
  TemporaryFolder folder;
};

// Mean difference of a colour channel, of 255.
double difference(cml::vega::Bitmap const& a, cml::vega::Bitmap const& b) {
  REQUIRE(a.width == b.width);
  REQUIRE(a.height == b.height);
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    for (int shift : {0, 8, 16})
      sum += std::abs(static_cast<int>(a.pixels[i] >> shift & 255) - static_cast<int>(b.pixels[i] >> shift & 255));
  return sum / static_cast<double>(3 * a.pixels.size());
}
std::size_t count_of(std::string const& text, std::string const& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("formats: a PDF looks like the PNG, its text can be searched and its fonts are inside, once each",
          "[cli][vega]") {
  Formats f;
  auto const drawn = f.run("cml", {"vega-render", "c.vl.json", "-o", "c.pdf"});
  INFO(drawn.err);
  REQUIRE(drawn.exit_code == 0);
  REQUIRE(f.run("cml", {"vega-render", "c.vl.json", "-o", "c.png"}).exit_code == 0);
  CHECK_THAT(f.told("pdftotext c.pdf -"), Contains("Verlust über Zeit") && Contains("2,500.0"));
  auto const fonts = f.told("pdffonts c.pdf");
  INFO(fonts);
  CHECK(count_of(fonts, "LiberationSans ") == 1);
  CHECK_THAT(fonts, !Contains(" no "));  // Embedded, as subsets, with a way back to characters.
  (void)f.told("pdftoppm -r 72 -png c.pdf page");
  CHECK(difference(f.picture("page-1.png"), f.picture("c.png")) < 4);
  auto const again = f.run("vl2pdf", {"c.vl.json"});
  CHECK(again.out == f.get("c.pdf"));
}

TEST_CASE("formats: links of a PDF are those that mean something outside of a page", "[cli][vega]") {
  Formats f;
  REQUIRE(f.run("cml", {"vega-render", "c.vl.json", "-o", "c.pdf"}).exit_code == 0);
  (void)f.told("pdftohtml -xml -q c.pdf links");
  auto const text = f.get("links.xml");
  auto const pdf = f.get("c.pdf");
  CHECK(count_of(pdf, "/URI (") == 1);
  CHECK_THAT(pdf, Contains("https://example.com/a?x='1'"));
}

TEST_CASE("formats: no address of a link becomes an action of a PDF", "[cli][vega][security]") {
  Formats f;
  std::string rows;
  for (std::string const address :
       {"https://x.test/a) /S /JavaScript /JS (app.alert(1)) /Z (", "https://x.test/\\\\) /S /JavaScript /JS (1",
        "https://x.test/' uri='javascript:alert(1)", "https://x.test/\\n/OpenAction", "https://x.test/(((\\\\",
        "https://x.test/\u00e9 <b>", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x"})
    rows += (rows.empty() ? "" : ",") + ("{\"h\":\"" + address + "\"}");
  std::ofstream(f.folder.path / "h.vg.json")
      << R"({"$schema":"https://vega.github.io/schema/vega/v5.json","width":50,"height":50,)"
      << R"("data":[{"name":"d","values":[)" << rows
      << R"(]}],"marks":[{"type":"rect","from":{"data":"d"},"encode":{"update":{"width":{"value":9},)"
      << R"("height":{"value":9},"fill":{"value":"red"},"href":{"field":"h"}}}}]})";
  REQUIRE(f.run("cml", {"vega-render", "h.vg.json", "-o", "h.pdf"}).exit_code == 0);
  auto const pdf = f.get("h.pdf");
  CHECK(count_of(pdf, "/URI (") == 6);
  for (char const* action : {" /JavaScript", " /JS", " /OpenAction", "/URI (javascript", "/URI (file", "/URI (data"})
    CHECK(count_of(pdf, action) == 0);
  CHECK_THAT(pdf, Contains("/URI (https://x.test/a%29%20/S%20/JavaScript%20/JS%20%28app.alert%281%29%29%20/Z%20%28)"));
  CHECK_THAT(pdf, Contains("/URI (https://x.test/%C3%A9%20%3Cb%3E)"));
}

TEST_CASE("formats: a JPEG is the PNG over white", "[cli][vega]") {
  Formats f;
  REQUIRE(f.run("cml", {"vega-render", "c.vl.json", "-o", "c.jpg"}).exit_code == 0);
  REQUIRE(f.run("cml", {"vega-render", "c.vl.json", "-o", "c.png", "--background", "white"}).exit_code == 0);
  REQUIRE(f.run("cml", {"vega-render", "c.vl.json", "-o", "t.jpg", "--background", "transparent"}).exit_code == 0);
  CHECK(difference(f.picture("c.jpg"), f.picture("c.png")) < 2);
  CHECK(f.get("t.jpg") == f.get("c.jpg"));
}

TEST_CASE("formats: a page shows the SVG and holds the specification, whatever stands in its texts", "[cli][vega]") {
  Formats f;
  REQUIRE(f.run("cml", {"vega-render", "c.vl.json", "-o", "c.html"}).exit_code == 0);
  auto const page = f.get("c.html");
  CHECK_THAT(page, Contains("<div id=\"chart\"><svg ") && Contains("<title>Verlust über Zeit &lt;/script&gt;</title>"));
  CHECK(count_of(page, "</script>") == 3);
  CHECK_THAT(page, Contains("Verlust über Zeit \\u003c/script>"));
  CHECK_THAT(page, Contains(" integrity=\"sha384-") && Contains(" crossorigin=\"anonymous\""));
}

TEST_CASE("formats: a suffix of no format is refused", "[cli][vega]") {
  Formats f;
  auto const refused = f.run("cml", {"vega-render", "c.vl.json", "-o", "c.webp"});
  CHECK(refused.exit_code != 0);
  CHECK_THAT(refused.err, Contains("no format ends in .webp") && Contains(".pdf"));
  CHECK_FALSE(fs::exists(f.folder.path / "c.webp"));
}

TEST_CASE("formats: locales come by name, as a file and as vega-cli's options", "[cli][vega]") {
  Formats f;
  std::ofstream(f.folder.path / "de.json")
      << R"({"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " €"]})";
  auto const named = f.run("cml", {"vega-render", "c.vl.json", "-f", "svg", "--format-locale", "de-DE"});
  CHECK_THAT(named.out, Contains("2.500,0"));
  CHECK(f.run("vl2svg", {"-f", "de.json", "c.vl.json"}).out == named.out);
  CHECK_THAT(f.run("vl2svg", {"-f", "xx-XX", "c.vl.json"}).err, Contains("xx-XX") && Contains("de-DE"));
  CHECK_THAT(f.run("vl2svg", {"-f", "de.js", "c.vl.json"}).err, Contains("JavaScript is not run"));
  CHECK_THAT(f.run("vl2png", {"-c", "config.cjs", "c.vl.json"}).err, Contains("JavaScript is not run"));
}

TEST_CASE("formats: vl2svg -h writes a header, and -l sets what is said", "[cli][vega]") {
  Formats f;
  CHECK(f.run("vl2svg", {"-h", "c.vl.json"}).out ==
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" "
        "\"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">\n" +
            f.run("vl2svg", {"c.vl.json"}).out);
  std::ofstream(f.folder.path / "w.vl.json") << R"({"mark":"bar","data":{"values":[]},"encodng":{}})";
  CHECK(f.run("vl2svg", {"-l", "error", "w.vl.json"}).err.empty());
  CHECK_THAT(f.run("vl2svg", {"-h", "--help"}).out, Contains("--header"));
}

TEST_CASE("formats: vl-convert's commands draw the same pictures", "[cli][vega]") {
  Formats f;
  auto const converted = f.run("vl-convert", {"vl2png", "-i", "c.vl.json", "-o", "v.png", "--scale", "2"});
  INFO(converted.err);
  REQUIRE(converted.exit_code == 0);
  CHECK(f.run("vl2png", {"-s", "2", "c.vl.json"}).out == f.get("v.png"));
  // No PNG under another format's name.
  for (auto const& [program, words] :
       {std::pair{"vl-convert", std::vector<std::string>{"vl2png", "-i", "c.vl.json", "-o", "v.svg"}},
        {"vl2png", {"c.vl.json", "v.pdf"}},
        {"cml", {"vega-render", "c.vl.json", "--format", "png", "-o", "v.jpg"}}}) {
    auto const named = f.run(program, words);
    CHECK(named.exit_code == 1);
    CHECK_THAT(named.err, Contains("and png is what would be written; end it in .png"));
  }
  CHECK(f.run("vl2png", {"c.vl.json", "picture.v1"}).exit_code == 0);
  CHECK_THAT(f.run("vl-convert", {"vl2pdf", "-i", "c.vl.json", "-o", "v.pdf", "--ppi", "144"}).err,
             Contains("--ppi is for PNG and JPEG"));
  CHECK(f.run("vl-convert", {"vl2svg", "-i", "c.vl.json", "-t", "dark", "--format-locale", "de-DE"}).exit_code == 0);
  CHECK_THAT(f.run("vl-convert", {"ls-themes"}).out, Contains("dark\n"));
  CHECK_THAT(f.run("vl-convert", {"ls-themes", "--json"}).out, Contains("{\"themes\":[\"") && Contains("\"dark\""));
  CHECK_THAT(f.run("vl-convert", {"cat-theme", "dark"}).out, Contains("\"background\": \"#333\""));
  CHECK_THAT(f.run("vl-convert", {"vl2html", "-i", "c.vl.json", "--bundle"}).err, Contains("cannot hold Vega"));
}

TEST_CASE("formats: a JPEG has the quality that is asked for, a page the renderer", "[cli][vega]") {
  Formats f;
  auto const size = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"vega-render", "c.vl.json", "-o", "q.jpeg"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto const drawn = f.run("cml", arguments);
    INFO(drawn.err);
    REQUIRE(drawn.exit_code == 0);
    return f.get("q.jpeg").size();
  };
  auto const usual = size({});
  CHECK(size({"--quality", "90"}) == usual);
  CHECK(size({"--quality", "10"}) < usual / 2);
  CHECK(size({"--quality", "100"}) > usual);
  CHECK_THAT(f.run("cml", {"vega-render", "c.vl.json", "-o", "q.jpeg", "--quality", "0"}).err,
             Contains("--quality must be from 1 to 100"));
  CHECK_THAT(f.run("cml", {"vega-render", "c.vl.json", "-o", "q.png", "--quality", "50"}).err,
             Contains("--quality is for JPEG"));
  auto const page = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"vl2html", "-i", "c.vl.json", "-o", "q.html"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return f.run("vl-convert", arguments).exit_code == 0 ? f.get("q.html") : "";
  };
  CHECK_THAT(page({}), Contains("{renderer: 'svg', container: aside"));
  CHECK_THAT(page({"--renderer", "canvas"}), Contains("{renderer: 'canvas', container: aside"));
  CHECK(page({"--renderer", "x', y: '"}).empty());
}

TEST_CASE("formats: a base that is a URL is fetched from only when it is allowed", "[cli][vega]") {
  Formats f;
  std::ofstream(f.folder.path / "d.vl.json")
      << R"({"data":{"url":"data/x.csv"},"mark":"bar","encoding":{"x":{"field":"a"}}})";
  auto const refused = f.run("vl2png", {"-b", "http://127.0.0.1:9/base", "d.vl.json", "d.png"});
  CHECK(refused.exit_code != 0);
  CHECK_THAT(refused.err, Contains("http://127.0.0.1:9/base/data/x.csv") && Contains("--allow-url"));
  fs::create_directories(f.folder.path / "sub/data");
  std::ofstream(f.folder.path / "sub/data/x.csv") << "a\n1\n2\n";
  CHECK(f.run("vl2png", {"-b", "file://" + (f.folder.path / "sub").string(), "d.vl.json", "d.png"}).exit_code == 0);
}
