// Watermarks, size policy, and what is put on a thread.
#include <catch2/catch.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "report/oversize.hpp"
#include "report/post.hpp"
#include "report/watermark.hpp"

using namespace cml;

TEST_CASE("watermark: has CML's own form and is found again under every title", "[report][watermark]") {
  CHECK(watermark_text({"abc", ""}) == "![](https://cml.dev/watermark.png#abc \"CML watermark\")");
  CHECK(watermark_text({"", "x"}) == "![](https://cml.dev/watermark.png \"CML watermark x\")");
  CHECK(with_watermark("body\n", {"abc", ""}) == "body\n\n\n![](https://cml.dev/watermark.png#abc \"CML watermark\")");
  for (std::string title :
       {"", "x", "foo_bar", "_x_", "a*b", "a[b]", "a<b", "a\"b", "a\\b", "My_WF 12", "two  words", "\xC3\xA4"}) {
    INFO(title);
    std::string const body = with_watermark("report", {"0123abc", title});
    CHECK(has_watermark(body, title));
    CHECK(has_watermark(with_watermark("report", {"", title}), title));
    CHECK_FALSE(has_watermark(body, title + " other"));
    CHECK(without_watermark(body) == "report");
  }
  CHECK_FALSE(has_watermark(with_watermark("r", {"a", "x"}), ""));
}

TEST_CASE("watermark: those that CML wrote or damaged are recognised", "[report][watermark]") {
  CHECK(has_watermark("x\n\n![](https://cml.dev/watermark.png#0a1b \"CML watermark foo\\_bar\")", "foo_bar"));
  CHECK(has_watermark("x\n\n![](https://cml.dev/watermark.png#0a1b \"CML watermark foo_bar\")\n", "foo_bar"));
  CHECK(has_watermark("![](https://cml.dev/watermark.png#0a1b \"CML watermark\") in front", ""));
  CHECK_FALSE(has_watermark("![](https://cml.dev/watermark.png#zz \"CML watermark\")", ""));
  CHECK_FALSE(has_watermark("![](https://evil.test/watermark.png#00 \"CML watermark\")", ""));
  CHECK_FALSE(has_watermark("![](https://cml.dev/watermark.png#00 \"CML\nwatermark\")", ""));
  CHECK(fill_title("{workflow}-{run}-{run}", "W", "9") == "W-9-9");
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

namespace {

class MemoryForge : public Forge {
 public:
  std::string_view name() const override { return "memory"; }
  Capabilities const& capabilities() const override { return can; }
  std::string web_url() const override { return "memory:"; }
  Result<std::optional<long long>> pull_request_of_commit(std::string const&) override {
    return std::optional<long long>();
  }
  Result<std::vector<Comment>> comments(CommentTarget const&, KeepComment const& keep) override {
    ++lists;
    std::vector<Comment> kept;
    for (Comment const& one : thread)
      if (!keep || keep(one)) kept.push_back(one);
    return kept;
  }
  Result<Comment> create_comment(CommentTarget const&, std::string const& body) override {
    if (utf8_length(body) > real_limit) return Error{ErrorKind::TooLarge, "too long"};
    thread.push_back({std::to_string(next++), body, "url", "", ""});
    return thread.back();
  }
  Result<Comment> update_comment(CommentTarget const&, Comment const& comment, std::string const& body) override {
    for (Comment& one : thread)
      if (one.id == comment.id) return one.body = body, one;
    return Error{ErrorKind::NotFound, "gone"};
  }
  Status delete_comment(CommentTarget const&, Comment const& comment) override {
    thread.erase(std::remove_if(thread.begin(), thread.end(), [&](auto const& one) { return one.id == comment.id; }),
                 thread.end());
    return ok();
  }
  Status hide_comment(Comment const& comment) override { return hidden.push_back(comment.id), ok(); }

  Capabilities can;
  std::size_t real_limit = 1'000'000;
  std::vector<Comment> thread;
  std::vector<std::string> hidden;
  int next = 1, lists = 0;
};

struct PostFixture {
  MemoryForge forge;
  Diagnostics diagnostics;
  std::function<Result<std::string>(std::string const&)> attach;
  Result<PostResult> post(std::string body, PostMode mode, std::string title = "",
                          Oversize oversize = Oversize::Truncate) {
    return post_comment(
        forge, {PullRequestTarget{1}, std::move(body), true, {"abc", std::move(title)}, mode, oversize, attach},
        diagnostics);
  }
  std::vector<std::string> bodies() const {
    std::vector<std::string> result;
    for (Comment const& comment : forge.thread) result.emplace_back(without_watermark(comment.body));
    return result;
  }
};
using Bodies = std::vector<std::string>;

}  // namespace

TEST_CASE("post: update replaces the last comment with the same title and no other", "[report][post]") {
  PostFixture f;
  f.forge.thread = {{"a", "a person's comment", "", "", ""}};
  CHECK(f.post("one", PostMode::Update)->action == PostResult::Action::Created);
  CHECK(f.post("other", PostMode::Update, "second")->action == PostResult::Action::Created);
  CHECK(f.post("two", PostMode::Update)->action == PostResult::Action::Updated);
  CHECK(f.post("two", PostMode::Update)->action == PostResult::Action::Unchanged);
  CHECK(f.bodies() == Bodies{"a person's comment", "two", "other"});
  CHECK(f.post("three", PostMode::New)->action == PostResult::Action::Created);
  CHECK(f.bodies() == Bodies{"a person's comment", "two", "other", "three"});
}

TEST_CASE("post: the other modes", "[report][post]") {
  PostFixture f;
  REQUIRE(f.post("one", PostMode::New));
  REQUIRE(f.post("two", PostMode::Append));
  CHECK(f.bodies() == Bodies{"one\n\ntwo"});
  REQUIRE(f.post("zero", PostMode::Prepend));
  CHECK(f.bodies() == Bodies{"zero\n\none\n\ntwo"});
  REQUIRE(f.post("fresh", PostMode::Recreate));
  CHECK(f.bodies() == Bodies{"fresh"});
  CHECK_FALSE(f.post("x", PostMode::HideAndNew));
  f.forge.can.hide_comments = true;
  REQUIRE(f.post("newer", PostMode::HideAndNew));
  CHECK(f.forge.hidden.size() == 1);
  CHECK(f.post("", PostMode::Delete)->action == PostResult::Action::Deleted);
  CHECK(f.bodies().empty());
  CHECK(f.post("", PostMode::Delete)->action == PostResult::Action::Nothing);
}

TEST_CASE("post: what is too long is cut, split or refused, and a lower limit of the server is reacted to",
          "[report][post]") {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "line " + std::to_string(i) + "\n\n";
  PostFixture f;
  f.forge.can.comment_limit = f.forge.real_limit = 4000;
  REQUIRE(f.post(body, PostMode::New));
  CHECK(utf8_length(f.forge.thread.at(0).body) <= 4000);
  CHECK(f.diagnostics.warnings().size() == 1);
  CHECK(f.post(body, PostMode::New, "", Oversize::Error).error().kind == ErrorKind::TooLarge);

  PostFixture a;
  a.forge.can.comment_limit = a.forge.real_limit = 4000;
  int attached = 0;
  a.attach = [&](std::string const& whole) -> Result<std::string> {
    CHECK(whole == body);
    ++attached;
    return std::string("https://h.test/whole.md");
  };
  REQUIRE(a.post(body, PostMode::New, "", Oversize::Attach));
  CHECK(attached == 1);
  CHECK(contains(a.forge.thread.at(0).body, "; [the whole report](https://h.test/whole.md).*"));

  PostFixture s;
  s.forge.can.comment_limit = s.forge.real_limit = 4000;
  auto const split = s.post(body, PostMode::Update, "k", Oversize::Split);
  REQUIRE(split);
  CHECK(split->parts == s.forge.thread.size());
  REQUIRE(s.post(body, PostMode::Update, "k", Oversize::Split));
  CHECK(split->parts == s.forge.thread.size());
  REQUIRE(s.post("short", PostMode::Update, "k", Oversize::Split));
  CHECK(s.bodies() == Bodies{"short"});

  // Hundreds of parts leave nothing behind either.
  for (PostMode const mode : {PostMode::Update, PostMode::Recreate, PostMode::HideAndNew, PostMode::Delete}) {
    PostFixture many;
    many.forge.can.hide_comments = true;
    many.forge.can.comment_limit = many.forge.real_limit = 1000;
    std::string long_body;
    for (int i = 0; i < 12; ++i) long_body += body;
    REQUIRE(many.post(long_body, PostMode::Update, "k", Oversize::Split));
    std::size_t const parts = many.forge.thread.size();
    REQUIRE(parts > 110);
    REQUIRE(many.post("short", mode, "k", Oversize::Split));
    if (mode == PostMode::HideAndNew)
      CHECK(many.forge.hidden.size() == parts);
    else
      CHECK(many.forge.thread.size() == (mode == PostMode::Delete ? 0 : 1));
  }

  for (bool const folds : {true, false}) {
    PostFixture c;
    c.forge.can.comment_limit = c.forge.real_limit = 4000;
    c.forge.can.folds = folds;
    REQUIRE(c.post(body, PostMode::Update, "k", Oversize::Collapse));
    REQUIRE(c.forge.thread.size() > 2);
    CHECK(c.forge.thread[0].body.substr(0, 7) == "line 0\n");
    CHECK(contains(c.forge.thread[1].body, "<details><summary>The report goes on: part 2 of ") == folds);
    CHECK(contains(c.forge.thread.back().body, "line 999\n"));
  }

  PostFixture r;
  r.forge.real_limit = 3000;
  REQUIRE(r.post(body, PostMode::New));
  CHECK(utf8_length(r.forge.thread.at(0).body) <= 3000);
}
