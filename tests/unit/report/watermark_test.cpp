// Watermarks, and what becomes of a report that is too long.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "base/text.hpp"
#include "report/oversize.hpp"
#include "report/watermark.hpp"

using namespace cml;

TEST_CASE("watermark: has CML's own form and is found again under every title", "[report][watermark]") {
  CHECK(watermark_text({"abc", ""}) == "![](https://cml.dev/watermark.png#abc \"CML watermark\")");
  CHECK(watermark_text({"", "x"}) == "![](https://cml.dev/watermark.png \"CML watermark x\")");
  CHECK(watermark_text({"", "x", 3}) == "![](https://cml.dev/watermark.png?part=3 \"CML watermark x\")");
  CHECK(text_of({"body\n", {}, {"abc", ""}}) == "body\n\n\n![](https://cml.dev/watermark.png#abc \"CML watermark\")");
  for (std::string title : {"", "x", "foo_bar", "_x_", "a*b", "a[b]", "a<b", "a\"b", "a\\b", "\\_", "a&quot;b", "R&D",
                            "R&amp;D", "My_WF 12", "two  words", "\xC3\xA4"}) {
    for (std::vector<std::string> const& notes : {std::vector<std::string>{}, {"[cml-file-a]: b", "[cml-add-c]: #"}}) {
      for (std::string content : {"report", "report\n", "report\n\n", "", "[cml-x]: y\n\nreport"}) {
        for (std::string sha : {"", "0123abc"}) {
          INFO(title << "|" << content);
          std::string const body = text_of({content, notes, {sha, title, 1}});
          for (std::string const& stored : {body, body + "\n", replace_all(body, "\n", "\r\n")}) {
            auto const read = read_marked(stored);
            REQUIRE(read);
            CHECK(may_be_marked(stored));
            CHECK(same_title(read->mark.title, title));
            CHECK_FALSE(same_title(read->mark.title, title + " other"));
            CHECK_FALSE(same_title(read->mark.title, title + "\\"));
            CHECK(replace_all(read->content, "\r", "") == content);
            CHECK(read->notes == notes);
            CHECK(read->mark.sha == sha);
            CHECK(read->mark.part == 1);
          }
        }
      }
    }
  }
}

TEST_CASE("watermark: lines of a report that look like notes are none", "[report][watermark][security]") {
  for (std::string content : {"log\n\n[cml-file-a]: https://evil.test/x", "[cml-add-1]: #\n[cml-add-2]: #",
                              "[cml-notes]: #", "log\n[cml-notes]: #\n\n"}) {
    for (std::vector<std::string> const& notes : {std::vector<std::string>{}, {"[cml-file-b]: c", "[cml-add-d]: #"}}) {
      INFO(content);
      std::string const body = text_of({content, notes, {"", "t", 1}});
      for (std::string const& stored : {body, replace_all(body, "\n", "\r\n")}) {
        auto const read = read_marked(stored);
        REQUIRE(read);
        CHECK(read->notes == notes);
        CHECK(replace_all(read->content, "\r", "") == content);
        CHECK(text_of(*read).size() >= body.size());
      }
    }
  }
}

TEST_CASE("watermark: a title is UTF-8 on one line, and a long one stays its own", "[report][watermark]") {
  CHECK(normal_title(" a\nb ") == "a b");
  CHECK(normal_title("caf\xE9") == "caf\xC3\xA9");
  CHECK(normal_title("\x01") == "");
  std::string const longest(500, 'x');
  CHECK(normal_title(longest) == longest);
  CHECK(normal_title(longest + "1").size() == 500);
  CHECK_FALSE(same_title(longest + "1", longest + "2"));
  for (std::string const& title : {longest + "1", longest + "\xC3\xA9", std::string("a\\")})
    CHECK(read_marked(text_of({"x", {}, {"", title, 1}}))->mark.title == normal_title(title));
}

TEST_CASE("watermark: those that CML wrote or damaged are recognised", "[report][watermark]") {
  auto const has = [](std::string const& body, std::string_view title) {
    auto const read = read_marked(body);
    return read && same_title(read->mark.title, title);
  };
  CHECK(has("x\n\n![](https://cml.dev/watermark.png#0a1b \"CML watermark foo\\_bar\")", "foo_bar"));
  CHECK(has("x\n\n![](https://cml.dev/watermark.png#0a1b \"CML watermark foo_bar\")\n", "foo_bar"));
  CHECK_FALSE(has("![](https://cml.dev/watermark.png#0a1b \"CML watermark\") in front", ""));
  CHECK_FALSE(has("![](https://cml.dev/watermark.png#zz \"CML watermark\")", ""));
  CHECK_FALSE(has("![](https://evil.test/watermark.png#00 \"CML watermark\")", ""));
  CHECK_FALSE(has("![](https://cml.dev/watermark.png#00 \"CML\nwatermark\")", ""));
  CHECK_FALSE(has("![](https://cml.dev/watermark.png#00 \"CML watermarks\")", "s"));
  CHECK(fill_title("{workflow}-{run}-{run}", "W", "9") == "W-9-9");
  CHECK(fill_title("{workflow}-{run}", "", "9") == "{workflow}-9");
  CHECK(fill_title("{workflow}", "", "") == "{workflow}");
}

TEST_CASE("watermark: what a report leaves open is closed before the mark", "[report][watermark]") {
  for (std::string content :
       {"```sh\nls", "~~~~\nx\n", "<!-- notes", "<pre>\nx", "a\n\n<script>\nx\n", "<!--\n```\n", "- a\n  ```\n  b",
        "> ```\n> b", "<![CDATA[\nx", "<?php\nx", "<!DOCTYPE\nx", "<textarea>\nx"}) {
    INFO(content);
    auto const read = read_marked(text_of({content, {"[cml-file-a]: b"}, {"", "t"}}));
    REQUIRE(read);
    CHECK(read->content.starts_with(content));
    CHECK(read->notes.size() == 1);
  }
}

TEST_CASE("oversize: a cut report stays within the limit, closes what is open and says so", "[report][oversize]") {
  std::string body = "<details>\n<summary>s</summary>\n\n```python\n";
  for (int i = 0; i < 500; ++i) body += "line " + std::to_string(i) + " \xE2\x82\xAC\n";
  std::string const cut = truncated(body, 2000);
  CHECK(utf8_length(cut) <= 2000);
  CHECK(utf8_length(cut) > 1000);
  CHECK(contains(cut, "\n```\n"));
  CHECK(contains(cut, "\n</details>\n"));
  CHECK(contains(cut, "This report was cut"));
  CHECK(truncated("short", 2000) == "short");
}

TEST_CASE("oversize: however much a report leaves open, its pieces stay within the limit",
          "[report][oversize][security]") {
  std::string details, quotes = "> - > ~~~\n";
  for (int i = 0; i < 400; ++i) details += "<details>\n\n" + std::string(i % 7, 'x') + "\n\n", quotes += "text\n";
  for (std::string const& body : {details, std::string(900, '`') + "\n" + std::string(4000, 'x'), quotes}) {
    INFO(body.substr(0, 40));
    CHECK(utf8_length(truncated(body, 2000)) <= 2000);
    for (std::string const& part : split_body(body, 2000)) CHECK(utf8_length(part) <= 2000);
  }
}

TEST_CASE("oversize: no piece of a report made at random is over the limit", "[report][oversize][security]") {
  std::mt19937 random(5);
  auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  for (int round = 0; round < 300; ++round) {
    std::string body;
    while (body.size() < 6000) {
      std::string const runs[] = {std::string(3 + below(round % 3 ? 30 : 700), "`~"[below(2)]),
                                  "<details>\n",
                                  "<!-- ",
                                  "</details>",
                                  "> - ",
                                  "word ",
                                  "\xE2\x82\xAC",
                                  "<pre>",
                                  "\n\n"};
      body += runs[below(std::size(runs))] + (below(2) ? "\n" : "");
    }
    std::size_t const limit = 850 + below(3000);
    INFO(limit << "\n" << body);
    CHECK(utf8_length(truncated(body, limit, "https://h.test/whole.md")) <= limit);
    CHECK(utf8_length(without_oldest(body, limit)) <= limit);
    for (std::string const& part : split_body(body, limit)) CHECK(utf8_length(part) <= limit);
  }
}

TEST_CASE("oversize: no line begins with a slash because it was cut there", "[report][oversize][security]") {
  std::string body = "x";
  while (body.size() < 20'000) body += "/merge";
  body += "\n";
  for (std::string const& part : split_body(body, 2000)) CHECK_FALSE(part.starts_with("/merge"));
  CHECK_FALSE(contains(without_oldest(body, 2000), "\n/merge"));
}

TEST_CASE("oversize: parts hold everything, each within the limit, fences closed and opened again",
          "[report][oversize]") {
  std::string body = "# Title\n\n```text\n";
  for (int i = 0; i < 900; ++i) body += "line " + std::to_string(i) + "\n";
  body += "```\n\nend\n";
  auto const parts = split_body(body, 2000);
  REQUIRE(parts.size() > 3);
  std::string together;
  for (std::string const& part : parts) {
    CHECK(utf8_length(part) <= 2000);
    CHECK(std::count(part.begin(), part.end(), '`') % 6 == 0);
    together += part;
  }
  for (int i = 0; i < 900; ++i) CHECK(contains(together, "line " + std::to_string(i) + "\n"));
  CHECK(split_body("one", 2000) == std::vector<std::string>{"one"});
  CHECK(split_body(std::string(50'000, 'x'), 2000).size() > 20);
}
