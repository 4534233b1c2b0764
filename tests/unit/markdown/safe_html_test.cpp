#include "markdown/safe_html.hpp"

#include <catch2/catch.hpp>

#include <vector>

#include "markdown/shown.hpp"

using namespace cml::markdown;

namespace {
bool may_show(std::string_view url) { return url == "a.png" || url == "b.png"; }
}  // namespace

TEST_CASE("safe html: what lays out text stays, all else is text or goes", "[markdown][security]") {
  struct Row {
    std::string html, safe;
  };
  for (Row const& row : std::vector<Row>{
           {"<details open><summary>Log</summary>\n", "<details open><summary>Log</summary>\n"},
           {"<b onclick=\"x()\" style='color:red' class=c id=i>bold</b>", "<b>bold</b>"},
           {"<BR/><hr />", "<br/><hr />"},
           {"<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"},
           {"<iframe src=\"https://h.test\"></iframe><input type=image src=x>",
            "&lt;iframe src=\"https://h.test\">&lt;/iframe>&lt;input type=image src=x>"},
           {"a <!-- ![](https://h.test/a.png) --> b", "a  b"},
           {"a <!--> b --> c <!-- open", "a  b --> c "},
           {"<img src=a.png alt='A \"1\"' width=300 onerror=x>",
            "<img src=\"a.png\" alt=\"A &quot;1&quot;\" width=\"300\">"},
           {"<img src=\"https://h.test/t.png\" alt=\"Loss\">", "<a href=\"https://h.test/t.png\">Loss</a>"},
           {"<img src=\"data:image/svg+xml,x\">", "picture"},
           {"<img alt=\"![x](https://h.test/y.png) @ada\">",
            "!\xE2\x81\xA0(x)(https://h.test/y.png) @\xE2\x81\xA0"
            "ada"},
           {"<b title=\"<img src=x>\">", "<b title=\"(img src=x)\">"},
           {"<picture><source srcset=\"b.png 2x, a.png\"><source srcset=\"a.png, https://h.test/c.png\"><img "
            "src=\"a.png\"></picture>",
            "<picture><source srcset=\"b.png 2x, a.png\"><img src=\"a.png\"></picture>"},
           {"<a href=\"javascript:x\">t</a>", "<a href=\"\">t</a>"},
           {"<a href=\"https://h.test/?a=1&amp;b=[2]\">t</a>", "<a href=\"https://h.test/?a=1&amp;b=%5B2%5D\">t</a>"},
           {"<a href=\"#part\" HREF=\"https://h.test\">t</a>", "<a href=\"#part\">t</a>"},
           {"<p align=center background=https://h.test/x.png>", "<p align=\"center\">"},
           {"1 < 2 <div <b>", "1 &lt; 2 &lt;div <b>"},
           {"<?php x ?><![CDATA[y]]><!DOCTYPE z>", "&lt;?php x ?>&lt;![CDATA[y]]>&lt;!DOCTYPE z>"}}) {
    INFO(row.html);
    std::string const safe = safe_html(row.html, may_show);
    CHECK(safe == row.safe);
    CHECK(safe_html(safe, may_show) == safe);  // What is safe stays byte for byte.
  }
}

TEST_CASE("shown: images, raw HTML and text are told apart from code, links and addresses", "[markdown]") {
  Shown const all = shown(
      "@one `@two` [@three](https://h.test) https://h.test/@four ![alt](x.png) ![r][r]\n\n[r]: y.png\n\n"
      "    @five\n\n<p>@six</p>\n\nx <b>y</b>\n");
  CHECK(all.images == std::vector<std::string>{"x.png", "y.png"});
  CHECK(all.html == std::vector<std::string>{"<p>@six</p>\n", "<b>", "</b>"});
  std::string text;
  for (std::string const& run : all.texts) text += run + "|";
  CHECK(text == "@one | | | |alt| |r||@six|\n|x |y|");
}
