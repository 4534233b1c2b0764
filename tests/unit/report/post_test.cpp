// Plans carried out: what the server says to them, and jobs that post at the same time.
#include "report/post.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "support/fakes.hpp"
#include "support/simulated_time.hpp"

using namespace cml;
using namespace cml::test;

namespace {

using Bodies = std::vector<std::string>;

class MemoryForge : public Forge {
 public:
  std::string_view name() const override { return "memory"; }
  Capabilities const& capabilities() const override { return can; }
  std::string web_url() const override { return "memory:"; }
  Result<std::optional<long long>> pull_request_of_commit(std::string const&) override {
    return std::optional<long long>();
  }
  Result<std::vector<Comment>> comments(CommentTarget const&, KeepComment const& keep) override {
    travel();
    ++lists;
    if (lists_left-- <= 0) return Error{ErrorKind::Unreachable, "no route"};
    std::vector<Comment> kept;
    for (Comment const& one : thread)
      if (!keep || keep(one)) kept.push_back(one);
    travel();
    return kept;
  }
  Result<Comment> create_comment(CommentTarget const&, std::string const& body) override {
    travel();
    if (on_create) std::exchange(on_create, {})();
    if (utf8_length(body) > real_limit) return Error{ErrorKind::TooLarge, "too long"};
    if (creations_left-- <= 0) return Error{ErrorKind::Unreachable, "no route"};
    ++writes;
    Comment comment{std::to_string(next), body, "url " + std::to_string(next), "", ""};
    ++next;
    comment.author = Comment::Author::Me;
    thread.push_back(comment);
    travel();
    return comment;
  }
  Result<Comment> update_comment(CommentTarget const&, Comment const& comment, std::string const& body) override {
    travel();
    ++writes;
    if (refused.contains(comment.id)) return Error{ErrorKind::Forbidden, "not yours"};
    for (Comment& one : thread)
      if (one.id == comment.id) {
        one.body = body;
        Comment const answer = one;
        travel();
        return answer;
      }
    return Error{ErrorKind::NotFound, "gone"};
  }
  Status delete_comment(CommentTarget const&, Comment const& comment) override {
    travel();
    ++writes;
    if (refused.contains(comment.id)) return Error{ErrorKind::Forbidden, "not yours"};
    auto const before = thread.size();
    std::erase_if(thread, [&](auto const& one) { return one.id == comment.id; });
    return before == thread.size() ? Status(Error{ErrorKind::NotFound, "gone"}) : ok();
  }
  Status hide_comment(Comment const& comment) override {
    travel();
    ++writes;
    if (refused.contains(comment.id)) return Error{ErrorKind::Forbidden, "not yours"};
    hidden.push_back(comment.id);
    for (Comment& one : thread)
      if (one.id == comment.id) one.hidden = true;
    return ok();
  }
  void travel() {
    if (time != nullptr) time->wait(std::chrono::milliseconds(std::uniform_int_distribution<long>(37, 113)(chance)));
  }

  Capabilities can;
  std::size_t real_limit = 1'000'000;
  std::vector<Comment> thread;
  std::vector<std::string> hidden;
  std::set<std::string> refused;  // Comments that must not be touched.
  int next = 1, lists = 0, writes = 0, creations_left = 1 << 20, lists_left = 1 << 20;
  std::function<void()> on_create;  // Once, before the next comment is made.
  SimulatedTime* time = nullptr;
  std::mt19937 chance;
};

Bodies contents(MemoryForge const& forge) {
  Bodies result;
  for (Comment const& comment : forge.thread) {
    auto const marked = read_marked(comment.body);
    result.push_back(marked ? marked->content : comment.body);
  }
  return result;
}

struct PostFixture {
  MemoryForge forge;
  FakeClock clock;
  FakeRandom random;
  Diagnostics diagnostics;
  std::function<Result<std::string>(std::string const&)> attach;
  Result<PostResult> post(std::string body, PostMode mode, std::string title = "",
                          Oversize oversize = Oversize::Truncate) {
    PostRequest request;
    request.content = std::move(body);
    request.mark = Watermark{"abc", std::move(title)};
    request.mode = mode;
    request.oversize = oversize;
    request.store_whole = attach;
    return post_comment(forge, request, clock, random, diagnostics);
  }
  Bodies bodies() const { return contents(forge); }
};

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
    CHECK(contains(c.forge.thread[1].body, "<details><summary>The report goes on: part 2<") == folds);
    CHECK(contains(c.forge.thread.back().body, "line 999\n"));
  }

  PostFixture r;
  r.forge.real_limit = 3000;
  REQUIRE(r.post(body, PostMode::New));
  CHECK(utf8_length(r.forge.thread.at(0).body) <= 3000);
}

TEST_CASE("post: an edit that is refused, or too late, goes to the next older comment, else a new one is made",
          "[report][post]") {
  PostFixture f;
  REQUIRE(f.post("one", PostMode::New));
  REQUIRE(f.post("two", PostMode::New));
  f.forge.refused = {"2"};
  CHECK(f.post("three", PostMode::Update)->comment.id == "1");
  CHECK(f.bodies() == Bodies{"three", "two"});
  f.forge.refused = {"1", "2"};
  auto const made = f.post("four", PostMode::Update);
  CHECK(made->action == PostResult::Action::Created);
  CHECK(f.bodies() == Bodies{"three", "two", "four"});
}

TEST_CASE("post: what cannot be hidden or deleted is told, and the report is out", "[report][post]") {
  for (PostMode const mode : {PostMode::Recreate, PostMode::HideAndNew}) {
    PostFixture f;
    f.forge.can.hide_comments = true;
    REQUIRE(f.post("one", PostMode::New));
    f.forge.refused = {"1"};
    auto const posted = f.post("two", mode);
    REQUIRE(posted);
    CHECK(posted->comment.id == "2");
    REQUIRE(posted->not_done.size() == 1);
    CHECK(contains(posted->not_done[0], "url 1"));
    CHECK(contains(posted->not_done[0], "not yours"));
  }
  PostFixture f;
  REQUIRE(f.post("one", PostMode::New));
  f.forge.refused = {"1"};
  CHECK(f.post("", PostMode::Delete).error().kind == ErrorKind::Forbidden);
}

TEST_CASE("post: when a later part fails, the result is there and says what is missing", "[report][post]") {
  PostFixture f;
  f.forge.can.comment_limit = f.forge.real_limit = 2000;
  f.forge.creations_left = 2;
  std::string body;
  for (int i = 0; i < 600; ++i) body += "line " + std::to_string(i) + "\n\n";
  auto const posted = f.post(body, PostMode::Update, "", Oversize::Split);
  REQUIRE(posted);
  CHECK(posted->comment.id == "1");
  REQUIRE(posted->cut_short);
  CHECK(contains(posted->cut_short->message, "part 3 of "));
}

TEST_CASE("post: an appended part that cannot be looked for again is told with the comment it is in",
          "[report][post]") {
  PostFixture f;
  REQUIRE(f.post("one", PostMode::New));
  f.forge.lists_left = 1;
  auto const posted = f.post("two", PostMode::Append);
  REQUIRE(posted);
  CHECK(posted->comment.id == "1");
  CHECK(posted->cut_short);
  CHECK(f.bodies() == Bodies{"one\n\ntwo"});
}

TEST_CASE("post: where two jobs' comments cannot become one, that is said", "[report][post]") {
  PostFixture f;
  f.forge.on_create = [&] {  // Another job was just before us.
    Comment other{"0", text_of({"theirs", {}, {"abc", ""}}), "url 0", "", ""};
    other.author = Comment::Author::Me;
    f.forge.thread.push_back(other);
  };
  f.forge.refused = {"0"};
  auto const posted = f.post("ours", PostMode::Update);
  REQUIRE(posted);
  CHECK(posted->comment.id == "1");
  REQUIRE(posted->not_done.size() == 1);
  CHECK(contains(posted->not_done[0], "url 0"));
  CHECK(f.bodies().size() == 2);
}

TEST_CASE("post: an update of a comment that another job is about to take away goes to the one that stays",
          "[report][post][race]") {
  PostFixture f;
  REQUIRE(f.post("oldest", PostMode::New));
  REQUIRE(f.post("going", PostMode::New));
  f.clock.on_sleep = [&] { std::erase_if(f.forge.thread, [](Comment const& one) { return one.id == "2"; }); };
  auto const posted = f.post("ours", PostMode::Update);
  REQUIRE(posted);
  CHECK(posted->comment.id == "1");
  CHECK(f.bodies() == Bodies{"ours"});
}

TEST_CASE("post: an account that is known only by what it posts has one comment", "[report][post]") {
  for (PostMode const mode : {PostMode::Update, PostMode::Recreate, PostMode::Append}) {
    PostFixture f;
    REQUIRE(f.post("old", PostMode::New));
    f.forge.thread[0].author = Comment::Author::Unknown;
    f.forge.on_create = [&] { f.forge.thread[0].author = Comment::Author::Me; };
    REQUIRE(f.post("new", mode));
    CHECK(f.bodies() == Bodies{mode == PostMode::Append ? "old\n\nnew" : "new"});
    CHECK(f.diagnostics.warnings().empty());
  }
}

TEST_CASE("post: hide-and-new hides each comment once, however often it runs", "[report][post]") {
  PostFixture f;
  f.forge.can.hide_comments = true;
  for (int run = 0; run < 12; ++run) REQUIRE(f.post("run " + std::to_string(run), PostMode::HideAndNew));
  CHECK(f.forge.hidden.size() == 11);
}

namespace {

// Twenty jobs on one thread, 150 ms away from the forge.
struct Crowd {
  Crowd(unsigned seed, PostMode mode, std::chrono::milliseconds spread, std::string const& same = "") {
    forge.time = &time;
    forge.chance.seed(seed);
    std::uniform_int_distribution<long> start(0, spread.count());
    std::vector<std::function<void()>> jobs;
    for (int i = 0; i < 20; ++i)
      jobs.push_back([this, seed, mode, i, same, begin = std::chrono::milliseconds(start(forge.chance))] {
        time.wait(begin);
        SeededRandom random(seed * 100 + static_cast<unsigned>(i));
        Diagnostics diagnostics;
        PostRequest request;
        request.content = same.empty() ? "report of job " + std::to_string(i) + "." : same;
        request.mark = Watermark{"abc", "t"};
        request.mode = mode;
        auto const posted = post_comment(forge, request, clock, random, diagnostics);
        if (!posted || posted->cut_short) ++failed;
      });
    time.run(jobs);
  }
  SimulatedTime time;
  SimulatedClock clock{time};
  MemoryForge forge;
  int failed = 0;
};

constexpr std::chrono::milliseconds kSpreads[] = {std::chrono::milliseconds(0), std::chrono::milliseconds(400),
                                                  std::chrono::milliseconds(3000)};

}  // namespace

TEST_CASE("post: twenty jobs that update at once leave one comment, with the whole report of one of them",
          "[report][post][race]") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    for (PostMode const mode : {PostMode::Update, PostMode::Recreate}) {
      Crowd const crowd(seed, mode, kSpreads[seed % 3]);
      INFO("seed " << seed);
      CHECK(crowd.failed == 0);
      REQUIRE(contents(crowd.forge).size() == 1);
      CHECK(contains(contents(crowd.forge)[0], "report of job "));
    }
  }
}

TEST_CASE("post: twenty jobs that append at once leave one comment with twenty parts, also when all say the same",
          "[report][post][race]") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    bool const same = seed % 4 == 0;
    Crowd const crowd(seed, seed % 5 == 0 ? PostMode::Prepend : PostMode::Append, kSpreads[seed % 3],
                      same ? "the same of all." : "");
    INFO("seed " << seed);
    CHECK(crowd.failed == 0);
    Bodies const bodies = contents(crowd.forge);
    REQUIRE(bodies.size() == 1);
    for (int i = 0; i < 20 && !same; ++i) {
      std::string const part = "report of job " + std::to_string(i) + ".";
      INFO(part);
      auto const at = bodies[0].find(part);
      REQUIRE(at != std::string::npos);
      CHECK(bodies[0].find(part, at + 1) == std::string::npos);
    }
    CHECK(std::count(bodies[0].begin(), bodies[0].end(), '.') == 20);
  }
}
