// The local forge's folder: written by many at once, and by anybody.
#include "forge/local/local.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <set>
#include <thread>

#include "base/text.hpp"
#include "forge/local/preview.hpp"
#include "markdown/html.hpp"
#include "platform/disk_file_system.hpp"
#include "support/doubling.hpp"
#include "support/fakes.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct LocalFolder {
  LocalFolder() {
    setup.local_folder = (folder.path / ".cml").string();
    setup.clock = &clock;
    setup.files = &files;
    setup.to_html = markdown::to_html;
  }
  std::unique_ptr<Forge> forge() const { return make_local(setup); }
  void put(std::string const& name, std::string_view text) {
    std::filesystem::path const path = folder.path / ".cml" / name;
    std::filesystem::create_directories(path.parent_path());
    REQUIRE(files.write(path, text));
  }

  TemporaryFolder folder;
  DiskFileSystem files;
  FakeClock clock;
  ForgeSetup setup;
};

}  // namespace

TEST_CASE("local forge: comments created at once are all kept, each with a number of its own", "[forge][local]") {
  LocalFolder local;
  constexpr int kThreads = 20;
  std::vector<std::string> ids(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] {
      CommentTarget const target = i % 2 == 0 ? CommentTarget(PullRequestTarget{1}) : CommentTarget(IssueTarget{2});
      if (auto const made = local.forge()->create_comment(target, "text " + std::to_string(i) + " end"))
        ids[i] = made->id;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == kThreads);
  CHECK(std::count(ids.begin(), ids.end(), "") == 0);
  auto const forge = local.forge();
  auto const pull = forge->comments(PullRequestTarget{1}), issue = forge->comments(IssueTarget{2});
  REQUIRE(pull);
  REQUIRE(issue);
  CHECK(pull->size() == kThreads / 2);
  CHECK(issue->size() == kThreads / 2);
  auto const page = local.files.read(local.folder.path / ".cml" / "preview.html", 1 << 20);
  REQUIRE(page);
  for (int i = 0; i < kThreads; ++i) CHECK(contains(*page, "text " + std::to_string(i) + " end"));
  CHECK(std::filesystem::is_empty(local.folder.path / ".cml" / "claims"));
}

TEST_CASE("local forge: pull requests opened at once are all kept", "[forge][local]") {
  LocalFolder local;
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i)
    threads.emplace_back([&, i] {
      PullRequestDraft draft;
      draft.source = "b" + std::to_string(i);
      draft.target = "main";
      (void)local.forge()->create_pull_request(draft);
    });
  for (std::thread& thread : threads) thread.join();
  std::set<long long> numbers;
  for (int i = 0; i < 10; ++i) {
    auto const found = local.forge()->find_pull_request("b" + std::to_string(i), "main");
    REQUIRE(found);
    REQUIRE(*found);
    numbers.insert((*found)->number);
  }
  CHECK(numbers.size() == 10);
}

TEST_CASE("local forge: what a file says another wrote is another's, and stays", "[forge][local]") {
  LocalFolder local;
  PullRequestTarget const target{1};
  REQUIRE(local.forge()->create_comment(target, "mine"));
  local.put("comments/pr-1/000002.json", R"({"id":2,"body":"theirs","author":"ada","hidden":true})");
  auto const comments = local.forge()->comments(target);
  REQUIRE(comments);
  REQUIRE(comments->size() == 2);
  CHECK(comments->at(0).author == Comment::Author::Me);
  CHECK((comments->at(0).editable && !comments->at(0).hidden));
  CHECK(comments->at(1).author == Comment::Author::Other);
  CHECK(comments->at(1).author_name == "ada");
  CHECK((!comments->at(1).editable && comments->at(1).hidden));
  CHECK(local.forge()->update_comment(target, comments->at(1), "x").error().kind == ErrorKind::Forbidden);
  CHECK(local.forge()->delete_comment(target, comments->at(1)).error().message == "comment 2 is by ada");
  REQUIRE(local.forge()->hide_comment(comments->at(1)));
  CHECK(local.forge()->comments(target, [](Comment const& one) { return one.body == "theirs"; })->at(0).author_name ==
        "ada");
}

TEST_CASE("local forge: files of wrong types are read as far as they make sense, or named",
          "[forge][local][security]") {
  LocalFolder local;
  PullRequestTarget const target{1};
  local.put("comments/pr-1/000001.json",
            R"({"id":1,"body":"x","created_at":5,"updated_at":[],"target":{},"hidden":"yes"})");
  auto const comments = local.forge()->comments(target);
  REQUIRE(comments);
  CHECK(comments->at(0).body == "x");
  CHECK(local.forge()->create_comment(target, "y")->id == "2");
  CHECK(local.forge()->hide_comment(comments->at(0)));
  for (std::string const& text :
       std::vector<std::string>{R"({"id":9223372036854775807,"body":"x"})", R"({"id":18446744073709551615,"body":"x"})",
                                R"({"id":-1,"body":"x"})", R"({"id":"3","body":"x"})", R"({"id":4,"body":"x"})",
                                R"({"id":3,"body":5})", "[]", "{", R"({"id":1e300,"body":"x"})"}) {
    INFO(text);
    local.put("comments/pr-1/000003.json", text);
    auto const made = local.forge()->create_comment(target, "z");
    REQUIRE_FALSE(made);
    CHECK(contains(made.error().message, "000003.json is not the comment of that number; delete it or restore it"));
  }
  local.put("comments/pr-1/000003.json",
            R"({"id":3,"body":"x","more":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}");
  CHECK(local.forge()->comments(target));
  std::filesystem::remove(local.folder.path / ".cml/comments/pr-1/000003.json");
  local.put("comments/pr-1/999999999999.json", R"({"id":999999999999,"body":"x"})");
  CHECK(contains(local.forge()->create_comment(target, "z").error().message, "no number is left; delete it"));
}

TEST_CASE("local forge: the page runs nothing, asks nobody and leads nowhere", "[forge][local][security]") {
  std::vector<StoredThread> const threads{
      {"pr-1",
       "<script>",
       {{1, "<meta http-equiv=refresh content=0>\n\n<img src=x onerror=alert(1)>", "", "", "", false}}}};
  std::string const page = preview_page(threads, "file:///x/.cml", markdown::to_html);
  CHECK(contains(page,
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src file: data:; "
                 "media-src file: data:; style-src\n'unsafe-inline'; script-src 'none'; base-uri 'none'; "
                 "form-action 'none'\">"));
  CHECK(contains(page, "&lt;meta http-equiv=refresh"));
  CHECK_FALSE(contains(page, "<meta http-equiv=refresh"));
  CHECK_FALSE(contains(page, "<script>"));
}

TEST_CASE("local forge: a page of many marks is made in linear time", "[forge][local][linear]") {
  auto const page = [](std::string const& html) {
    return preview_page({{"t", "t", {{1, html, "", "", "", false}}}}, "file:///x",
                        [](std::string_view text) { return std::string(text); });
  };
  for (std::string const unit :
       {"<img src=\"https://cml.dev/watermark.png\">", "\"file:///x/", "<img src=\"https://cml.dev/watermark.png"}) {
    INFO(unit);
    CHECK(doubling(
              [&](std::size_t n) {
                std::string text;
                for (std::size_t i = 0; i < n; ++i) text += unit;
                return text;
              },
              page) < kLinear);
  }
}
