#include "report/publish.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

namespace {

std::string const kPng = "\x89PNG\r\n\x1a\n....";

struct Fixture {
  Fixture() {
    files.put("/project/img/a.png", kPng);
    files.put("/project/img/red fox/0.png", kPng + "0");
    files.put("/project/data.csv", "a,b\n");
    files.put("/outside/secret.png", kPng + "s");
    files.put("/project/.git/config", "token");
  }
  Publication prepare(std::string const& markdown, Plotter plotter = {}) {
    source = markdown;
    PublishRequest request;
    request.markdown = source;
    request.name = "report.md";
    request.folder = "/project";
    request.plotter = std::move(plotter);
    Door const door(files, {.root = "/project"});
    request.door = &door;
    return Publication::prepare(request, diagnostics);
  }
  std::string published(std::string const& markdown) {
    auto const publication = prepare(markdown);
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < publication.files().size(); ++i) urls.push_back("URL" + std::to_string(i));
    return publication.markdown(urls);
  }
  std::string source;
  MemoryFileSystem files;
  Diagnostics diagnostics;
};

}  // namespace

TEST_CASE("publish: local files get addresses and every other byte stays", "[report][publish]") {
  Fixture f;
  CHECK(f.published("- [ ] t\n~~s~~ ![a](img/a.png \"T\") [d](data.csv)\n\n* x__b__\n") ==
        "- [ ] t\n~~s~~ ![a](URL0 \"T\") [d](URL1)\n\n* x__b__\n");
  CHECK(f.published("![a](./img/red%20fox/0.png) ![b](<img/red fox/0.png>) <img src=img/a.png width=3>") ==
        "![a](URL0) ![b](URL0) <img src=\"URL1\" width=3>");
  CHECK(f.published("![a][r]\n\n[r]: img/a.png\n") == "![a][r]\n\n[r]: URL0\n");
  CHECK(f.published("![a](img/a.png?raw=true) ![b](/project/img/a.png#x)") == "![a](URL0) ![b](URL0)");
  CHECK(f.diagnostics.warnings().empty());
}

TEST_CASE("publish: addresses, anchors and the watermark are not files", "[report][publish]") {
  Fixture f;
  for (std::string const markdown :
       {"![a](https://h.test/a.png)", "[a](#top)", "[m](mailto:a@b.c)", "![a](//h.test/a.png)", "[a]()",
        "[x](file:///project/data.csv)", "![](https://cml.dev/watermark.png#ab \"CML watermark\")", "`![a](img/a.png)`",
        "[d](data:text/plain;base64,QQ==)"}) {
    INFO(markdown);
    CHECK(f.published(markdown) == markdown);
  }
  CHECK(f.diagnostics.warnings().empty());
}

TEST_CASE("publish: nothing outside the workspace is ever taken, by any road", "[report][publish][security]") {
  Fixture f;
  f.files.link("/project/link.png", "/outside/secret.png");
  f.files.link("/project/folder", "/outside");
  f.files.link("/project/inner.png", "img/a.png");
  for (std::string const url :
       {"../outside/secret.png", "/outside/secret.png", "link.png", "folder/secret.png", "img/../../outside/secret.png",
        "%2e%2e/outside/secret.png", "..%2Foutside%2Fsecret.png", ".git/config", "img/../.git/config"}) {
    INFO(url);
    Diagnostics before = f.diagnostics;
    std::string const markdown = "![x](" + url + ") [y](" + url + ") <img src=\"" + url + "\">";
    CHECK(f.published(markdown) == markdown);
    CHECK(f.diagnostics.warnings().size() > before.warnings().size());
  }
  CHECK(f.published("![x](inner.png)") == "![x](URL0)");
  CHECK(f.published("![x](file:///outside/secret.png)") == "![x](file:///outside/secret.png)");
}

TEST_CASE("publish: what cannot be published is told with its line, and counts for --strict", "[report][publish]") {
  Fixture f;
  f.files.failures.emplace("/project/img/a.png",
                           Error{ErrorKind::Io, "cannot read /project/img/a.png: Permission denied"});
  std::string const markdown = "one\n![a](missing.pgn)\n![b](img)\n![c](img/a.png)\n";
  CHECK(f.published(markdown) == markdown);
  REQUIRE(f.diagnostics.warnings().size() == 3);
  CHECK(f.diagnostics.warnings()[0].where == "report.md:2");
  CHECK(contains(f.diagnostics.warnings()[0].text, "\"missing.pgn\" is not published: no such file"));
  CHECK(contains(f.diagnostics.warnings()[1].text, "it is a directory"));
  CHECK(contains(f.diagnostics.warnings()[2].text, "Permission denied"));
  for (Warning const& warning : f.diagnostics.warnings()) CHECK(warning.missed);
}

TEST_CASE("publish: the reports of real pipelines pass byte for byte when nothing is there to publish",
          "[report][publish][wild]") {
  char const* shared = std::getenv("CML_SHARED_DIR");
  if (shared == nullptr) {
    WARN("CML_SHARED_DIR is not set: the wild reports are not checked");
    return;
  }
  int reports = 0;
  for (auto const& entry : std::filesystem::directory_iterator(std::string(shared) + "/reference/wild/reports")) {
    if (entry.path().string().find(".report.md") == std::string::npos) continue;
    std::stringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    INFO(entry.path());
    ++reports;
    Fixture f;
    f.files = MemoryFileSystem();  // Nothing there.
    auto const publication = f.prepare(text.str());
    bool const has_data_image = entry.path().string().find("data-uri") != std::string::npos;
    CHECK(publication.files().size() == (has_data_image ? 1 : 0));
    if (!has_data_image) CHECK(publication.markdown({}) == text.str());
  }
  CHECK(reports == 38);
}

TEST_CASE("publish: images in data URLs are taken out and published", "[report][publish]") {
  Fixture f;
  CHECK(f.published("![L](data:image/png;base64,iVBORw0KGgo=)") == "![L](URL0)");
  CHECK(f.published("![L](data:image/png;base64,!!!)") == "![L](data:image/png;base64,!!!)");
}

TEST_CASE("publish: a csv block marked as a table becomes one, others stay", "[report][publish]") {
  Fixture f;
  CHECK(f.published("```csv table\nname,acc\na|b,0.5\n```\n\n```csv\na,b\n```\n") ==
        "| name | acc |\n| --- | ---: |\n| a\\|b | 0.5 |\n\n```csv\na,b\n```\n");
}

TEST_CASE("publish: fenced plots are drawn for dark pages, too, when they are asked for", "[report][publish]") {
  Fixture f;
  PublishRequest request;
  request.markdown = "```vega-lite\n{}\n```\n";
  request.name = "report.md";
  request.folder = "/project";
  Door const door(f.files, {.root = "/project"});
  request.door = &door;
  request.plotter = [](std::string_view, std::filesystem::path const&, std::string_view) -> Result<Plot> {
    return Plot{"light", "image/png", "A \"b\""};
  };
  request.dark_plotter = [](std::string_view, std::filesystem::path const&, std::string_view) -> Result<Plot> {
    return Plot{"dark", "image/png", ""};
  };
  auto const publication = Publication::prepare(request, f.diagnostics);
  REQUIRE(publication.files().size() == 3);
  CHECK(publication.markdown({"L", "S", "D"}) ==
        "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"D\"><img alt=\"A &quot;b&quot;\" "
        "src=\"L\"></picture>"
        "<details><summary>Specification</summary><a href=\"S\">Vega</a></details>\n");

  f.files.put("/project/p.vl.json", R"({"$schema": "https://vega.github.io/schema/vega-lite/v5.json"})");
  request.markdown = "Here: ![P](p.vl.json) and [the file](p.vl.json)\n";
  auto const linked = Publication::prepare(request, f.diagnostics);
  REQUIRE(linked.files().size() == 2);
  CHECK(linked.markdown({"D", "L"}) ==
        "Here: <picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"D\"><img alt=\"P\" "
        "src=\"L\"></picture> and [the file](L)\n");
}

TEST_CASE("publish: a dark picture is a source of its own, and so is one in the report", "[report][publish]") {
  Fixture f;
  CHECK(f.published("<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"img/a.png\"><img "
                    "src=\"img/a.png\"></picture>") ==
        "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"URL0\"><img src=\"URL0\"></picture>");
  CHECK(f.published("<picture><source srcset=\"img/a.png, img/a.png 2x\"></picture>") ==
        "<picture><source srcset=\"URL0, URL0 2x\"></picture>");
}

TEST_CASE("publish: what a chart asked for in vain stands below its picture, and is missed", "[report][publish]") {
  Fixture f;
  std::string const spec = R"({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {}})";
  f.files.put("/project/roc.json", spec);
  Plotter const plotter = [](std::string_view, std::filesystem::path const&, std::string_view) -> Result<Plot> {
    return Plot{"PNG", "image/png", "A", {"$.encoding.y.field: no row has \"b*\""}};
  };
  std::string const source = "- x\n\n  ```vega-lite\n  {}\n  ```\n\n![r](roc.json)\n";
  auto const publication = f.prepare(source, plotter);
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < publication.files().size(); ++i) urls.push_back("U" + std::to_string(i));
  auto const text = publication.markdown(urls);
  INFO(text);
  CHECK(contains(text, "](U1)\n*$.encoding.y.field: no row has \"b\\*\"*<details>"));
  CHECK(contains(text, "![r](U1)\n*$.encoding.y.field: no row has"));
  REQUIRE(f.diagnostics.warnings().size() == 2);
  for (auto const& warning : f.diagnostics.warnings()) {
    CHECK(warning.missed);  // With --strict an exit code.
    CHECK(contains(warning.text, "no row has"));
  }
}

TEST_CASE("publish: specs and fences become pictures when there is a plotter", "[report][publish]") {
  Fixture f;
  f.files.put("/project/plots/roc.json",
              R"({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {}})");
  f.files.put("/project/plots/bad.json",
              R"({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "bad"})");
  f.files.put("/project/metrics.json", R"({"acc": 1})");
  Plotter const plotter = [](std::string_view spec, std::filesystem::path const& base,
                             std::string_view where) -> Result<Plot> {
    if (contains(spec, "bad")) return Error{ErrorKind::Unsupported, "$.mark: unknown mark \"bad\""};
    return Plot{"PNG of " + std::string(where) + " in " + base.string(), "image/png", "A [title]"};
  };
  auto const publication = f.prepare(
      "![r](plots/roc.json) [m](metrics.json)\n\n```vega-lite\n{}\n```\n\n- "
      "![r](plots/roc.json)\n\n![b](plots/bad.json)\n\n![r](plots/roc.json)\n",
      plotter);
  REQUIRE(publication.files().size() == 4);
  CHECK(publication.files()[0].bytes == "PNG of plots/roc.json in /project/plots");
  CHECK(publication.files()[0].name == "roc.json.png");
  CHECK(publication.files()[1].mime == "application/json");
  CHECK(publication.files()[3].bytes == "{}\n");
  // A specification is linked behind a fence's picture; behind an image's only where nothing else is on its line.
  CHECK(publication.markdown({"U0", "U1", "U2", "U3"}) ==
        "![r](U0) [m](U1)\n\n![A \\[title\\]](U2)<details><summary>Specification</summary><a "
        "href=\"U3\">Vega</a></details>\n\n- ![r](U0)\n\n*b is not drawn: $.mark: unknown mark \"bad\"*\n\n![r](U0)\n");
  auto const alone = f.prepare("![r](plots/roc.json)\n", plotter);
  REQUIRE(alone.files().size() == 2);
  CHECK(alone.markdown({"S", "P"}) ==
        "![r](P)<details><summary>Specification</summary><a href=\"S\">Vega</a></details>\n");
  REQUIRE(f.diagnostics.warnings().size() == 1);
  CHECK(contains(f.diagnostics.warnings()[0].text, "unknown mark"));
  CHECK(publication.markdown_without_files() ==
        "*r* [m](metrics.json)\n\n*A \\[title\\]*\n\n- *r*\n\n*b is not drawn: $.mark: unknown mark \"bad\"*\n\n*r*\n");
}

TEST_CASE("publish: a report of thousands of plots and pictures has two thousand looked at, and says so",
          "[report][publish][security]") {
  Fixture f;
  std::string text;
  for (int i = 0; i < 2500; ++i) text += "```vega\n{}\n```\n\n![](gone" + std::to_string(i) + ".png)\n\n";
  int drawn = 0;
  Plotter const broken = [&](auto&&...) -> Result<Plot> {
    ++drawn;
    return Error{ErrorKind::BadInput, "no"};
  };
  auto const publication = f.prepare(text + "![a](img/a.png)\n", broken);
  CHECK(publication.files().empty());
  CHECK(drawn == 0);  // Two thousand links were looked at before.
  CHECK(f.diagnostics.warnings().size() == 2001);
  CHECK(contains(f.diagnostics.warnings().back().text,
                 "3001 more pictures, files and plots are left as they are: a report takes 2000 at most"));
}
