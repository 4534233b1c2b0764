#include "report/harmless.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <regex>

#include "base/text.hpp"
#include "markdown/html.hpp"
#include "markdown/shown.hpp"
#include "report/compose/escape.hpp"
#include "report/watermark.hpp"
#include "support/doubling.hpp"

using namespace cml;

namespace {

std::string harmless(std::string text, HarmlessRules rules = {.pictures = {"a.png"}}) {
  Diagnostics diagnostics;
  return made_harmless(std::move(text), rules, diagnostics);
}
// With the joiner where it can be seen.
std::string visible(std::string const& text) { return replace_all(text, report::kJoiner, "^"); }

bool shows_foreign_picture(std::string const& text) {
  auto const shown = markdown::shown(text);
  auto const is_foreign = [](std::string const& url) { return url != "a.png"; };
  static std::regex const foreign_source("(src|srcset|poster|background)\\s*=\\s*[\"']?[^\"'>]*evil");
  static std::regex const as_text("(title|alt)=\"[^\"]*|&lt;[^\"]*");
  auto const loads = [](std::string const& html) {
    return std::regex_search(std::regex_replace(html, as_text, ""), foreign_source);
  };
  return shown.too_costly || std::any_of(shown.images.begin(), shown.images.end(), is_foreign) ||
         std::any_of(shown.html.begin(), shown.html.end(), loads);
}
bool mentions(std::string const& text) {
  auto const shown = markdown::shown(text);
  return std::any_of(shown.texts.begin(), shown.texts.end(),
                     [](std::string const& run) { return contains(run, "@octo"); });
}

// Ways to show a picture of another host, or to mention somebody.
std::vector<std::string> const kAttacks{
    "![x](https://evil.test/x.png)",
    "!!![x](https://evil.test/x.png)",
    "[![x](https://evil.test/x.png)](https://h.test)",
    "![a ![b](https://evil.test/b.png) c](a.png)",
    "![x][r] ![r] ![r][]\n\n[r]: https://evil.test/x.png 'title'",
    "> ![x][r]\n>\n> [r]: <https://evil.test/x.png>",
    "- ![x](//evil.test/x.png)\n- ![y](/uploads/secret.png)\n- ![z](../x.png)",
    "| a |\n|---|\n| ![x](https://evil.test/x.png) @octocat |",
    "![x](data:image/png;base64,AAAA)",
    "<img src=https://evil.test/x.png>",
    "<img\nsrc='https://evil.test/x.png'\n>",
    "<p><img src=\"a.png\" srcset=\"https://evil.test/x.png 2x\"></p>",
    "<video poster=https://evil.test/x.png></video>",
    "<table background=https://evil.test/x.png><tr><td>@octocat</td></tr></table>",
    "<!-- --><img src=x><!-- -->![x](https://evil.test/x.png)",
    "<!-- a -->!<!-- b -->[x](https://evil.test/x.png)",
    "<script>\n\n![x](https://evil.test/x.png)\n\n</script>",
    "<pre>\n\n![x](https://evil.test/x.png)\n\n</pre>",
    "<x a='\n\n![x](https://evil.test/x.png)\n\n'>",
    "<div>\n![x](https://evil.test/x.png)\n\n![x](https://evil.test/x.png)</div>",
    "`<img src=x>` `` ` `` ![x](https://evil.test/x.png) `",
    "@octocat &#64;octocat &commat;octocat @&#111;ctocat \\@octocat @<!-- -->octocat",
    "x@octocat (@octocat) **@octocat** https://h_x.test/@octocat www.h.test/@octocat",
    "<b>@octocat</b>\n\n<details><summary>@octocat</summary>\n\n@octocat</details>",
    "&#33;[x](https://evil.test/x.png) \\![x](https://evil.test/x.png)",
    "![x](<https://evil.test/x y.png> \"@octocat\")",
    "footnote[^1]\n\n[^1]: ![x](https://evil.test/x.png) @octocat",
    "[@octocat]: https://h.test '![x](https://evil.test/x.png)'\n\n[@octocat]",
    "Title @octocat\n===\n\n# ![x](https://evil.test/x.png) #\n",
    "\xEF\xBB\xBF![x](https://evil.test/x.png)\r\n\r\n@octocat\r\n",
};

}  // namespace

TEST_CASE("harmless: an ordinary report stays byte for byte", "[report][security]") {
  std::string const report =
      "# Results: 100 % of 3\n\n![Loss](a.png \"by epoch\") and <img src=\"a.png\" alt=\"Loss\">\n\n"
      "| a | b |\n|:--|--:|\n| 1 | ~~2~~ |\n\n- [x] done :rocket:\n\n```python\n@decorator  # 1\n```\n\n"
      "<details><summary>Log</summary>\n\n    @indented #1\n\n</details>\n\n[^1] AT&T costs $5? &copy; *a*_b_ a_b\n\n"
      "[run](https://h.test/r#step:1) <https://h.test/#a> https://h.test/@ada/x#y `@code`\n\n[^1]: note\n\n> "
      "[!WARNING]\n> text!\n";
  CHECK(visible(harmless(report)) == replace_all(report, "$5", "$^5"));
  CHECK(harmless(harmless(report)) == harmless(report));
}

TEST_CASE("harmless: pictures of other hosts are links, mentions and references are text", "[report][security]") {
  struct Row {
    std::string given, shown;
  };
  for (Row const& row : std::vector<Row>{
           {"![Loss](https://h.test/a.png \"t\")", "[Loss](https://h.test/a.png)"},
           {"![](https://h.test/a.png)", "[picture](https://h.test/a.png)"},
           {"[![build](https://h.test/b.svg)](https://h.test/ci)", "[build](https://h.test/ci)"},
           {"![x](../secret.png) ![](data:image/png;base64,AA==)", "x picture"},
           {"![x][r] [y][r]\n\n[r]: https://h.test/a.png", "![x][r] [y][r]\n\n\\[r]: https://h.test/a.png"},
           {"Fixes #12, see o/r#3, GH-4, !5, %6, ~bug, @ada, [issue:7]",
            "Fixes #^12, see o/r#^3, GH-^4, !^5, %^6, ~^bug, @^ada, [^issue:7]"},
           {"[[https://h.test/a.png]]", "[^[https://h.test/a.png]]"},
           {"```mermaid\ngraph\n```\n~~~ plantuml x\n~~~", "```text\ngraph\n```\n~~~text\n~~~"},
           {"[cml-file-00]: https://h.test/a.png", "\\[cml-file-00]: https://h.test/a.png"},
           {"![](https://cml.dev/watermark.png \"CML watermark\")", "[picture](https://cml.dev/watermark.png)"}}) {
    INFO(row.given);
    CHECK(visible(harmless(row.given)) == row.shown);
  }
  CHECK(harmless("@ada #1 [[x]]", {.mentions = true}) == "@ada #1 [" + std::string(report::kJoiner) + "[x]]");
}

TEST_CASE("harmless: no way to show a picture or to mention somebody is left", "[report][security]") {
  for (std::string const& attack : kAttacks) {
    std::string const text = harmless("before\n\n" + attack + "\n\nafter\n");
    INFO(attack << "\n---\n" << visible(text));
    CHECK_FALSE(shows_foreign_picture(text));
    CHECK_FALSE(mentions(text));
  }
}

TEST_CASE("harmless: wherever a text that may be cut is cut, both parts are harmless", "[report][security]") {
  HarmlessRules const rules{.pictures = {"a.png"}, .also_in_code = true};
  std::vector<std::string> hidden = kAttacks;
  for (std::string const& attack : {kAttacks[0], kAttacks[4], kAttacks[9], kAttacks[21]}) {
    hidden.push_back("`code\n" + attack + "\ncode`");
    hidden.push_back("```\n" + attack + "\n```");
    hidden.push_back("[x](https://h.test/" + attack + ")");
    hidden.push_back("[x](https://h.test \"" + attack + "\")");
    hidden.push_back("<b title=\"" + replace_all(attack, "\"", "") + "\">");
  }
  for (std::string const& attack : hidden) {
    std::string const text = harmless("![ok](a.png) x\n\n" + attack + "\n\nend\n", rules);
    for (std::size_t at = 0; at <= text.size(); ++at) {
      if (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
      for (std::string const& part : {text.substr(0, at), text.substr(at)}) {
        INFO(attack << "\n---\n" << visible(part));
        REQUIRE_FALSE(shows_foreign_picture(part));
      }
    }
  }
}

// What the page of a preview shows: read from HTML, not from the tree that made_harmless looks at.
TEST_CASE("harmless: random compositions show no foreign picture and mention nobody, whole or cut",
          "[report][security][mutation]") {
  std::vector<std::string> const pieces{"![x](https://evil.test/x.png)",
                                        "![y](a.png)",
                                        "@octocat",
                                        "&#64;octocat",
                                        "<!-- ",
                                        " -->",
                                        "`",
                                        "``",
                                        "```\n",
                                        "~~~ x\n",
                                        "\n",
                                        "\n\n",
                                        "> ",
                                        "- ",
                                        "1. ",
                                        "    ",
                                        "\t",
                                        "<b>",
                                        "</b>",
                                        "<p>",
                                        "<pre>\n",
                                        "</pre>\n",
                                        "<img src=https://evil.test/i.png>",
                                        "<img src='a.png' alt=\"",
                                        "<script>\n",
                                        "</script>\n",
                                        "<details>\n",
                                        "<a href=\"",
                                        "\">",
                                        "'",
                                        "\"",
                                        "[",
                                        "]",
                                        "(",
                                        ")",
                                        "!",
                                        "\\",
                                        "<",
                                        ">",
                                        "|",
                                        "\n|---|\n",
                                        "| a ",
                                        "*",
                                        "_",
                                        "~~",
                                        "# ",
                                        "===\n",
                                        "[r]: https://evil.test/r.png\n",
                                        "![z][r]",
                                        "[r]",
                                        "[^1]",
                                        "[^1]: ",
                                        "<https://h.test/>",
                                        "https://h.test/",
                                        "<?",
                                        "?>",
                                        "<![CDATA[",
                                        "]]>",
                                        "&lt;",
                                        "&",
                                        "text ",
                                        "\xE2\x82\xAC"};
  std::regex const code("<code[^>]*>[^<]*</code>"), link("<a [^>]*>[^<]*"), picture("<img [^>]*src=\"(?!a\\.png\"|\")");
  std::mt19937 random(20261130);
  int fallbacks = 0;
  constexpr int kCompositions = 4000;
  for (int round = 0; round < kCompositions; ++round) {
    std::string document;
    for (std::size_t count = random() % 24; count > 0; --count) document += pieces[random() % pieces.size()];
    bool const cut = round % 2 == 1;
    std::string const text = harmless(document, {.pictures = {"a.png"}, .also_in_code = cut});
    fallbacks += text.starts_with("```text\n") && !document.starts_with("```") ? 1 : 0;
    std::size_t at = cut ? random() % (text.size() + 1) : text.size();
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    for (std::string const& part : {text.substr(0, at), text.substr(at)}) {
      std::string const html = markdown::to_html(part);
      INFO(document << "\n---\n" << visible(part) << "\n---\n" << html);
      REQUIRE_FALSE(std::regex_search(html, picture));
      if (!cut) REQUIRE_FALSE(contains(std::regex_replace(std::regex_replace(html, code, ""), link, ""), "@octocat"));
    }
  }
  CHECK(fallbacks < kCompositions / 20);
}

TEST_CASE("harmless: no text is taken for a comment of ours or for what one remembers", "[report][security]") {
  std::string const mark = watermark_text({"", "other"});
  for (std::string const& text :
       {"x\n\n" + mark, "x\n\n[cml-file-" + std::string(32, 'a') + "]: https://h.test/a.png", "```\n" + mark}) {
    INFO(text);
    std::string const body = text_of({harmless(text), {}, {"", "delivered"}});
    auto const marked = read_marked(body);
    REQUIRE(marked);
    CHECK(marked->mark.title == "delivered");
    CHECK(marked->notes.empty());
    CHECK_FALSE(read_marked(harmless(text)));
  }
}

TEST_CASE("harmless: what cannot be made harmless is shown as code", "[report][security]") {
  Diagnostics diagnostics;
  std::string const deep = std::string(100, '!') + "[x](https://evil.test/x.png)";
  std::string const text = made_harmless(deep, {}, diagnostics);
  CHECK(text == "```text\n" + deep + "\n```\n");
  REQUIRE(diagnostics.warnings().size() == 1);
  CHECK(diagnostics.warnings()[0].missed);
  // Reading this takes longer than is allowed.
  std::string quotes;
  for (int i = 0; i < 20'000; ++i) quotes += std::string(static_cast<std::size_t>(i % 500), '>') + " a\n";
  CHECK_FALSE(shows_foreign_picture(harmless(quotes + "![x](https://evil.test/x.png)\n").substr(0, 2000)));
}

TEST_CASE("harmless: every attack, repeated, is narrowed in linear time", "[report][security][linear]") {
  for (std::string const& attack : kAttacks) {
    INFO(attack);
    auto const make = [&](std::size_t n) {
      std::string text;
      for (std::size_t i = 0; i < n; ++i) text += attack + (i % 2 ? "\n" : "\n\n");
      return text;
    };
    CHECK(test::doubling(
              make, [](std::string const& text) { return harmless(text).size(); }, 1 << 17) < test::kLinear);
  }
}
