#include "markdown/locate.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "markdown/html.hpp"

using namespace cml::markdown;

namespace {

// "kind url" for each, in order; definitions are marked.
std::vector<std::string> found(std::string_view document) {
  std::vector<std::string> lines;
  for (Destination const& d : locate(document).destinations) {
    constexpr char const* kKinds[] = {"link", "image", "html", "html link"};
    lines.push_back(std::string(d.definition ? "definition " : "") + kKinds[static_cast<int>(d.kind)] + " " + d.url);
    // What is replaced is what was read, up to escapes.
    CHECK(d.offset + d.length <= document.size());
  }
  return lines;
}

std::string with_all_replaced(std::string_view document, std::string_view url) {
  std::vector<Replacement> replacements;
  for (Destination const& d : locate(document).destinations)
    replacements.push_back({d.offset, d.length, written(d, url)});
  return with_replacements(document, replacements);
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("locate: links and images in every kind of block", "[markdown][locate]") {
  struct Case {
    std::string document;
    Lines expected;
  };
  std::vector<Case> const cases{
      {"![a](x.png)", {"image x.png"}},
      {"# H ![a](x.png) #\n", {"image x.png"}},
      {"Set ![a](x.png)\n===\n![b](y.png)\n", {"image x.png", "image y.png"}},
      {"[![b](i.png)](l.html)", {"image i.png", "link l.html"}},
      {"<!-- x --><img src=a.png>\n", {"html a.png"}},
      {"<!--\nx --><img src=a.png>\ntext\n", {"html a.png"}},
      {"> quote ![c](c.png)\nlazy ![d](\n  d.png \"t\")\n", {"image c.png", "image d.png"}},
      {"> > deep\n> > ![c](c.png)\n", {"image c.png"}},
      {"1. item\n   ![e](e.png)\n   - sub ![f](<f f.png>)\n", {"image e.png", "image f f.png"}},
      {"- [ ] task ![m](m.png)\n- [x] ![n](n.png)\n", {"image m.png", "image n.png"}},
      {"-   \n    ![n](n.png)\n", {"image n.png"}},
      {"text ![t](t.png)\n| a | b |\n|---|---|\n| ![g](g.png) | x ![h](h\\|i.png) |\n",
       {"image t.png", "image g.png", "image h|i.png"}},
      {"- text ![t](t.png)\n  | a | b |\n  |---|---|\n  | 1 | ![g](g.png) |\n", {"image t.png", "image g.png"}},
      {"a | b\n--|--\n![g](g.png) | ![h](h.png)\n", {"image g.png", "image h.png"}},
      {"> | q |\n> |---|\n> | ![z](z.png) |\n", {"image z.png"}},
      {"x [^1]\n\n[^1]: foot ![k](k.png)\n    more ![l](l.png)\n", {"image k.png", "image l.png"}},
      {"\xEF\xBB\xBF![a](x.png)", {"image x.png"}},
      {"one\r\n![a](x.png)\r\n> ![b](y.png)\r\n", {"image x.png", "image y.png"}},
      {"\t- a\n\n![a](x.png)\n", {"image x.png"}},
      {"*em ![a](x.png)* ~~s [b](y.md)~~", {"image x.png", "link y.md"}},
  };
  for (Case const& c : cases) {
    INFO(c.document);
    CHECK(found(c.document) == c.expected);
  }
}

TEST_CASE("locate: code, comments, escapes and broken syntax hold no links", "[markdown][locate]") {
  for (std::string const document :
       {"```\n![a](x.png)\n```\n", "    ![a](x.png)\n", "`![a](x.png)`", "``a ` ![a](x.png)``", "\\![a]\\(x.png)",
        "![a]\\(x.png)", "<!-- ![a](x.png) <img src=x.png> -->", "![a](x y.png)", "![a](x.png \"t)",
        "<b title=\"![a](x.png)\">", "http://host/x.png and <http://host/y.png>", "~~~\n<img src=x.png>\n", "a](x.png)",
        "| a |\n|---|\n| ` ![x](x.png) ` |\n", "```\n[r]: x.png\n```\n", "[r]: x.png\n"}) {
    INFO(document);
    CHECK(found(document).empty());
  }
}

TEST_CASE("locate: links and every address of a set of pictures in HTML", "[markdown][locate]") {
  CHECK(found("<a href='x.md'>x</a> <a name=y>") == Lines{"html link x.md"});
  CHECK(found("<img src=a.png srcset=\"a.png 1x, b&amp;c.png 2x,d.png\">") ==
        Lines{"html a.png", "html a.png", "html b&c.png", "html d.png"});
  CHECK(found("<img srcset=\"data:image/png;base64,AAAA 2x, , b.png\">") ==
        Lines{"html data:image/png;base64,AAAA", "html b.png"});
}

TEST_CASE("locate: the grammar's corners", "[markdown][locate]") {
  CHECK(found("`![a](x.png) ![b](x.png)") == Lines{"image x.png", "image x.png"});
  CHECK(found("`![a](x.png)` ![b](x.png)") == Lines{"image x.png"});
  CHECK(found("a](x.png) ![b](x.png)") == Lines{"image x.png"});
  CHECK(found("[a [b](x.md) c](y.md)") == Lines{"link x.md"});
  CHECK(found("![a [b](x.md) c](y.png)") == Lines{"link x.md", "image y.png"});
  CHECK(found("![a](a(1).png) ![b](b\\).png) ![c](c&amp;d.png)") ==
        Lines{"image a(1).png", "image b).png", "image c&d.png"});
  CHECK(found("![a](<x y.png> 'T') ![b](z.png (T))") == Lines{"image x y.png", "image z.png"});
  CHECK(found("![a]()") == Lines{"image "});
  CHECK(found("[x](<>)![b](./img/red%20fox.png)") == Lines{"link ", "image ./img/red%20fox.png"});
}

TEST_CASE("locate: reference definitions count when they are used, wherever they stand", "[markdown][locate]") {
  CHECK(found("![Loss][loss]\n[run]\n\n[loss]: ./loss.png \"Loss\"\n[run]: https://forge.test/runs/42\n") ==
        Lines{"definition image ./loss.png", "definition link https://forge.test/runs/42"});
  CHECK(found("[a]:\n  <b c.png>\ntext ![A][]\n") == Lines{"definition image b c.png"});
  CHECK(found("> [q]: q.png\n\n![x][q]\n") == Lines{"definition image q.png"});
  CHECK(found("- [q]: q.png\n- ![x][q]\n") == Lines{"definition image q.png"});
  CHECK(found("![x][r]\n\n[r]: one.png\n[r]: two.png\n") == Lines{"definition image one.png"});
  CHECK(found("![x][r] ![b](r.png)\n\n[r]: r.png\n").size() >= 1);
}

TEST_CASE("locate: HTML images with every kind of quoting, in blocks and in text", "[markdown][locate]") {
  CHECK(found("<img src=x.png>\n") == Lines{"html x.png"});
  CHECK(found("<p align=\"center\">\n<IMG width='40' SRC='x.png' alt=\"a\"/>\n</p>\n") == Lines{"html x.png"});
  CHECK(found("text <img src=\"x&amp;y.png\"> text") == Lines{"html x&y.png"});
  CHECK(found("<details><summary>s</summary>\n\n![a](x.png)\n\n</details>\n") == Lines{"image x.png"});
  CHECK(found("<table><tr><td><img src=\"a.png\"></td>\n<td><img\n src=\"b.png\"></td></tr></table>\n") ==
        Lines{"html a.png", "html b.png"});
  CHECK(found("> <img src=\"a.png\">\n> <img\n> src=\"b.png\">\n") == Lines{"html a.png", "html b.png"});
  CHECK(found("<script>\n'<img src=x.png>'\n</script>\n").empty());
  CHECK(found("<a title='src=x.png' data-src=y.png>t</a>").empty());
}

TEST_CASE("locate: alternative text, title and the whole construct are reported", "[markdown][locate]") {
  std::string const document = "x ![a *b* `c`](i.png \"T\") y";
  Destination const d = locate(document).destinations.at(0);
  CHECK(d.text == "a b c");
  CHECK(d.title == "T");
  CHECK(document.substr(d.outer_offset, d.outer_length) == "![a *b* `c`](i.png \"T\")");
  CHECK(document.substr(d.offset, d.length) == "i.png");
  CHECK(d.line == 1);
}

TEST_CASE("locate: fences are found with their info word, content and extent", "[markdown][locate]") {
  std::string const document = "a\n\n```vega-lite title\n{\"a\": 1}\n```\n\n- ~~~ vega\n  {}\n  ~~~\nend\n";
  auto const fences = locate(document).fences;
  REQUIRE(fences.size() == 2);
  CHECK(fences[0].info == "vega-lite");
  CHECK(fences[0].content == "{\"a\": 1}\n");
  CHECK(document.substr(fences[0].offset, fences[0].length) == "```vega-lite title\n{\"a\": 1}\n```");
  CHECK(fences[1].info == "vega");
  CHECK(document.substr(fences[1].offset, fences[1].length) == "~~~ vega\n  {}\n  ~~~");
}

TEST_CASE("locate: a written destination survives a second reading", "[markdown][locate]") {
  std::string const document = "![a](<x y.png> \"T\")\n\n[r]: z.png\n\n![b][r] <img src=q.png width=3>\n";
  CHECK(with_all_replaced(document, "https://h.test/a?b=1&c=2") ==
        "![a](https://h.test/a?b=1&c=2 \"T\")\n\n[r]: https://h.test/a?b=1&c=2\n\n![b][r] "
        "<img src=\"https://h.test/a?b=1&amp;c=2\" width=3>\n");
  CHECK(found(with_all_replaced(document, "b (1).png")) ==
        Lines{"image b (1).png", "definition image b (1).png", "html b (1).png"});
}

TEST_CASE("locate: hostile nesting ends quickly", "[markdown][locate]") {
  CHECK(locate(std::string(200'000, '[')).destinations.empty());
  CHECK(locate(std::string(200'000, '`')).destinations.empty());
  std::string ticks, comments, tags;
  for (int i = 1; i < 600; ++i) ticks += std::string(static_cast<std::size_t>(i), '`') + "a";
  for (int i = 0; i < 60'000; ++i) comments += "<!-- ", tags += "<a ";
  locate(ticks);
  locate("x " + comments);
  locate("x " + tags);
  locate(std::string(50'000, '>') + "![a](b.png)");
  CHECK(true);
}

TEST_CASE("locate: in the reports of real pipelines only destinations change", "[markdown][locate][wild]") {
  char const* shared = std::getenv("CML_SHARED_DIR");
  if (shared == nullptr) {
    WARN("CML_SHARED_DIR is not set: the wild reports are not checked");
    return;
  }
  int reports = 0;
  for (auto const& entry : std::filesystem::directory_iterator(std::string(shared) + "/reference/wild/reports")) {
    if (entry.path().string().find(".report.md") == std::string::npos) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    std::string const document = text.str();
    INFO(entry.path());
    ++reports;
    CHECK(with_replacements(document, {}) == document);
    // Replaced by marked copies of themselves, then unmarked: the same bytes as before.
    std::vector<Replacement> mark;
    for (Destination const& d : locate(document).destinations)
      mark.push_back({d.offset, d.length, "@@" + document.substr(d.offset, d.length) + "@@"});
    std::string marked = with_replacements(document, mark), unmarked;
    for (std::size_t i = 0; i < marked.size(); ++i) {
      if (marked.compare(i, 2, "@@") == 0)
        ++i;
      else
        unmarked.push_back(marked[i]);
    }
    CHECK(unmarked == document);
    // Every image that the HTML shows was located.
    std::string const html = to_html(document);
    std::size_t shown = 0, located = 0;
    for (auto at = html.find("<img"); at != std::string::npos; at = html.find("<img", at + 1)) ++shown;
    for (Destination const& d : locate(document).destinations) located += d.kind != Destination::Kind::Link;
    CHECK(located == shown);
  }
  CHECK(reports == 38);
}
