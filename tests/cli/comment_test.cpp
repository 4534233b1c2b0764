// The real binary against the fake GitHub and the local forge.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

std::string const kPng = "\x89PNG\r\n\x1a\n-not really";

struct Job {
  Job() {
    environment = {{"REPO_TOKEN", "good-token"},
                   {"CML_API_URL", fake.url() + "/api/v3"},
                   {"CML_REPO", fake.url() + "/o/r"},
                   {"CML_DRIVER", "github"}};
  }
  void put(std::string const& name, std::string_view bytes) {
    fs::create_directories((folder.path / name).parent_path());
    std::ofstream(folder.path / name, std::ios::binary) << bytes;
  }
  std::string get(std::string const& name) {
    std::stringstream text;
    text << std::ifstream(folder.path / name, std::ios::binary).rdbuf();
    return text.str();
  }
  CmlRun run(std::vector<std::string> arguments, std::string input = "", std::string program = "cml") {
    return run_cml(std::move(arguments), folder.path, std::move(input), environment, std::move(program));
  }
  FakeGitHub fake;
  TemporaryFolder folder;
  std::map<std::string, std::string> environment;
};

std::string const kMark = "\n\n![](https://cml.dev/watermark.png \"CML watermark\")";

}  // namespace

TEST_CASE("cli: a report with a picture is posted on GitHub, then updated in place", "[cli][github]") {
  Job job;
  job.put("plots/a.png", kPng);
  job.put("report.md", "# R\n\n- [x] t\n\n![a](plots/a.png)\n");
  auto const created = job.run({"comment", "create", "--target=pr/7", "report.md"});
  INFO(created.err);
  REQUIRE(created.exit_code == 0);
  auto const comments = job.fake.comments("issue 7");
  REQUIRE(comments.size() == 1);
  CHECK(created.out == job.fake.url() + "/o/r/pull/7#issuecomment-" + std::to_string(comments[0].id) + "\n");
  auto const files = job.fake.branch_files("cml-assets");
  REQUIRE(files.size() == 3);
  std::string path;
  for (auto const& [name, bytes] : files)
    if (bytes == kPng) path = name;
  CHECK(comments[0].body == "# R\n\n- [x] t\n\n![a](" + job.fake.url() + "/o/r/raw/cml-assets/" + path + ")\n" + kMark);

  job.put("report.md", "# Second\n");
  auto const updated = job.run({"comment", "update", "--target", "pr/7", "report.md"});
  CHECK(updated.exit_code == 0);
  CHECK(updated.out == created.out);
  REQUIRE(job.fake.comments("issue 7").size() == 1);
  CHECK(job.fake.comments("issue 7")[0].body == "# Second\n" + kMark);
}

TEST_CASE("cli: in GitHub Actions the event names the pull request and the head commit", "[cli][github]") {
  Job job;
  std::string const sha(40, 'd');
  job.put("event.json", R"({"pull_request":{"number":12,"head":{"sha":")" + sha + R"("}}})");
  job.put("report.md", "text");
  job.environment = {{"GITHUB_REPOSITORY", "o/r"},
                     {"GITHUB_SERVER_URL", job.fake.url()},
                     {"GITHUB_API_URL", job.fake.url() + "/api/v3"},
                     {"GITHUB_EVENT_NAME", "pull_request"},
                     {"GITHUB_EVENT_PATH", (job.folder.path / "event.json").string()},
                     {"GITHUB_WORKFLOW", "My_WF"},
                     {"GITHUB_TOKEN", "good-token"},
                     {"CI", "true"}};
  auto const run = job.run({"--watermark-title={workflow}", "report.md"}, "", "cml-send-comment");
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(contains(run.err, "\"cml send-comment\" is deprecated"));
  REQUIRE(job.fake.comments("issue 12").size() == 1);
  CHECK(contains(job.fake.comments("issue 12")[0].body, "watermark.png#" + sha + " \"CML watermark My\\_WF\")"));
  CHECK(job.run({"comment", "update", "--watermark-title={workflow}", "report.md"}).exit_code == 0);
  CHECK(job.fake.comments("issue 12").size() == 1);
}

TEST_CASE("cli: a workflow_run of a fork's pull request comments on that pull request", "[cli][github]") {
  Job job;
  std::string const sha(40, 'd');
  job.fake.add_fork_pull_request(13, sha, "ada", "main");
  job.put("event.json", R"({"repository":{"full_name":"o/r"},"workflow_run":{"head_sha":")" + sha +
                            R"(","head_branch":"main","pull_requests":[],"head_repository":{"full_name":"ada/r",)" +
                            R"("owner":{"login":"ada"}}}})");
  job.put("report.md", "text");
  job.environment = {{"GITHUB_REPOSITORY", "o/r"},
                     {"GITHUB_SERVER_URL", job.fake.url()},
                     {"GITHUB_API_URL", job.fake.url() + "/api/v3"},
                     {"GITHUB_EVENT_NAME", "workflow_run"},
                     {"GITHUB_EVENT_PATH", (job.folder.path / "event.json").string()},
                     {"GITHUB_TOKEN", "good-token"},
                     {"CI", "true"}};
  auto const run = job.run({"comment", "create", "report.md"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(job.fake.comments("issue 13").size() == 1);
  CHECK(job.fake.comments("commit " + sha).empty());
}

TEST_CASE("cli: a check on a comment's event goes to the head of the pull request that was commented on",
          "[cli][github]") {
  Job job;
  std::string const head(40, 'd');
  job.fake.add_pull_request(12, head);
  job.put("event.json", R"({"issue":{"number":12,"pull_request":{}}})");
  job.put("report.md", "text");
  job.environment = {{"GITHUB_REPOSITORY", "o/r"},
                     {"GITHUB_SERVER_URL", job.fake.url()},
                     {"GITHUB_API_URL", job.fake.url() + "/api/v3"},
                     {"GITHUB_EVENT_NAME", "issue_comment"},
                     {"GITHUB_EVENT_PATH", (job.folder.path / "event.json").string()},
                     {"GITHUB_SHA", std::string(40, 'm')},
                     {"GITHUB_TOKEN", "good-token"}};
  auto const run = job.run({"check", "create", "report.md"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  REQUIRE(job.fake.checks.size() == 1);
  CHECK(contains(job.fake.checks[0], head));
  CHECK(job.run({"comment", "create", "report.md"}).exit_code == 0);
  CHECK(job.fake.comments("issue 12").size() == 1);
}

TEST_CASE("cli: auto finds the commit's open pull request, else comments on the commit", "[cli][github]") {
  Job job;
  std::string const with(40, 'a'), without(40, 'b');
  job.fake.add_pull_request(4, with);
  job.put("report.md", "text");
  job.environment["GITHUB_REPOSITORY"] = "o/r";
  job.environment["GITHUB_SHA"] = with;
  CHECK(job.run({"comment", "create", "report.md"}).exit_code == 0);
  CHECK(job.fake.comments("issue 4").size() == 1);
  job.environment["GITHUB_SHA"] = without;
  CHECK(job.run({"comment", "create", "report.md"}).exit_code == 0);
  CHECK(job.fake.comments("commit " + without).size() == 1);
  auto const none = job.run({"comment", "create", "--pr", "report.md"});
  CHECK(none.exit_code == 1);
  CHECK(contains(none.err, "PR for commit sha \"" + without + "\" not found"));
}

TEST_CASE("cli: CML's older spellings keep their meaning", "[cli][github]") {
  Job job;
  job.put("report.md", "text");
  job.environment["GITHUB_REPOSITORY"] = "o/r";
  job.environment["GITHUB_SHA"] = std::string(40, 'e');
  CHECK(job.run({"send-comment", "--pr=85", "--update", "report.md"}).exit_code == 0);
  CHECK(job.fake.comments("issue 85").size() == 1);
  CHECK(job.run({"comment", "update", "--update", "--pr=85", "report.md"}).exit_code == 0);
  CHECK(job.fake.comments("issue 85").size() == 1);
  CHECK(job.run({"--commit-sha=" + std::string(40, 'f'), "report.md"}, "", "cml-send-comment").exit_code == 0);
  CHECK(job.fake.comments("commit " + std::string(40, 'f')).size() == 1);
  CHECK(job.run({"send-comment", "--rm-watermark", "--target=issue/3", "report.md"}).exit_code == 0);
  CHECK(job.fake.comments("issue 3")[0].body == "text");
  job.environment["CML_SEND_COMMENT_TARGET"] = "issue/5";
  CHECK(job.run({"comment", "create", "report.md"}).exit_code == 0);
  CHECK(job.fake.comments("issue 5").size() == 1);
  CHECK(job.run({"comment", "create", "-", "--target=issue/6"}, "from a pipe").exit_code == 0);
  CHECK(contains(job.fake.comments("issue 6")[0].body, "from a pipe\n\n!["));
}

TEST_CASE("cli: an old watermark of CML beyond the first page is found", "[cli][github]") {
  Job job;
  job.put("report.md", "new");
  for (int i = 0; i < 130; ++i) job.fake.add_comment("issue 7", "talk " + std::to_string(i));
  job.fake.add_comment("issue 7", "old\n\n![](https://cml.dev/watermark.png#0123456789abcdef \"CML watermark\")");
  CHECK(job.run({"comment", "update", "--target=pr/7", "report.md"}).exit_code == 0);
  CHECK(job.fake.comments("issue 7").size() == 131);
  CHECK(job.fake.comments("issue 7").back().body == "new" + kMark);
}

TEST_CASE("cli: bad input is one line that says what to check, and posts nothing", "[cli][errors]") {
  Job job;
  job.put("report.md", "text");
  job.put("empty.md", " \n");
  job.put("plot.png", kPng + std::string(1, '\0'));
  struct Case {
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;
    int exit_code;
    std::string part;
  };
  std::vector<Case> const cases{
      {{"comment", "create", "missing.md"}, {}, 1, "report missing.md: cannot read"},
      {{"comment", "create", "."}, {}, 1, "it is a directory"},
      {{"comment", "create", "plot.png"}, {}, 1, "is not a text file"},
      {{"comment", "create", "empty.md"}, {}, 1, "is empty"},
      {{"comment", "create"}, {}, 1, "needs REPORT"},
      {{"comment", "create", "report.md", "--target=foo"}, {}, 1, "--target \"foo\" is unknown"},
      {{"comment", "create", "report.md", "--body-file=x"}, {}, 1, "the report is the argument itself"},
      {{"comment", "create", "report.md", "--udpate"}, {}, 1, "did you mean --update?"},
      {{"coment", "create", "report.md"}, {}, 1, "did you mean cml comment create?"},
      {{"comment", "create", "report.md", "--target=pr/7"},
       {{"REPO_TOKEN", "wrong-token"}},
       3,
       "answered 401: Bad credentials"},
      {{"comment", "create", "report.md", "--target=pr/7"},
       {{"REPO_TOKEN", "read-only-token"}},
       3,
       "permissions: issues: write"},
      {{"comment", "create", "report.md", "--target=pr/999"}, {}, 1, "answered 404: Not Found"},
      {{"comment", "create", "report.md", "--target=pr/7"},
       {{"REPO_TOKEN", ""}},
       3,
       "token not found: set REPO_TOKEN or GITHUB_TOKEN"},
      {{"comment", "update", "report.md", "--target=pr/7", "--rm-watermark"}, {}, 1, "watermarks are mandatory"},
      {{"comment", "create", "report.md", "--target=pr/7", "--mode=sideways"}, {}, 1, "is not one of new, update"},
      {{"comment", "create", "report.md", "--target=pr/7", "--log=loud"}, {}, 1, "--log"},
      {{"comment", "create", "report.md", "--target=pr/7", "--publish-to=brnch"},
       {},
       1,
       "did you mean branch?"},  // Though there is no file to publish.
      {{"comment", "create", "report.md", "--target=pr/7", "--publish-to=s3://"}, {}, 1, "names no bucket"},
      {{"comment", "create", "report.md", "--target=pr/7", "--pr"}, {}, 1, "--pr and --target exclude each other"},
      {{"comment", "create", "report.md", "--target=pr/7", "--head-sha=HEAD"},
       {},
       1,
       "--commit-sha and --target exclude each other"},
      {{"comment", "create", "report.md", "--target=pr/7", "--rm-watermark", "--watermark-title=x"},
       {},
       1,
       "exclude each other"},
      {{"comment", "creat", "report.md"}, {}, 1, "did you mean cml comment create?"},
      {{"comment", "udpate", "report.md"}, {}, 1, "did you mean cml comment update?"},
      {{"comment", "create", "report.md", "--repo=https://github.com/o"},
       {},
       1,
       "https://github.com/o names an owner and no repository"},
      {{"runner", "lauch"}, {}, 1, "did you mean cml runner launch?"},
  };
  auto const base = job.environment;
  for (Case const& c : cases) {
    INFO(Catch::Detail::stringify(c.arguments));
    job.environment = base;
    for (auto const& [name, value] : c.environment) job.environment[name] = value;
    auto const run = job.run(c.arguments);
    INFO(run.err);
    CHECK(run.exit_code == c.exit_code);
    CHECK(run.out == "");
    CHECK(contains(run.err, c.part));
    CHECK(contains(run.err, "error: "));
    CHECK(run.err.find("error: ") == run.err.rfind("error: "));
    CHECK(run.err.back() == '\n');
  }
  CHECK(job.fake.comments("issue 7").empty());
}

TEST_CASE("cli: a report of 100 MB is refused before anything is sent", "[cli][errors]") {
  Job job;
  job.put("report.md", "");
  fs::resize_file(job.folder.path / "report.md", 100u << 20);
  auto const run = job.run({"comment", "create", "--target=pr/7", "report.md"});
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "larger than the limit"));
  CHECK(job.fake.requests().empty());
}

TEST_CASE("cli: an unreachable forge ends in one error after a few tries", "[cli][errors]") {
  Job job;
  job.put("report.md", "text");
  job.environment["CML_API_URL"] = "http://127.0.0.1:1";
  auto const run = job.run({"comment", "create", "--target=pr/7", "report.md"});
  CHECK(run.exit_code == 4);
  CHECK(contains(run.err, "check the network"));
}

TEST_CASE("cli: what the report shows but cannot be published stays, with a warning, strict refuses", "[cli][errors]") {
  Job job;
  TemporaryFolder elsewhere;
  std::ofstream(elsewhere.path / "secret.png") << kPng;
  fs::create_directories(job.folder.path / "img");
  fs::create_symlink(elsewhere.path / "secret.png", job.folder.path / "img/link.png");
  std::string const report = "![m](missing.pgn) ![d](img) ![l](img/link.png) [p](" +
                             (elsewhere.path / "secret.png").string() + ") ![up](../x.png)\n";
  job.put("report.md", report);
  auto const run = job.run({"comment", "create", "--target=pr/7", "report.md"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(job.fake.comments("issue 7").at(0).body == report + kMark);
  CHECK(job.fake.branch_files("cml-assets").empty());
  for (std::string part : {"report.md:1: \"missing.pgn\"", "\"img\" is not published: it is a directory",
                           "\"img/link.png\" is not published: it is outside"})
    CHECK(contains(run.err, part));
  auto const strict = job.run({"comment", "create", "--target=pr/7", "--strict", "report.md"});
  CHECK(strict.exit_code == 1);
  CHECK(contains(strict.err, "--strict: 5 things were asked for"));
  CHECK(contains(strict.out, "#issuecomment-"));  // Posted all the same.
  CHECK(job.fake.comments("issue 7").size() == 2);
}

TEST_CASE("cli: a token that may comment but not store files posts the report with the images' text", "[cli][github]") {
  Job job;
  job.put("a.png", kPng);
  job.put("report.md", "![Loss](a.png)\n");
  job.fake.fail({"POST", "/git/trees", {403, R"({"message":"Resource not accessible by integration"})", {}}, false, 2});
  auto const run = job.run({"comment", "create", "--target=pr/7", "report.md"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(contains(job.fake.comments("issue 7").at(0).body, "*Loss*\n\n\n> [!WARNING]\n> One image is not shown"));
  CHECK(contains(run.err, "contents: write"));
  CHECK(job.run({"comment", "create", "--target=pr/7", "--strict", "report.md"}).exit_code == 1);
}

TEST_CASE("cli: a fork's read-only token leaves the report on the job's summary page when asked", "[cli][github]") {
  Job job;
  job.environment["REPO_TOKEN"] = "read-only-token";
  job.environment["GITHUB_STEP_SUMMARY"] = (job.folder.path / "summary.md").string();
  job.put("summary.md", "before");
  job.put("report.md", "text");
  auto const run = [&](std::string const& option) {
    return job.run({"comment", "create", "--target=pr/7", option, "report.md"});
  };
  CHECK(run("--fallback=error").exit_code == 3);
  CHECK(run("--fallback=none").exit_code == 0);
  CHECK(job.get("summary.md") == "before");
  auto const fell_back = run("--fallback=summary");
  CHECK(fell_back.exit_code == 0);
  CHECK(contains(fell_back.err, "not posted: "));
  CHECK(job.get("summary.md") == "before\ntext\n");
  auto const no_fail = run("--no-fail");
  CHECK(no_fail.exit_code == 0);
  CHECK(contains(no_fail.err, "warning: comment on pull request 7"));
  job.environment["REPO_TOKEN"] = "good-token";
  CHECK(run("--step-summary").exit_code == 0);
  CHECK(job.get("summary.md") == "before\ntext\ntext\n");
  CHECK(job.fake.comments("issue 7").size() == 1);
}

TEST_CASE("cli: comments are listed and deleted by their title", "[cli][github]") {
  Job job;
  job.put("report.md", "text");
  job.fake.add_comment("issue 7", "a person");
  for (std::string const title : {"one", "two"})
    REQUIRE(job.run({"comment", "create", "--target=pr/7", "--watermark-title", title, "report.md"}).exit_code == 0);
  auto const count = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"comment", "list", "--json", "--target=pr/7"});
    return nlohmann::json::parse(job.run(arguments).out).size();
  };
  CHECK(count({}) == 2);
  CHECK(count({"--watermark-title=one"}) == 1);
  CHECK(count({"--all"}) == 3);
  CHECK(job.run({"comment", "delete", "--target=pr/7", "--watermark-title=one"}).exit_code == 0);
  CHECK(count({"--all"}) == 2);
  auto const none = job.run({"comment", "delete", "--target=pr/7"});
  CHECK(none.exit_code == 0);
  CHECK(contains(none.err, "nothing to delete"));
}

TEST_CASE("cli: JSON and dry run", "[cli]") {
  Job job;
  job.put("a.png", kPng);
  job.put("report.md", "![Loss](a.png) ![no](no.png)\n");
  auto const dry = job.run({"comment", "update", "--target=pr/7", "report.md", "--dry-run"});
  CHECK(dry.exit_code == 0);
  CHECK(contains(dry.out, "would post (update) on pull request 7"));
  CHECK(contains(dry.out, "would publish a.png (image/png"));
  CHECK(job.fake.requests().empty());
  auto const run = job.run({"comment", "create", "--json", "--target=pr/7", "report.md"});
  auto const object = nlohmann::json::parse(run.out);
  CHECK(object["action"] == "created");
  CHECK(object["files"] == 1);
  CHECK(object["target"] == "pull request 7");
  CHECK(object["warnings"].size() == 1);
}

TEST_CASE("cli: publish prints addresses or Markdown and sends the same picture once", "[cli][asset]") {
  Job job;
  job.put("a.png", kPng);
  job.put("data.csv", "a,b\n1,2\n");
  auto const url = job.run({"asset", "publish", "a.png"});
  INFO(url.err);
  REQUIRE(url.exit_code == 0);
  CHECK(url.out.substr(0, job.fake.url().size() + 20) == job.fake.url() + "/o/r/raw/cml-assets/");
  std::string const address(trim(url.out));
  CHECK(job.run({"publish", "a.png", "--md"}).out == "![](" + address + ")\n");
  CHECK(job.run({"a.png", "--md", "--title", "a \"q\""}, "", "cml-publish").out ==
        "![](" + address + " \"a \\\"q\\\"\")\n");
  CHECK(job.run({"publish", "--md"}, kPng).out == "![](" + address + ")\n");
  CHECK(job.fake.writes() == 4);  // Three start the branch, one stores the file.
  auto const link = job.run({"publish", "--md", "data.csv"});
  CHECK(link.out.substr(0, 11) == "[data.csv](");
  CHECK(job.run({"publish", "--md", "-f", "out.md", "a.png"}).out == "");
  CHECK(job.get("out.md") == "![](" + address + ")");
  CHECK(job.run({"publish", "--md", "-f", "/dev/full", "a.png"}).exit_code == 5);
  CHECK(job.run({"publish", "missing.pgn", "--md"}).exit_code == 1);
  CHECK(job.run({"publish", "--md"}, "").exit_code == 1);
  auto const many = job.run({"asset", "publish", "--json", "a.png", "data.csv"});
  CHECK(nlohmann::json::parse(many.out).size() == 2);
}

TEST_CASE("cli: of several files those that are stored are told, also when another one is not", "[cli][asset]") {
  Job job;
  job.put("a.png", kPng);
  job.put("data.csv", "a,b\n");
  job.fake.tokens.insert("ghp_fake");
  job.environment["REPO_TOKEN"] = "ghp_fake";
  job.fake.fail(
      {"POST", "/git/", {403, R"({"message":"Resource not accessible by personal access token"})", {}}, false, 1000});
  auto const run = job.run({"asset", "publish", "a.png", "data.csv"});
  INFO(run.err);
  CHECK(run.exit_code == 1);
  CHECK(contains(run.out, "/user-attachments/assets/"));
  CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 1);
  CHECK(contains(run.err, "data.csv (text/"));
  auto const in_json = job.run({"asset", "publish", "--json", "data.csv", "a.png"});
  CHECK(nlohmann::json::parse(in_json.out).size() == 1);
  CHECK(job.run({"asset", "publish", "data.csv"}).out.empty());
}

TEST_CASE("cli: an upload server of CML's kind and a folder can take the files, without any forge", "[cli][asset]") {
  Job job;
  std::vector<ServerRequest> seen;
  HttpServer server([&](ServerRequest const& request) {
    seen.push_back(request);
    return ServerResponse{200, "https://assets.test/123\n", {}};
  });
  job.put("a.png", kPng);
  job.environment.clear();
  auto const run = job.run({"publish", "--url", server.url() + "/up", "--md", "a.png"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.out, Catch::Matches(R"(!\[\]\(https://assets\.test/123\?cml=png&cache-bypass=)"
                                     R"([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\)\n)"));
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].body == kPng);
  CHECK(seen[0].header("content-type") == "image/png");
  CHECK(seen[0].header("content-disposition") == "inline; filename=\"a.png\"");
  CHECK(seen[0].header("authorization") == "");
  auto const folder = job.run({"publish", "--publish-to=dir:out/assets", "a.png"});
  CHECK(job.get(std::string(trim(folder.out))) == kPng);
}

TEST_CASE("cli: twenty pictures cost few round trips, and nothing when they are there already", "[cli][asset]") {
  Job job;
  std::string report;
  for (int i = 0; i < 20; ++i) {
    std::string const name = "p" + std::to_string(i) + ".png";
    job.put(name, kPng + name);
    report += "![p](" + name + ")\n";
  }
  job.put("report.md", report);
  REQUIRE(job.run({"comment", "create", "--target=pr/7", "report.md"}).exit_code == 0);  // Starts the branch.
  CHECK(job.fake.branch_files("cml-assets").size() == 22);
  job.fake.forget_requests();
  for (int i = 0; i < 20; ++i) job.put("p" + std::to_string(i) + ".png", kPng + "second" + std::to_string(i));
  // Two reads at once, all files in one request, the thread, the comment: four round trips.
  job.fake.set_latency(std::chrono::milliseconds(50));
  auto const start = std::chrono::steady_clock::now();
  REQUIRE(job.run({"comment", "update", "--target=pr/7", "report.md"}).exit_code == 0);
  // One after the other these would be more than a second; tools/bench measures the round trips.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(20 * 50));
  CHECK(job.fake.requests().size() == 5);
  CHECK(job.fake.branch_files("cml-assets").size() == 42);
  job.fake.forget_requests();
  job.put("report.md", report + "more\n");
  REQUIRE(job.run({"comment", "update", "--target=pr/7", "report.md"}).exit_code == 0);
  CHECK(job.fake.writes() == 1);  // The comment.
  CHECK(job.fake.requests().size() == 4);
}

TEST_CASE("cli: without CI and token the local forge keeps comments, pictures and a preview", "[cli][local]") {
  Job job;
  job.environment.clear();
  job.put("img/a.png", kPng);
  job.put("report.md", "# R\n\n| a |\n|---|\n| ~~1~~ |\n\n![a](img/a.png)\n");
  auto const created = job.run({"comment", "create", "report.md"});
  INFO(created.err);
  REQUIRE(created.exit_code == 0);
  CHECK(created.out == "file://" + (job.folder.path / ".cml/preview.html").string() + "#comment-1\n");
  std::string const page = job.get(".cml/preview.html");
  CHECK(contains(page, "<table>"));
  CHECK(contains(page, "<del>1</del>"));
  CHECK(contains(page, "<img src=\"assets/"));
  CHECK_FALSE(contains(page, "watermark"));
  job.put("report.md", "second");
  CHECK(job.run({"comment", "update", "report.md"}).out == created.out);
  auto const stored = nlohmann::json::parse(job.get(".cml/comments/pr-1/000001.json"));
  CHECK(stored["body"] == "second" + kMark);
  CHECK(job.run({"comment", "create", "--mode=hide-and-new", "report.md"}).exit_code == 0);
  CHECK(contains(job.get(".cml/preview.html"), "marked as outdated"));
  CHECK(job.run({"comment", "create", "--target=issue/3", "report.md"}).exit_code == 0);
  CHECK(fs::exists(job.folder.path / ".cml/comments/issue-3/000003.json"));
  CHECK(job.run({"comment", "create", "--mode=delete", "report.md"}).out == "");
}

TEST_CASE("cli: version and help answer on the standard output", "[cli]") {
  Job job;
  CHECK(job.run({"--version"}).out == "0.1.0\n");
  CHECK(job.run({"--version"}, "", "cml-send-comment").out == "0.1.0\n");
  CHECK(contains(job.run({"--help"}).out, "comment create"));
  CHECK(contains(job.run({}).out, "comment create"));
  auto const help = job.run({"comment", "create", "--help"});
  CHECK(help.exit_code == 0);
  CHECK(contains(help.out, "--watermark-title"));
}

TEST_CASE("cli: a dry run asks what the real run asks, names the same target, and sends nothing", "[cli]") {
  TemporaryFolder folder;
  std::ofstream(folder.path / "report.md") << "![x](a.png)\n";
  std::ofstream(folder.path / "a.png") << kPng;
  FakeGitHub github;
  FakeGitLab gitlab;
  FakeBitbucket bitbucket;
  FakeGitea gitea;
  struct Row {
    FakeForge& fake;
    std::string driver, api, repository, destination;
  };
  std::string const sha(40, 'a');
  for (Row const& row : {Row{github, "github", "/api/v3", "o/r", "the branch cml-assets of "},
                         Row{gitlab, "gitlab", "/api/v4", "g/p", "gitlab's own uploads"},
                         Row{bitbucket, "bitbucket", "", "w/r", "bitbucket's own uploads"},
                         Row{gitea, "gitea", "/api/v1", "o/r", "the branch cml-assets of "}}) {
    INFO(row.driver);
    row.fake.add_pull_request(31, sha);
    std::map<std::string, std::string> const environment{{"REPO_TOKEN", "good-token"},
                                                         {"CML_API_URL", row.fake.url() + row.api},
                                                         {"CML_REPO", row.fake.url() + "/" + row.repository},
                                                         {"CML_DRIVER", row.driver},
                                                         {"JENKINS_URL", "x"},
                                                         {"GIT_COMMIT", sha}};
    auto const dry = run_cml({"comment", "create", "report.md", "--dry-run"}, folder.path, "", environment);
    INFO(dry.err);
    CHECK(dry.exit_code == 0);
    CHECK(contains(dry.out, "would post (new) on pull request 31 of " + row.fake.url()));
    CHECK(contains(dry.out, " to " + row.destination));
    CHECK(row.fake.bodies(PullRequestTarget{31}).empty());
    auto const real = run_cml({"comment", "create", "report.md", "--json"}, folder.path, "", environment);
    INFO(real.err);
    CHECK(nlohmann::json::parse(real.out)["target"] == "pull request 31");
    auto const removal = run_cml({"comment", "delete", "--dry-run", "--json"}, folder.path, "", environment);
    CHECK(nlohmann::json::parse(removal.out)["target"] == "pull request 31");
    CHECK(nlohmann::json::parse(removal.out)["comments"].size() == 1);
    CHECK(row.fake.bodies(PullRequestTarget{31}).size() == 1);
  }
}

TEST_CASE("cli: what a forge cannot do is said before any file is sent", "[cli][errors]") {
  TemporaryFolder folder;
  std::ofstream(folder.path / "report.md") << "![x](a.png)\n";
  std::ofstream(folder.path / "a.png") << kPng;
  FakeGitLab gitlab;
  FakeBitbucket bitbucket;
  FakeGitea gitea;
  struct Case {
    FakeForge& fake;
    std::string driver, api, repository;
    std::vector<std::string> arguments;
    std::string part;
  };
  std::string const sha(40, 'a');
  for (Case const& c :
       {Case{gitlab,
             "gitlab",
             "/api/v4",
             "/g/p",
             {"--target=pr/7", "--mode=hide-and-new"},
             "gitlab cannot hide comments"},
        Case{bitbucket, "bitbucket", "", "/w/r", {"--target=issue/7"}, "bitbucket has no comments on issues"},
        Case{gitea, "gitea", "/api/v1", "/o/r", {"--target=commit/" + sha}, "gitea has no comments on commits"},
        Case{gitea,
             "gitea",
             "/api/v1",
             "/o/r",
             {"--target=auto"},
             "no open pull request has commit aaaaaaaaaaaa, and gitea has no comments on commits"},
        Case{gitea,
             "gitea",
             "/api/v1",
             "/o/r",
             {"--target=pr/7", "--mode=update", "--rm-watermark"},
             "watermarks are mandatory"}}) {
    INFO(c.part);
    std::vector<std::string> words{"comment", "create", "report.md"};
    words.insert(words.end(), c.arguments.begin(), c.arguments.end());
    auto const run = run_cml(words, folder.path, "",
                             {{"REPO_TOKEN", "good-token"},
                              {"CML_API_URL", c.fake.url() + c.api},
                              {"CML_REPO", c.fake.url() + c.repository},
                              {"CML_DRIVER", c.driver},
                              {"JENKINS_URL", "https://ci.test"},
                              {"GIT_COMMIT", sha}});
    INFO(run.err);
    CHECK(run.exit_code == 1);
    CHECK(contains(run.err, c.part));
    CHECK(c.fake.count("POST") == 0);
  }
}

TEST_CASE("cli: where the origin is an alias or a mirror, the CI says which repository it is", "[cli][github]") {
  for (std::string const origin : {"gh:o/r", "https://mirror.example/somebody/else.git", "/srv/mirrors/r.git"}) {
    INFO(origin);
    Job job;
    GitPlace place;
    git(place.clone, {"remote", "set-url", "origin", origin});
    git(place.clone, {"config", "url." + job.fake.url() + "/.insteadOf", "gh:"});
    place.put("report.md", "text");
    place.put("event.json", R"({"pull_request":{"number":12,"head":{"sha":")" + place.head() + R"("}}})");
    auto const run = run_cml({"comment", "create", "report.md"}, place.clone, "",
                             {{"GITHUB_ACTIONS", "true"},
                              {"GITHUB_REPOSITORY", "o/r"},
                              {"GITHUB_SERVER_URL", job.fake.url()},
                              {"GITHUB_API_URL", job.fake.url() + "/api/v3"},
                              {"GITHUB_EVENT_NAME", "pull_request"},
                              {"GITHUB_EVENT_PATH", (place.clone / "event.json").string()},
                              {"GITHUB_TOKEN", "good-token"}});
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(job.fake.comments("issue 12").size() == 1);
  }
}
