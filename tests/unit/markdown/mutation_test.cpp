// Documents made of Markdown's own pieces in random order: whatever comes, positions stay inside, apart and true.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <random>

#include "markdown/html.hpp"
#include "markdown/locate.hpp"

using namespace cml::markdown;

TEST_CASE("locate: random compositions never break positions, and every image that HTML shows is found",
          "[markdown][locate][mutation]") {
  std::vector<std::string> const pieces{"![a](x.png)",
                                        "[b](y.md \"t\")",
                                        "![c](<z z.png>)",
                                        "[![d](i.png)](l.md)",
                                        "`",
                                        "``",
                                        "```\n",
                                        "~~~\n",
                                        "> ",
                                        "- ",
                                        "1. ",
                                        "\n",
                                        "\n\n",
                                        "    ",
                                        "\t",
                                        "| a | b |\n|---|---|\n",
                                        "| ![e](e.png) | f |\n",
                                        "<img src=q.png>",
                                        "<img src='r.png' alt=x>",
                                        "<!-- ",
                                        " -->",
                                        "<details>\n",
                                        "</details>\n",
                                        "[r]: ref.png\n",
                                        "![x][r]",
                                        "[r]",
                                        "\\",
                                        "*",
                                        "_",
                                        "~~",
                                        "# ",
                                        "===\n",
                                        "---\n",
                                        "\r\n",
                                        "[^1]",
                                        "[^1]: note ",
                                        "text ",
                                        "&amp;",
                                        "(",
                                        ")",
                                        "[",
                                        "]",
                                        "!",
                                        "<",
                                        ">",
                                        "\xE2\x82\xAC",
                                        "\xFF",
                                        "<http://h.test/a>",
                                        "http://h.test/b.png ",
                                        "- [ ] "};
  std::mt19937 random(20261122);
  int shown_total = 0, missed = 0, reported = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string document;
    for (std::size_t count = random() % 24; count > 0; --count) document += pieces[random() % pieces.size()];
    INFO(document);
    Located const located = locate(document);
    std::size_t end = 0;
    for (Destination const& d : located.destinations) {
      REQUIRE(d.offset >= end);
      end = d.offset + d.length;
      REQUIRE(end <= document.size());
      REQUIRE(d.outer_offset + d.outer_length <= document.size());
    }
    for (Fence const& fence : located.fences) REQUIRE(fence.offset + fence.length <= document.size());
    // Renaming every destination keeps the number of images that are shown.
    std::vector<Replacement> replacements;
    for (Destination const& d : located.destinations)
      replacements.push_back({d.offset, d.length, written(d, "https://h.test/n.png")});
    auto const images = [](std::string const& html, std::string const& source) {
      int count = 0;
      for (auto at = html.find(source); at != std::string::npos; at = html.find(source, at + 1)) ++count;
      return count;
    };
    std::string const before = to_html(document), after = to_html(with_replacements(document, replacements));
    int const shown = images(before, "<img src=");
    REQUIRE(images(after, "<img src=") == shown);
    shown_total += shown;
    for (std::string const local : {"src=\"x.png", "src=\"z%20z.png", "src=\"i.png", "src=\"e.png", "src=\"ref.png"})
      missed += images(after, local);
    if (missed > reported)
      WARN("missed in:\n"
           << nlohmann::json(document).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) << "\n---- gives\n"
           << nlohmann::json(after).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    reported = missed;
  }
  CHECK(shown_total > 3000);
  CHECK(missed == 0);
}
