#include "markdown/plain.hpp"

#include <catch2/catch.hpp>

using namespace cml::markdown;

TEST_CASE("plain: what tags say is said in Markdown", "[markdown]") {
  struct Row {
    std::string html, plain;
  };
  for (Row const& row :
       {Row{"<details><summary>Log</summary>\n\ntext\n\n</details>\n", "\n\n**Log**\n\n\n\ntext\n\n\n"},
        Row{"a <img src=\"a b.png\" alt=\"Loss [1]\" width=\"300\"> b", "a ![Loss \\[1\\]](<a b.png>) b"},
        Row{"<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"d.png\"><img alt=\"x\" "
            "src=\"l.png\"></picture>",
            "![x](l.png)"},
        Row{"see <a href=\"https://h.test/?a=1&amp;b=2\">this</a>.", "see [this](https://h.test/?a=1&b=2)."},
        Row{"<b>bold</b> and <code>x</code>", "**bold** and `x`"},
        Row{"`<b>` stays\n\n```\n<details>\n```\n", "`<b>` stays\n\n```\n<details>\n```\n"},
        Row{"1 < 2 and 3 > 2\n", "1 < 2 and 3 > 2\n"}}) {
    CHECK(without_html(row.html).text == row.plain);
    CHECK(without_html(row.html).left.empty());
  }
}

TEST_CASE("plain: tags without a counterpart stay and are named once", "[markdown]") {
  auto const plain = without_html("<video src=\"a.mp4\"></video> <svg></svg><svg/>");
  CHECK(plain.text == "<video src=\"a.mp4\"></video> <svg></svg><svg/>");
  CHECK(plain.left == std::vector<std::string>{"video", "svg"});
}
