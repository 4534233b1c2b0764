// Faults that users of this and of rival tools reported, one test each, where no other suite is about their kind.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_github.hpp"
#include "support/git_repository.hpp"
#include "support/http_server.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

struct GitHubJob {
  GitHubJob() {
    environment = {{"REPO_TOKEN", "good-token"},
                   {"CML_API_URL", fake.url() + "/api/v3"},
                   {"CML_REPO", fake.url() + "/o/r"},
                   {"CML_DRIVER", "github"}};
  }
  CmlRun run(std::vector<std::string> arguments, std::string program = "cml") {
    return run_cml(std::move(arguments), place.clone, "", environment, std::move(program));
  }
  FakeGitHub fake;
  GitPlace place;
  std::map<std::string, std::string> environment;
};

}  // namespace

TEST_CASE("reported: a step summary beyond 1 MiB is cut and that is said, since Actions drops longer ones",
          "[cli][github]") {
  GitHubJob job;
  std::string report;
  while (report.size() < 2u << 20) report += "a line of the report\n\n";
  job.place.put("report.md", report);
  auto const summary = job.place.folder.path / "summary.md";
  std::ofstream(summary) << "what an earlier step wrote\n";
  job.environment["GITHUB_STEP_SUMMARY"] = summary.string();
  auto const run = job.run({"comment", "create", "--target=pr/7", "--step-summary", "report.md"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "the step summary takes 1 MiB"));
  CHECK(fs::file_size(summary) <= 1u << 20);
  CHECK(fs::file_size(summary) > 500'000);
  std::stringstream text;
  text << std::ifstream(summary).rdbuf();
  CHECK(text.str().starts_with("what an earlier step wrote\n"));
}

TEST_CASE("reported: a pull request's body beyond what the forge takes is cut before anything is pushed", "[cli][pr]") {
  GitHubJob job;
  job.place.put("new.txt", "new\n");
  auto const run = job.run({"pr", "create", "--body=" + std::string(70'000, 'x'), "new.txt"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  REQUIRE(job.fake.pulls().size() == 1);
  CHECK(job.fake.pulls()[0].body.size() <= 65'536);
  CHECK(job.fake.pulls()[0].body.size() > 60'000);
  CHECK(contains(run.err, "cut"));
}

TEST_CASE("reported: --commit-sha=HEAD on the checkout of a merge means the event's pull request", "[cli][github]") {
  GitHubJob job;
  std::string const base = job.place.head();
  git(job.place.clone, {"checkout", "-q", "-b", "topic"});
  job.place.put("topic.txt", "topic\n");
  git(job.place.clone, {"add", "topic.txt"});
  git(job.place.clone, {"commit", "-q", "-m", "topic"});
  std::string const head = job.place.head();
  git(job.place.clone, {"checkout", "-q", "--detach", base});
  git(job.place.clone, {"merge", "-q", "--no-ff", "-m", "merge", head});
  job.fake.add_pull_request(7, head);
  job.place.put("report.md", "text");
  auto const event = job.place.folder.path / "event.json";
  std::ofstream(event) << R"({"pull_request":{"number":7,"head":{"sha":")" << head << R"("}}})";
  job.environment["GITHUB_ACTIONS"] = "true";
  job.environment["GITHUB_REPOSITORY"] = "o/r";
  job.environment["GITHUB_SERVER_URL"] = job.fake.url();
  job.environment["GITHUB_EVENT_NAME"] = "pull_request";
  job.environment["GITHUB_EVENT_PATH"] = event.string();
  job.environment["GITHUB_SHA"] = job.place.head();
  job.environment["GITHUB_REF"] = "refs/pull/7/merge";
  auto const run = job.run({"--commit-sha=HEAD", "--pr", "--update", "report.md"}, "cml-send-comment");
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(job.fake.comments("issue 7").size() == 1);
}

TEST_CASE("reported: an upload server that refuses is named, not the forge's permissions", "[cli][github]") {
  HttpServer uploads([](ServerRequest const&) { return ServerResponse{403, "{\"message\":\"no quota\"}", {}}; });
  GitHubJob job;
  job.place.put("a.png", "\x89PNG\r\n\x1a\n-picture");
  job.place.put("report.md", "![a](a.png)\n");
  auto const run = job.run({"comment", "create", "--target=pr/7", "--publish-url=" + uploads.url(), "report.md"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  REQUIRE(job.fake.comments("issue 7").size() == 1);
  std::string const body = job.fake.comments("issue 7")[0].body;
  INFO(body);
  CHECK(contains(body, "127.0.0.1"));
  CHECK_FALSE(contains(body, "contents: write"));
}

TEST_CASE("reported: a user's token of an App may attach pictures in a private repository", "[cli][github]") {
  GitHubJob job;
  job.fake.tokens.insert("ghu_0123456789abcdef");
  job.fake.is_private = true;
  job.environment["REPO_TOKEN"] = "ghu_0123456789abcdef";
  job.place.put("a.png", "\x89PNG\r\n\x1a\n-picture");
  job.place.put("report.md", "![a](a.png)\n");
  auto const run = job.run({"comment", "create", "--target=pr/7", "report.md"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  REQUIRE(job.fake.comments("issue 7").size() == 1);
  CHECK(contains(job.fake.comments("issue 7")[0].body, "/user-attachments/assets/"));
}

TEST_CASE("reported: a limit on the size of files is an error of writing, and leaves no partial file",
          "[cli][security]") {
  GitPlace place;
  place.put("bar.json", R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","mark":"bar",)"
                        R"("data":{"values":[{"a":1}]},"encoding":{"x":{"field":"a","type":"quantitative"}}})");
  ProcessRequest request;
  request.directory = place.clone;
  char const* binary = std::getenv("CML_BINARY");
  REQUIRE(binary != nullptr);
  request.arguments = {"sh", "-c",
                       "ulimit -f 1; exec '" + std::string(binary) + "' vega-render -s 4 bar.json -o bar.png"};
  SpawnedProcess process;
  auto const run = process.run(request);
  REQUIRE(run);
  INFO(run->err);
  CHECK(run->exit_code == 5);
  CHECK(contains(run->err, "bar.png"));
  CHECK_FALSE(fs::exists(place.clone / "bar.png"));
}

// What root may look at tells nothing, so the program runs as somebody else: the kernel then gives the files below
// /proc of a process that must not be looked at to root.
TEST_CASE("reported: another process of the same user cannot read the memory and environment of cml",
          "[cli][security]") {
  char const* binary = std::getenv("CML_BINARY");
  REQUIRE(binary != nullptr);
  if (std::string_view(binary).find("asan") != std::string_view::npos) return;  // Its leak checker looks at us.
  ProcessRequest request;
  TemporaryFolder folder;
  fs::permissions(folder.path, fs::perms::all);
  request.directory = folder.path;
  request.arguments = {"sh", "-c",
                       "mkfifo pipe && chmod 666 pipe && cp '" + std::string(binary) + R"x(' cml && chmod 755 cml
if [ "$(id -u)" = 0 ]; then as='setpriv --reuid=65534 --clear-groups'; else as=; fi
$as ./cml vega-render - <pipe >/dev/null 2>&1 &
exec 3>pipe
owner=
n=0
while [ $n -lt 200000 ]; do
  owner=$(stat -c %u /proc/$!/environ 2>/dev/null)
  [ "$owner" = 0 ] && [ "$(readlink /proc/$!/exe)" = "$PWD/cml" ] && break
  n=$((n + 1))
done
exec 3>&-
wait
echo "$owner")x"};
  SpawnedProcess process;
  auto const run = process.run(request);
  REQUIRE(run);
  INFO(run->err);
  CHECK(trim(run->out) == "0");
}
