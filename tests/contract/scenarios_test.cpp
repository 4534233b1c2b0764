// The same scenarios over all network forges, each against its stateful fake; for GitHub, GitLab and Bitbucket the
// contract gate stands between, so that both sides keep to the forge's own description.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <functional>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/bitbucket/bitbucket.hpp"
#include "forge/gitea/gitea.hpp"
#include "forge/github/github.hpp"
#include "forge/gitlab/gitlab.hpp"
#include "forge/pull_request.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/forge_connection.hpp"

using namespace cml;
using namespace cml::test;

namespace {

std::string const kSha(40, 'a');

template <class Fake>
std::unique_ptr<FakeForge> make_fake() {
  return std::make_unique<Fake>();
}

// Table: the forges.
struct ForgeRow {
  std::string name, document;  // No document: no gate.
  std::unique_ptr<FakeForge> (*fake)();
  std::unique_ptr<Forge> (*make)(ForgeSetup const&);
  std::string api_path, repository;
  std::string reviewer;     // A name that the fake knows.
  bool merges_later;        // The forge can wait for checks.
  std::string create_pull;  // Part of the path that opens a pull request.
};
std::vector<ForgeRow> const kForges{
    {"github", "github.openapi.json", make_fake<FakeGitHub>, make_github, "/api/v3", "o/r", "ada", true, "/pulls"},
    {"gitlab", "gitlab.openapi.json", make_fake<FakeGitLab>, make_gitlab, "/api/v4", "g/p", "ada", true,
     "/merge_requests"},
    {"bitbucket", "bitbucket.openapi.json", make_fake<FakeBitbucket>, make_bitbucket, "", "w/r", "{ada}", false,
     "/pullrequests"},
    {"gitea", "", make_fake<FakeGitea>, make_gitea, "/api/v1", "o/r", "ada", true, "/pulls"},
};

struct Stage {
  explicit Stage(ForgeRow const& forge_row, bool gated = false, std::string token = "good-token")
      : row(forge_row), fake(row.fake()) {
    if (gated && !row.document.empty()) gate = ContractGate::open(row.document, fake->url());
    std::string const url = gate ? gate->url() : fake->url();
    connection = std::make_unique<ForgeConnection>(row.make, Repository{"http", url.substr(7), row.repository},
                                                   url + row.api_path, std::move(token));
  }
  Forge& forge() { return *connection->forge; }
  ForgeRow const& row;
  std::unique_ptr<FakeForge> fake;
  std::unique_ptr<ContractGate> gate;
  std::unique_ptr<ForgeConnection> connection;
};

std::unique_ptr<Forge> row_forge(Stage& stage) { return stage.row.make(stage.connection->setup); }

template <class T>
T good(Result<T> result) {
  INFO((result ? "" : result.error().message));
  REQUIRE(result);
  return std::move(result).value();
}

// --- Scenarios that run behind the gate. Each uses threads and branches of its own.

void comments_live_on_every_kind_of_thread(Stage& stage) {
  for (CommentTarget const& target :
       {CommentTarget(PullRequestTarget{7}), CommentTarget(CommitTarget{kSha}), CommentTarget(IssueTarget{3})}) {
    bool const possible =
        !(std::holds_alternative<CommitTarget>(target) && !stage.forge().capabilities().commit_comments) &&
        !(std::holds_alternative<IssueTarget>(target) && !stage.forge().capabilities().issue_comments);
    INFO(describe(target));
    if (!possible) {
      auto const refused = stage.forge().create_comment(target, "one");
      REQUIRE_FALSE(refused);
      CHECK(refused.error().kind == ErrorKind::Unsupported);
      continue;
    }
    Comment const created = good(stage.forge().create_comment(target, "one"));
    CHECK_FALSE(created.url.empty());
    Comment const updated = good(stage.forge().update_comment(target, created, "two \xE2\x82\xAC"));
    CHECK(updated.id == created.id);
    CHECK(good(stage.forge().comments(target)).back().body == "two \xE2\x82\xAC");
    good(stage.forge().delete_comment(target, created));
    CHECK(stage.fake->bodies(target).empty());
    CHECK(stage.forge().delete_comment(target, created));  // Gone already is as good.
  }
}

void long_threads_are_read_whole_and_in_order(Stage& stage) {
  CommentTarget const target = PullRequestTarget{8};
  // Bitbucket's description leaves out the parameters of paging, which its own next links hold.
  int const count = stage.gate != nullptr && stage.row.name == "bitbucket" ? 9 : 134;
  for (int i = 0; i < count; ++i) stage.fake->add_body(target, "n" + std::to_string(i));
  auto const all = good(stage.forge().comments(target));
  REQUIRE(static_cast<int>(all.size()) == count);
  CHECK(all.front().body == "n0");
  CHECK(all.back().body == "n" + std::to_string(count - 1));
}

// "me a, other b, unknown c"
std::string authors_of(std::vector<Comment> const& comments) {
  std::string text;
  for (Comment const& one : comments) {
    char const* const author = one.author == Comment::Author::Me      ? "me"
                               : one.author == Comment::Author::Other ? "other"
                                                                      : "unknown";
    text += (text.empty() ? "" : ", ") + std::string(author) + " " + one.body;
  }
  return text;
}

void a_comment_says_whose_it_is(Stage& stage) {
  std::vector<CommentTarget> targets{PullRequestTarget{9}};
  if (stage.forge().capabilities().commit_comments) targets.emplace_back(CommitTarget{std::string(40, 'e')});
  for (CommentTarget const& target : targets) {
    INFO(describe(target));
    stage.fake->add_body(target, "a");
    stage.fake->add_body(target, "b", "ada");
    stage.fake->add_body(target, "talk", "ada");
    Comment const created = good(stage.forge().create_comment(target, "c"));
    CHECK(authors_of({created}) == "me c");
    auto const keep = [](Comment const& one) { return one.body.size() == 1; };
    auto const kept = good(stage.forge().comments(target, keep));
    CHECK(authors_of(kept) == "me a, other b, me c");
    CHECK(authors_of(good(stage.forge().comments(target))) == "me a, other b, other talk, me c");
    CHECK_FALSE(kept[1].author_name.empty());
    CHECK(authors_of({good(stage.forge().update_comment(target, kept[0], "d"))}) == "me d");
    // With a role that lets it, the token may change it all the same: that is no reason to.
    auto const other = stage.forge().update_comment(target, kept[1], "e");
    CHECK(static_cast<bool>(other) == stage.fake->moderates);
    if (!other) CHECK(other.error().kind == ErrorKind::Forbidden);
    CHECK(static_cast<bool>(stage.forge().delete_comment(target, kept[1])) == stage.fake->moderates);
  }
}

void a_commit_leads_to_its_open_pull_request(Stage& stage) {
  std::string const open(40, 'b'), merged(40, 'c');
  stage.fake->add_pull_request(21, open);
  stage.fake->add_pull_request(22, merged, "merged");
  CHECK(good(stage.forge().pull_request_of_commit(open)) == 21);
  CHECK_FALSE(good(stage.forge().pull_request_of_commit(merged)));
  std::string const head = good(stage.forge().head_of_pull_request(21));
  CHECK(head.size() >= 12);  // Bitbucket tells no more of it.
  CHECK(open.substr(0, head.size()) == head);
}

void a_pull_request_is_opened_once_and_updated(Stage& stage) {
  PullRequestDraft const draft{"topic/a", "main", "T \"q\"", "line\nline", true};
  auto const first = good(open_pull_request(stage.forge(), draft));
  CHECK(first.created);
  CHECK_FALSE(first.pull.url.empty());
  auto const second = good(open_pull_request(stage.forge(), draft));
  CHECK_FALSE(second.created);
  CHECK(second.pull.number == first.pull.number);
  good(stage.forge().update_pull_request(first.pull, {"New", "Body", {}, {}}));
  auto const pulls = stage.fake->pulls();
  REQUIRE(pulls.back().source == "topic/a");
  CHECK(pulls.back().target == "main");
  CHECK(pulls.back().draft);
  CHECK(pulls.back().title == "New");
  CHECK(pulls.back().body == "Body");
}

void a_pull_request_is_merged_when_it_may_be(Stage& stage) {
  constexpr char const* kNames[] = {"merge", "squash", "rebase"};
  for (bool const later : {true, false}) {
    stage.fake->merges_later = later;
    for (MergeMethod const method : {MergeMethod::Merge, MergeMethod::Squash, MergeMethod::Rebase}) {
      std::string const name = kNames[static_cast<int>(method)];
      INFO(name << later);
      bool const github_later =
          stage.gate != nullptr && stage.row.name == "github" && later;  // GraphQL is not part of the description.
      if (github_later) continue;
      auto const opened =
          good(open_pull_request(stage.forge(), {"merge-" + name + std::to_string(later), "main", "T", "B", false}));
      CHECK_FALSE(good(stage.forge().merge_pull_request(opened.pull, method)).empty());
      CHECK(stage.fake->pulls().back().merge == (later && stage.row.merges_later ? "later " : "") + name);
    }
  }
}

void files_are_stored_once(Stage& stage) {
  std::string const one = "\x89PNG one", two = "\x89PNG two";
  std::vector<AssetFile> const files{{"a b.png", "image/png", one, sha256_hex(one)},
                                     {"c.png", "image/png", two, sha256_hex(two)}};
  bool const native = stage.forge().capabilities().native_assets;
  auto const put = [&] {
    return native ? stage.forge().upload_assets(files) : stage.forge().put_on_branch("cml-assets", files);
  };
  auto const urls = good(put());
  REQUIRE(urls.size() == 2);
  CHECK(contains(urls[0], sha256_hex(one).substr(0, 12)));
  CHECK(urls[0] != urls[1]);
  stage.fake->forget_requests();
  auto const again = good(put());
  if (!native) {
    CHECK(again == urls);
    CHECK(stage.fake->count("POST") == 0);
  }
}

void files_of_a_release_are_stored_once(Stage& stage) {
  // The description of GitLab that the gate holds leaves out the links of releases.
  if (stage.gate != nullptr && stage.row.name == "gitlab") return;
  std::string const one = "\x89PNG one", two = "a,b\n";
  std::vector<AssetFile> const files{{"a b.png", "image/png", one, sha256_hex(one)},
                                     {"c.csv", "text/csv", two, sha256_hex(two)},
                                     {"again.png", "image/png", one, sha256_hex(one)}};
  auto const urls = good(stage.forge().put_on_release("plots/v1", files));
  REQUIRE(urls.size() == 3);
  CHECK(urls[0] == urls[2]);
  CHECK(urls[0] != urls[1]);
  stage.fake->forget_requests();
  CHECK(good(stage.forge().put_on_release("plots/v1", files)) == urls);
  if (stage.row.name != "bitbucket") CHECK(stage.fake->count("POST") + stage.fake->count("PUT") == 0);
}

void a_verdict_is_left_on_the_commit(Stage& stage) {
  for (Check const& check : {Check{kSha, Check::Status::Completed, "failure", "T", "S", "https://ci.test/1"},
                             Check{kSha, Check::Status::InProgress, "success", "T", "S", ""},
                             Check{kSha, Check::Status::Completed, "cancelled", "T", "S", ""}})
    CHECK_FALSE(good(stage.forge().create_check(check)).empty());
}

struct Scenario {
  std::string name;
  void (*run)(Stage&);
};
std::vector<Scenario> const kScenarios{
    {"comments live on every kind of thread", comments_live_on_every_kind_of_thread},
    {"long threads are read whole and in order", long_threads_are_read_whole_and_in_order},
    {"a comment says whose it is", a_comment_says_whose_it_is},
    {"a commit leads to its open pull request", a_commit_leads_to_its_open_pull_request},
    {"a pull request is opened once and updated", a_pull_request_is_opened_once_and_updated},
    {"a pull request is merged when it may be", a_pull_request_is_merged_when_it_may_be},
    {"files are stored once", files_are_stored_once},
    {"files of a release are stored once", files_of_a_release_are_stored_once},
    {"a verdict is left on the commit", a_verdict_is_left_on_the_commit},
};

}  // namespace

TEST_CASE("scenarios: every forge does the same, and keeps to its own description", "[contract][scenarios]") {
  for (ForgeRow const& row : kForges) {
    for (bool const gated : {false, true}) {
      if (gated && row.document.empty()) continue;
      Stage stage(row, gated);
      if (gated && !stage.gate) continue;
      for (Scenario const& scenario : kScenarios) {
        INFO(row.name << (gated ? ", gated: " : ": ") << scenario.name << "\n"
                      << (stage.gate ? stage.gate->violations() : ""));
        scenario.run(stage);
        if (stage.gate) CHECK(stage.gate->violations() == "");
      }
    }
  }
}

TEST_CASE("scenarios: labels and reviewers are added where the forge has them", "[contract][scenarios]") {
  for (ForgeRow const& row : kForges) {
    INFO(row.name);
    Stage stage(row);
    auto const opened = good(open_pull_request(stage.forge(), {"topic", "main", "T", "B", false}));
    good(stage.forge().update_pull_request(opened.pull, {{}, {}, {"ml", "report"}, {row.reviewer}}));
    auto const pull = stage.fake->pulls().back();
    CHECK(pull.reviewers == std::vector<std::string>{row.reviewer});
    CHECK(pull.labels == (stage.forge().capabilities().labels ? std::vector<std::string>{"ml", "report"}
                                                              : std::vector<std::string>{}));
    CHECK(pull.title == "T");
  }
}

TEST_CASE("scenarios: comments and pull requests are made exactly once whatever the wire does",
          "[contract][scenarios][faults]") {
  using Fault = ServerResponse::Fault;
  ServerResponse const gateway{502, "<html>bad gateway</html>", {}}, broken{200, "", {}, Fault::CloseWithoutAnswer},
      cut{201, R"({"id": 1, "body": "x"})", {}, Fault::TruncateBody};
  struct Case {
    std::string what;
    ServerResponse answer;
    bool takes_effect;
  };
  for (ForgeRow const& row : kForges) {
    for (Case const& c : {Case{"502 before", gateway, false}, Case{"502 after", gateway, true},
                          Case{"500 after", {500, "{}", {}}, true}, Case{"reset before", broken, false},
                          Case{"reset after", broken, true}, Case{"truncated body", cut, true}}) {
      INFO(row.name << ": " << c.what);
      Stage stage(row);
      stage.fake->fail({"POST", row.name == "gitlab" ? "/notes" : "/comments", c.answer, c.takes_effect});
      Comment const comment = good(stage.forge().create_comment(PullRequestTarget{7}, "body"));
      CHECK(comment.body == "body");
      CHECK(stage.fake->bodies(PullRequestTarget{7}) == std::vector<std::string>{"body"});
      stage.fake->fail({"POST", row.create_pull, c.answer, c.takes_effect});
      auto const opened = good(open_pull_request(stage.forge(), {"topic", "main", "T", "B", false}));
      CHECK(opened.created);
      CHECK(stage.fake->pulls().size() == 1);
    }
  }
}

TEST_CASE("scenarios: whatever else is made by a POST is made once, or the failure is clear",
          "[contract][scenarios][faults]") {
  using Fault = ServerResponse::Fault;
  struct Trouble {
    std::string what;
    ServerResponse answer;
    bool takes_effect;
  };
  std::vector<Trouble> const troubles{{"502 before", {502, "<html>bad gateway</html>", {}}, false},
                                      {"502 after", {502, "<html>bad gateway</html>", {}}, true},
                                      {"reset before", {200, "", {}, Fault::CloseWithoutAnswer}, false},
                                      {"reset after", {200, "", {}, Fault::CloseWithoutAnswer}, true},
                                      {"truncated body", {201, R"({"id": 1})", {}, Fault::TruncateBody}, true},
                                      {"a web page", {200, "<html>login</html>", {}}, false}};
  std::string const bytes = "\x89PNG one";
  std::vector<AssetFile> const files{{"a.png", "image/png", bytes, sha256_hex(bytes)}};
  PullRequest const pull{21, "", "", "", "", "node"};
  auto const of = [](auto const& result) { return result ? ok() : Status(Error(result.error())); };
  struct Call {
    std::string what, forge, path;  // Part of the POST's path. No forge: all of them.
    bool replaces;                  // A second one takes the place of the first.
    std::function<Status(Forge&)> run;
  };
  std::vector<Call> const calls{
      {"check run", "github", "/check-runs", false,
       [&](Forge& forge) {
         return of(forge.create_check({kSha, Check::Status::Completed, "success", "T", "S", ""}));
       }},
      {"status", "gitlab", "/statuses/", true,
       [&](Forge& forge) {
         return of(forge.create_check({kSha, Check::Status::InProgress, "", "T", "S", ""}));
       }},
      {"status", "bitbucket", "/statuses/build", true,
       [&](Forge& forge) {
         return of(forge.create_check({kSha, Check::Status::Completed, "success", "T", "S", ""}));
       }},
      {"status", "gitea", "/statuses/", true,
       [&](Forge& forge) {
         return of(forge.create_check({kSha, Check::Status::Completed, "success", "T", "S", ""}));
       }},
      {"run again", "github", "/rerun", false, [&](Forge& forge) { return forge.rerun("55"); }},
      {"run again", "gitlab", "/retry", false, [&](Forge& forge) { return forge.rerun("55"); }},
      {"run again", "bitbucket", "/pipelines", false, [&](Forge& forge) { return forge.rerun("{55}"); }},
      {"run again", "gitea", "/rerun", false, [&](Forge& forge) { return forge.rerun("55"); }},
      {"release", "github", "/releases", false, [&](Forge& forge) { return of(forge.put_on_release("t", files)); }},
      {"release", "gitlab", "/releases", false, [&](Forge& forge) { return of(forge.put_on_release("t", files)); }},
      {"link of a release", "gitlab", "/links", false,
       [&](Forge& forge) { return of(forge.put_on_release("t", files)); }},
      {"release", "gitea", "/releases", false, [&](Forge& forge) { return of(forge.put_on_release("t", files)); }},
      {"file of a release", "gitea", "/assets", false,
       [&](Forge& forge) { return of(forge.put_on_release("t", files)); }},
      {"attachment", "gitea", "/assets", false,
       [&](Forge& forge) { return of(forge.upload_attachments(files, PullRequestTarget{7})); }},
      {"branch", "github", "/git/refs", false,
       [&](Forge& forge) { return of(forge.put_on_branch("cml-assets", files)); }},
      {"commit of files", "gitea", "/contents", false,
       [&](Forge& forge) { return of(forge.put_on_branch("cml-assets", files)); }},
      {"download", "bitbucket", "/downloads", true, [&](Forge& forge) { return of(forge.upload_assets(files)); }},
      {"labels", "github", "/labels", true,
       [&](Forge& forge) {
         return forge.update_pull_request(pull, {{}, {}, {"a"}, {}});
       }},
      {"labels", "gitea", "/labels", true,
       [&](Forge& forge) {
         return forge.update_pull_request(pull, {{}, {}, {"a"}, {}});
       }},
      {"reviewers", "github", "/requested_reviewers", true,
       [&](Forge& forge) {
         return forge.update_pull_request(pull, {{}, {}, {}, {"ada"}});
       }},
      {"reviewers", "gitea", "/requested_reviewers", true,
       [&](Forge& forge) {
         return forge.update_pull_request(pull, {{}, {}, {}, {"ada"}});
       }},
      {"merge", "bitbucket", "/merge", false,
       [&](Forge& forge) { return of(forge.merge_pull_request(pull, MergeMethod::Merge)); }},
  };
  int clear_failures = 0;
  for (Call const& call : calls) {
    for (Trouble const& trouble : troubles) {
      INFO(call.forge << ", " << call.what << ": " << trouble.what);
      auto const row =
          std::find_if(kForges.begin(), kForges.end(), [&](ForgeRow const& one) { return one.name == call.forge; });
      Stage stage(*row);
      stage.fake->add_pull_request(21, kSha);
      stage.fake->fail({"POST", call.path, trouble.answer, trouble.takes_effect});
      auto const done = call.run(stage.forge());
      INFO((done ? "" : done.error().message));
      int posted = 0;
      for (std::string const& request : stage.fake->requests()) {
        std::string const path = request.substr(0, request.find('?'));
        bool const ends = path.size() > call.path.size() && path.substr(path.size() - call.path.size()) == call.path;
        posted += path.substr(0, 5) == "POST " && (ends || (call.path.back() == '/' && contains(path, call.path)));
      }
      int const effects = posted - (trouble.takes_effect ? 0 : 1);
      if (!call.replaces) CHECK(effects <= 1);
      if (done) {
        CHECK(effects >= 1);
        continue;
      }
      ++clear_failures;
      CHECK(contains(done.error().message, "POST http://127.0.0.1"));
      CHECK(done.error().message.find('\n') == std::string::npos);
      CHECK(done.error().message.size() > done.error().message.find("; "));  // A hint follows.
    }
  }
  INFO(clear_failures << " of " << calls.size() * troubles.size());
  CHECK(clear_failures < 60);
}

TEST_CASE("scenarios: a merge that cannot wait is made at once, what forbids it is named",
          "[contract][scenarios][merge]") {
  auto const github_says = [](std::string const& message) {
    return ServerResponse{
        200, R"({"data":null,"errors":[{"type":"UNPROCESSABLE","message":")" + message + R"("}]})", {}};
  };
  auto const says = [](int status, std::string const& message) {
    return ServerResponse{status, "{\"message\":\"" + message + "\"}", {}};
  };
  struct Case {
    std::string forge, method, path;
    ServerResponse refusal;
    int times;
    std::string merge;  // What the fake did in the end; empty: an error.
    std::string part;   // Of the error, or of what the command says.
  };
  for (Case const& c : std::vector<Case>{
           {"github", "POST", "/graphql", github_says("Pull request Pull request is in clean status"), 1, "squash",
            "it was merged"},
           {"github", "POST", "/graphql", github_says("Pull request Pull request is in unstable status"), 1, "squash",
            "it was merged"},
           {"github", "POST", "/graphql",
            github_says("Pull request Protected branch rules not configured for this branch"), 1, "squash",
            "it was merged"},
           {"github", "POST", "/graphql", github_says("Can't enable auto-merge for this pull request."), 1, "squash",
            "it was merged"},
           {"github", "POST", "/graphql", github_says("Pull request is not in the correct state to enable auto-merge"),
            1, "squash", "it was merged"},
           {"github", "POST", "/graphql", github_says("Auto merge is not allowed for this repository"), 1, "squash",
            "it was merged"},
           {"github", "POST", "/graphql", github_says("Pull request is in draft state"), 1, "", "draft state"},
           {"github", "POST", "/graphql", says(401, "Bad credentials"), 1, "", "check the secret"},
           {"gitlab", "PUT", "/merge", says(405, "405 Method Not Allowed"), 3, "later squash",
            "it will be merged when its pipeline succeeds"},
           {"gitlab", "PUT", "/merge", says(422, "Branch cannot be merged"), 10, "squash", "it was merged"},
           {"gitlab", "PUT", "/merge", says(406, "Branch cannot be merged"), 100, "",
            "a conflict, a draft, missing approvals"},
           {"gitlab", "PUT", "/merge", says(401, "401 Unauthorized"), 1, "",
            "the token's role may not merge into this branch"},
           {"gitlab", "PUT", "/merge", says(409, "SHA does not match HEAD of source branch"), 1, "", "409"},
           {"bitbucket",
            "POST",
            "/merge",
            {409,
             R"({"type":"error","error":{"message":"You can't merge until you resolve all merge conflicts."}})",
             {}},
            1,
            "",
            "resolve all merge conflicts"},
           {"bitbucket",
            "POST",
            "/merge",
            {400, R"({"type":"error","error":{"message":"merge checks are not passed"}})", {}},
            1,
            "",
            "merge checks are not passed"},
           {"bitbucket", "POST", "/merge", {555, "", {}}, 1, "", "555"},
           {"gitea", "POST", "/merge", says(405, "Please try again later"), 2, "later squash",
            "it will be merged when its checks succeed"},
           {"gitea", "POST", "/merge", says(405, "Does not have enough approvals"), 1, "", "enough approvals"},
           {"gitea", "POST", "/merge",
            says(409, "pull request is already scheduled to auto merge when checks succeed [pull_id: 1]"), 1, "",
            "as was asked before"}}) {
    INFO(c.forge << ": " << c.refusal.status << " " << c.refusal.body);
    auto const row =
        std::find_if(kForges.begin(), kForges.end(), [&](ForgeRow const& one) { return one.name == c.forge; });
    Stage stage(*row);
    auto const opened = good(open_pull_request(stage.forge(), {"topic", "main", "T", "B", false}));
    stage.fake->fail({c.method, c.path, c.refusal, false, c.times});
    auto const merged = stage.forge().merge_pull_request(opened.pull, MergeMethod::Squash);
    std::string const said = merged ? *merged : merged.error().message;
    INFO(said);
    CHECK(contains(said, c.part));
    CHECK(stage.fake->pulls().back().merge == c.merge);
    bool const fine = !c.merge.empty() || contains(said, "asked before");
    CHECK(bool(merged) == fine);
  }
}

TEST_CASE("scenarios: limits are waited for, and a refusal names request, status, the forge's words and what to check",
          "[contract][scenarios][faults]") {
  struct Case {
    int status;
    std::string body;
    HttpHeaders headers;
    ErrorKind kind;
    std::string part;
  };
  for (ForgeRow const& row : kForges) {
    Stage stage(row);
    stage.fake->fail({"POST", "/", {429, "{}", {{"Retry-After", "9"}}}, false});
    good(stage.forge().create_comment(PullRequestTarget{7}, "body"));
    CHECK(stage.connection->clock.slept == std::vector<std::chrono::milliseconds>{std::chrono::seconds(9)});
    for (Case const& c :
         std::vector<Case>{{401, R"({"message":"no"})", {}, ErrorKind::Unauthorized, "401"},
                           {403, R"({"message":"no"})", {}, ErrorKind::Forbidden, "403"},
                           {403,
                            "{}",
                            {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "9999999999"}},
                            ErrorKind::RateLimited,
                            "rate limit"},
                           {404, R"({"message":"no"})", {}, ErrorKind::NotFound, "404"},
                           {409, R"({"message":"no"})", {}, ErrorKind::Conflict, "409"},
                           {410, R"({"message":"no"})", {}, ErrorKind::NotFound, "410"},
                           {413, "", {}, ErrorKind::TooLarge, "413"},
                           {422, R"({"message":"no"})", {}, ErrorKind::BadInput, "422"},
                           {200, "<html>login</html>", {}, ErrorKind::BadInput, "is this the API's address?"},
                           {404, "<html>not here</html>", {}, ErrorKind::NotFound, "404"},
                           {429, "{}", {{"Retry-After", "3600"}}, ErrorKind::RateLimited, "rate limit"}}) {
      INFO(row.name << " " << c.status << " " << c.body);
      stage.fake->fail({"POST", "/", {c.status, c.body, c.headers}, false});
      auto const refused = stage.forge().create_comment(PullRequestTarget{7}, "body");
      REQUIRE_FALSE(refused);
      INFO(refused.error().message);
      CHECK(refused.error().kind == c.kind);
      CHECK(contains(refused.error().message, c.part));
      CHECK(contains(refused.error().message, "POST http://127.0.0.1"));
      CHECK(refused.error().message.find('\n') == std::string::npos);
    }
    CHECK(stage.fake->bodies(PullRequestTarget{7}).size() == 1);
    Stage wrong(row, false, "wrong-token");
    auto const refused = wrong.forge().comments(PullRequestTarget{7});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Unauthorized);
    CHECK_FALSE(contains(refused.error().message, "wrong-token"));
  }
}

TEST_CASE("scenarios: the token stays with the API's host", "[contract][scenarios][faults]") {
  for (ForgeRow const& row : kForges) {
    INFO(row.name);
    std::vector<std::string> seen;
    HttpServer other([&](ServerRequest const& request) {
      seen.push_back(request.header("authorization") + request.header("private-token"));
      return ServerResponse{200, row.name == "bitbucket" ? R"({"values":[]})" : "[]", {}};
    });
    Stage stage(row);
    if (auto* github = dynamic_cast<FakeGitHub*>(stage.fake.get())) github->has_graphql = false;  // It lists by POST.
    stage.fake->fail({"GET", "/", {302, "", {{"Location", other.url() + "/elsewhere"}}}, false});
    CHECK(stage.forge().comments(PullRequestTarget{7}));
    CHECK(seen == std::vector<std::string>{""});
    stage.fake->fail({"POST", "/", {307, "", {{"Location", other.url() + "/elsewhere"}}}, false});
    auto const refused = stage.forge().create_comment(PullRequestTarget{7}, "body");
    REQUIRE_FALSE(refused);
    CHECK(contains(refused.error().message, "redirect"));
    CHECK(seen.size() == 1);
  }
}

TEST_CASE("scenarios: who the token is costs no round trip, and no question where nothing is wanted",
          "[contract][scenarios]") {
  for (ForgeRow const& row : kForges) {
    INFO(row.name);
    Stage stage(row);
    CommentTarget const target = PullRequestTarget{7};
    stage.fake->add_body(target, "a");
    auto const keep = [](Comment const& one) { return one.body == "a"; };
    good(stage.forge().comments(target, keep));
    CHECK(stage.fake->requests().size() == (row.name == "github" ? 1u : 2u));
    stage.fake->forget_requests();
    good(stage.forge().comments(target, keep));
    CHECK(stage.fake->requests().size() == 1);
  }
}

TEST_CASE("scenarios: a token that may not ask who it is takes bots' comments for its own, never a person's",
          "[contract][scenarios]") {
  struct Case {
    std::string forge, bot, token, expected;
  };
  for (Case const& c : std::vector<Case>{{"github", "github-actions[bot]", "ghs_x", "me a, other b"},
                                         {"github", "github-actions[bot]", "good-token", "me a, unknown b"},
                                         {"github", "github-actions[bot]", "ghp_x", "other a, unknown b"},
                                         {"gitlab", "project_7_bot_1f", "good-token", "me a, unknown b"},
                                         {"bitbucket", "Reports", "good-token", "me a, unknown b"},
                                         {"bitbucket", "Reports", "me@x.test:good-token", "other a, unknown b"},
                                         {"gitea", "gitea-actions", "good-token", "me a, unknown b"}}) {
    INFO(c.forge << " " << c.token);
    Stage stage(*std::find_if(kForges.begin(), kForges.end(), [&](ForgeRow const& row) { return row.name == c.forge; }),
                false, c.token);
    stage.fake->token_user = c.bot;
    stage.fake->token_may_ask = false;
    if (auto* github = dynamic_cast<FakeGitHub*>(stage.fake.get())) {
      github->has_graphql = false;
      github->tokens.insert(c.token);
    }
    if (auto* bitbucket = dynamic_cast<FakeBitbucket*>(stage.fake.get())) {
      bitbucket->token_type = "AppUser";
      bitbucket->logins.insert("Basic " + base64_encode(c.token));
    }
    std::vector<std::string> notices;
    stage.connection->setup.notify = [&](std::string const& line) { notices.push_back(line); };
    stage.connection->forge = row_forge(stage);
    stage.fake->add_body(PullRequestTarget{7}, "a", c.bot);
    stage.fake->add_body(PullRequestTarget{7}, "b", "ada");
    CHECK(authors_of(good(stage.forge().comments(PullRequestTarget{7}))) == c.expected);
    REQUIRE_FALSE(notices.empty());
    CHECK(contains(notices[0], "the token may not ask who it is"));
    // What it posts itself tells.
    good(stage.forge().create_comment(PullRequestTarget{7}, "c"));
    CHECK(authors_of(good(stage.forge().comments(PullRequestTarget{7}))) == "me a, other b, me c");
    // One that may ask is told exactly, whatever wrote it.
    stage.fake->token_may_ask = true;
    stage.connection->forge = row_forge(stage);
    CHECK(authors_of(good(stage.forge().comments(PullRequestTarget{7}))) == "me a, other b, me c");
  }
}

TEST_CASE("scenarios: a thread of 2,000 comments is searched within 25 requests, more where a page holds less",
          "[contract][scenarios]") {
  for (ForgeRow const& row : kForges) {
    INFO(row.name);
    Stage stage(row);
    for (int i = 0; i < 2000; ++i) stage.fake->add_body(PullRequestTarget{7}, "n" + std::to_string(i));
    auto const all = good(stage.forge().comments(PullRequestTarget{7}));
    CHECK(all.size() == 2000);
    CHECK(std::all_of(all.begin(), all.end(), [](Comment const& one) { return one.author == Comment::Author::Me; }));
    CHECK(stage.fake->requests().size() <= (row.name == "gitea" ? 41u : 25u));  // Gitea gives fifty at most.
  }
}
