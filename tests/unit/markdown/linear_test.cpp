// Hostile reports: whatever its shape, reading one takes time in proportion to its length, or ends at a limit.
#include <catch2/catch.hpp>

#include <functional>
#include <iostream>

#include "base/text.hpp"
#include "markdown/cmark_document.hpp"
#include "markdown/html.hpp"
#include "markdown/locate.hpp"
#include "support/doubling.hpp"

using namespace cml::markdown;
using namespace cml::test;

namespace {

struct Shape {
  char const* name;
  std::function<std::string(std::size_t)> make;
};

std::string times(std::size_t n, std::string_view text) {
  std::string result;
  result.reserve(n * text.size());
  for (std::size_t i = 0; i < n; ++i) result += text;
  return result;
}

// "#" stands for the number of the round.
std::string numbered(std::size_t n, std::string const& text) {
  std::string result;
  for (std::size_t i = 0; i < n; ++i) result += cml::replace_all(text, "#", std::to_string(i));
  return result;
}

Shape repeated(char const* text, char const* before = "", char const* after = "") {
  return {text, [=](std::size_t n) { return before + times(n, text) + after; }};
}

// Runs or lines that grow by one each, of about n bytes.
std::string growing(std::size_t n, std::string const& unit, std::string const& end) {
  std::string result;
  for (std::size_t i = 1; result.size() < n * 4; ++i) result += times(i, unit) + end;
  return result;
}

std::vector<Shape> const& linear_shapes() {
  static std::vector<Shape> const shapes{
      {"definitions of one address, images in one paragraph",
       [](std::size_t n) { return numbered(n, "[a#]: x.png\n") + "\n" + numbered(n, "![a#] "); }},
      {"footnotes", [](std::size_t n) { return times(n, "[^a]: b\n") + "\n" + times(n, "[^a]"); }},
      {"footnotes of many names", [](std::size_t n) { return numbered(n, "[^a#]: b\n\n") + numbered(n, "[^a#] "); }},
      {"definitions, paragraphs",
       [](std::size_t n) { return numbered(n, "[a#]: x#.png\n") + "\n" + numbered(n, "![a#]\n\n"); }},
      {"definitions in a list", [](std::size_t n) { return numbered(n, "- [a#]: x\n"); }},
      {"definitions, each a paragraph, all used",
       [](std::size_t n) { return numbered(n, "[a#]: x\n\n") + numbered(n, "[a#]\n\n"); }},
      {"one definition used often", [](std::size_t n) { return numbered(n, "[a#]: x\n") + "\n" + times(n, "[a1] "); }},
      {"definitions with open titles", [](std::size_t n) { return times(n, "- [a]: b \"\n"); }},
      {"images in images", [](std::size_t n) { return times(n, "![") + "a" + times(n, "](x)"); }},
      {"images in images with text", [](std::size_t n) { return times(n, "![aaaa") + "a" + times(n, "](x)"); }},
      {"links in links", [](std::size_t n) { return times(n, "[") + "a" + times(n, "](x)"); }},
      {"brackets open and closed", [](std::size_t n) { return times(n, "[") + times(n, "]"); }},
      {"images open, closed", [](std::size_t n) { return times(n, "![l") + times(n, "]"); }},
      {"images of many addresses", [](std::size_t n) { return numbered(n, "![a](b#.png) "); }},
      {"addresses in the wrong order", [](std::size_t n) { return numbered(n, "<a ![a](b#.png) >"); }},
      {"runs of backticks", [](std::size_t n) { return growing(n, "`", "a"); }},
      {"growing quotes", [](std::size_t n) { return growing(n, ">", "a\n"); }},
      {"growing lists", [](std::size_t n) { return growing(n, "  ", "- a\n"); }},
      {"quotes and letters", [](std::size_t n) { return times(n, ">") + times(n, "a"); }},
      {"emphasis open and closed", [](std::size_t n) { return times(n, "*a **a ") + "b" + times(n, " a** a*"); }},
      {"underscores", [](std::size_t n) { return times(n, "_") + "." + times(n, "_"); }},
      {"attributes that hold tags", [](std::size_t n) { return "a " + times(n, "<a b=\" c=' x=' d='"); }},
      {"one line", [](std::size_t n) { return times(n * 16, "a"); }},
      {"one line of words", [](std::size_t n) { return times(n * 8, "a "); }},
      {"bytes that are no text", [](std::size_t n) { return std::string(n, '\xff'); }},
      {"a table of many rows", [](std::size_t n) { return "|a|b|\n|-|-|\n" + times(n, "|![a](b.png)|x|\n"); }},
      {"many tables", [](std::size_t n) { return times(n, "x\n|a|b|\n|-|-|\n|c|d|\n\n"); }},
      {"pipes with backslashes", [](std::size_t n) { return "|a|\n|-|\n|" + times(n, "\\|") + "|\n"; }},
      {"titles of two lines", [](std::size_t n) { return times(n, "a\n===\n"); }},
      repeated("<?"),
      repeated("<?", "<div>\n"),
      repeated("<!A", "<div>\n"),
      repeated("<![CDATA[", "<div>\n"),
      repeated("<!--"),
      repeated("<!--", "a "),
      repeated("<![CDATA["),
      repeated("<a b=\"", "a "),
      repeated("<a b=\"", "<div>\n"),
      repeated("<a ", "a "),
      repeated("b ", "a <a ", "<"),
      repeated("<script>", "<div>\n"),
      repeated("<script></script><style></style>", "<div>\n", "<textarea"),
      repeated("<img src=a.png>\n", "<div>\n"),
      repeated("alt=a ", "<div>\n<img ", "src=b>"),
      repeated("<"),
      repeated("<a@"),
      repeated("["),
      repeated("[a"),
      repeated("!["),
      repeated("]"),
      repeated("[a]("),
      repeated("[a](b"),
      repeated("[a](<b"),
      repeated("[a](b \""),
      repeated("[a](b '"),
      repeated("[a](b ("),
      repeated("[a]["),
      repeated("[a]: (((\n"),
      repeated("[^a]:\n"),
      repeated("[^a"),
      repeated("- [ ] a\n"),
      repeated("> a\n"),
      repeated(">"),
      repeated("- a\n\n"),
      repeated("- ", "", "a"),
      repeated("*a_ "),
      repeated("a**b"),
      repeated("~a ~~b "),
      repeated("&"),
      repeated("&#1"),
      repeated("\\"),
      repeated("a\r"),
      repeated("\n"),
      repeated("# a\n"),
      repeated("---\n"),
      repeated("```\na\n```\n"),
      repeated("    a\n"),
  };
  return shapes;
}

}  // namespace

TEST_CASE("locate: every shape of a report is read in linear time", "[markdown][locate][linear]") {
  for (Shape const& shape : linear_shapes()) {
    INFO(shape.name);
    CHECK(doubling(shape.make, [](std::string const& text) { return locate(text); }) < kLinear);
  }
}

TEST_CASE("locate: 16 MiB of every shape of a report are read soon", "[.bench_scanners]") {
  double worst = 0;
  std::string worst_name;
  for (Shape const& shape : linear_shapes()) {
    INFO(shape.name);
    std::string const text = of_about(kLargeReport, shape.make);
    double const seconds = processor_seconds([&] { (void)locate(text); });
    CHECK(seconds < kSoon);
    if (seconds > worst) worst = seconds, worst_name = shape.name;
  }
  std::cout << "Markdown, 16 MiB of " << linear_shapes().size() << " shapes: at most " << worst << " s (" << worst_name
            << ")\n";
}

TEST_CASE("html: every shape of a report becomes a page in linear time", "[markdown][html][linear]") {
  for (char const* text : {"<meta>", "&", "<a href=\"", "[a](b)", "a@", "www.", "![", "- a\n", "*a"}) {
    INFO(text);
    CHECK(doubling([&](std::size_t n) { return times(n, text); }, [](std::string const& t) { return to_html(t); }) <
          kLinear);
    CHECK(doubling([&](std::size_t n) { return times(n * 8, text); },
                   [](std::string const& t) { return escape_html(t); }) < kLinear);
  }
  // Brackets behind an address: cmark-gfm counts them again for each, so that bare addresses are left as text there.
  std::string const brackets = "http://a.b/" + times(1 << 20, ")");
  CHECK(processor_seconds([&] { CHECK(cml::contains(to_html(brackets), "http://a.b/")); }) < 2);
  CHECK(cml::contains(to_html("see http://a.b/c"), "<a href=\"http://a.b/c\""));
}

TEST_CASE("locate: replacing costs no more than the text", "[markdown][linear]") {
  auto const replaced = [](std::string const& text) {
    std::vector<Replacement> all;
    for (std::size_t at = 0; at < text.size(); at += 4) all.push_back({at, 1, "longer"});
    return with_replacements(text, std::move(all));
  };
  CHECK(doubling([](std::size_t n) { return times(n, "abcd"); }, replaced) < kLinear);
}

TEST_CASE("locate: cells of a wide table cost no more than reading it", "[markdown][locate][linear]") {
  std::string const table = times(6000, "|x") + "|\n" + times(6000, "|-") + "|\n";
  double best = 100;
  for (int attempt = 0; attempt < 5 && best > 3; ++attempt) {
    double const parse = processor_seconds([&] { Parser(Autolinks::Off).parse(table); });
    best = std::min(best, processor_seconds([&] { CHECK_FALSE(locate(table).too_costly); }) / parse);
  }
  CHECK(best < 3);
}

// Shapes for which cmark-gfm itself takes quadratic time or memory without end.
TEST_CASE("markdown: reading ends at its limits of time and memory", "[markdown][linear][security]") {
  std::size_t const n = 300'000;
  for (std::string const& text :
       {times(n, "|") + "\n" + times(n, "|-") + "\n", times(n, "|a|b\n|-\n"), "a " + times(n, "<?"),
        "a " + times(n, "<![CDATA["), "a " + times(n, "<!A "), times(n, ">") + "a\n" + times(n, "b\n"),
        times(n, "- ") + "a\n" + times(n, "\n") + "b", times(n, "a\n") + "|a|\n|-|\n"}) {
    INFO(text.substr(0, 20));
    bool read = true;
    CHECK(processor_seconds([&] {
            Parser parser(Autolinks::Off, 0, {.seconds = 0.05});
            read = parser.parse(text) != nullptr;
          }) < 0.6);
    CHECK_FALSE(read);
  }
  Parser small(Autolinks::Off, 0, {.bytes = 1 << 20});
  CHECK(small.parse(times(n, "[")) == nullptr);
  Parser again(Autolinks::Off);
  CHECK(again.parse("a") != nullptr);
}

TEST_CASE("markdown: a report that takes too long to read is left as it is", "[markdown][linear][security]") {
  std::string const text = "![a](b.png)\n\n" + times(400'000, "|") + "\n" + times(400'000, "|-") + "\n";
  Located located;
  CHECK(processor_seconds([&] { located = locate(text); }) < 3);
  CHECK(located.too_costly);
  CHECK(located.destinations.empty());
  std::string html;
  CHECK(processor_seconds([&] { html = to_html(text); }) < 3);
  CHECK(html.rfind("<p>" + std::string(kTooCostly) + "; here it is as text.</p>\n<pre>![a](b.png)\n", 0) == 0);
  CHECK_FALSE(locate("![a](b.png)").too_costly);
}

TEST_CASE("html: tags that would lead the page elsewhere are text", "[markdown][html][security]") {
  for (std::string const tag : {"<meta http-equiv=refresh content='0;url=https://evil.test/'>", "<META a>",
                                "<base href=https://evil.test/>", "<link rel=stylesheet href=x>"}) {
    INFO(tag);
    CHECK(to_html("a " + tag + "\n").find("&lt;" + tag.substr(1, 4)) != std::string::npos);
    CHECK(to_html(tag + "\n").find("<" + tag.substr(1, 4)) == std::string::npos);
  }
  CHECK(cml::contains(to_html("a <b>c</b>"), "<b>c</b>"));
}
