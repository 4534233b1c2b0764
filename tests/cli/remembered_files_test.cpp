// Pictures that no forge can be asked for again: the comment itself remembers them, so that those that did not change
// are not sent again.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <fstream>

#include "base/text.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct RememberingJob {
  RememberingJob(FakeForge& fake, std::string const& driver, std::string const& api_path, std::string const& repository,
                 std::string const& token)
      : environment{{"REPO_TOKEN", token},
                    {"CML_API_URL", fake.url() + api_path},
                    {"CML_REPO", fake.url() + "/" + repository},
                    {"CML_DRIVER", driver}} {}
  void put(std::string const& name, std::string_view bytes) {
    std::ofstream(folder.path / name, std::ios::binary) << bytes;
  }
  std::string picture(std::string const& name, std::string const& content) {
    put(name, "\x89PNG\r\n\x1a\n" + content);
    return "![p](" + name + ")\n";
  }
  // What the comment's update says it did.
  std::string update(std::vector<std::string> const& more = {}) {
    std::vector<std::string> arguments{"comment", "update", "--target=pr/7", "--json", "report.md"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto const run = run_cml(std::move(arguments), folder.path, "", environment);
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    warnings = run.err;
    return nlohmann::json::parse(run.out).value("action", "");
  }
  TemporaryFolder folder;
  std::map<std::string, std::string> environment;
  std::string warnings;
};

void pictures_are_sent_once(FakeForge& fake, RememberingJob& job, std::string const& upload) {
  job.put("report.md", "# R\n\n" + job.picture("a.png", "one") + job.picture("b.png", "two"));
  CHECK(job.update() == "created");
  CHECK(fake.count(upload) == 2);
  std::string const first = fake.bodies(PullRequestTarget{7}).at(0);
  CHECK(first.find("a.png)") == std::string::npos);
  fake.forget_requests();
  CHECK(job.update() == "unchanged");
  CHECK(fake.writes() == 0);
  CHECK(fake.bodies(PullRequestTarget{7}) == std::vector<std::string>{first});
  // One that changed is sent, the other keeps its address.
  job.put("report.md", "# R2\n\n" + job.picture("a.png", "one") + job.picture("b.png", "three"));
  CHECK(job.update() == "updated");
  CHECK(fake.count(upload) == 1);
  std::string const second = fake.bodies(PullRequestTarget{7}).at(0);
  auto const address = [](std::string const& body) {
    return body.substr(body.find("![p]("), body.find(")\n") - body.find("![p]("));
  };
  CHECK(address(first) == address(second));
  // What follows the report: a definition a picture, which no forge shows, then the mark.
  CHECK(contains(second, ")\n\n\n[cml-file-"));
  // Without the older comment everything is sent anew.
  fake.forget_requests();
  CHECK(job.update({"--mode=new"}) == "created");
  CHECK(fake.count(upload) == 2);
}

}  // namespace

TEST_CASE("cli: attachments of a private repository are remembered by the comment", "[cli][github][memory]") {
  FakeGitHub fake;
  fake.tokens.insert("ghp_fake");
  fake.is_private = true;
  RememberingJob job(fake, "github", "/api/v3", "o/r", "ghp_fake");
  pictures_are_sent_once(fake, job, "POST /user-attachments/assets");
  CHECK(fake.branch_files("cml-assets").empty());
}

TEST_CASE("cli: GitLab's uploads and Bitbucket's downloads are remembered by the comment",
          "[cli][gitlab][bitbucket][memory]") {
  FakeGitLab gitlab;
  RememberingJob of_gitlab(gitlab, "gitlab", "/api/v4", "g/p", "good-token");
  pictures_are_sent_once(gitlab, of_gitlab, "/uploads");
  FakeBitbucket bitbucket;
  RememberingJob of_bitbucket(bitbucket, "bitbucket", "", "w/r", "good-token");
  pictures_are_sent_once(bitbucket, of_bitbucket, "/downloads");
}

TEST_CASE("cli: only addresses that the forge gives out are believed, and only in comments of ours",
          "[cli][github][memory][security]") {
  FakeGitHub fake;
  fake.tokens.insert("ghp_fake");
  fake.is_private = true;
  RememberingJob job(fake, "github", "/api/v3", "o/r", "ghp_fake");
  job.put("report.md", job.picture("a.png", "one"));
  CHECK(job.update() == "created");
  std::string const body = fake.comments("issue 7").at(0).body;
  auto const at = body.find("[cml-file-") + 10;
  std::string const key = body.substr(at, 32);
  fake.add_comment("issue 7", "[cml-file-" + key + "]: " + fake.url() +
                                  "/user-attachments/assets/of-a-stranger\n");  // Bears no mark.
  CHECK(job.update() == "unchanged");
  for (std::string const& address : {std::string("https://elsewhere.test/a.png"), std::string("javascript:x"),
                                     fake.url() + "/user-attachments/assets/", std::string("/uploads/a.png")}) {
    INFO(address);
    fake.add_comment("issue 7", "x\n\n[cml-file-" + key + "]: " + address +
                                    "\n\n![](https://cml.dev/watermark.png \"CML watermark\")");
    fake.forget_requests();
    CHECK(job.update() == "updated");
    CHECK(fake.count("POST /user-attachments") == 1);
    CHECK_FALSE(contains(fake.comments("issue 7").back().body, address + "\n"));
  }
}

TEST_CASE("cli: where the branch is protected a person's token attaches pictures and says what found no place",
          "[cli][github][memory]") {
  FakeGitHub fake;
  fake.tokens.insert("ghp_fake");
  fake.fail(
      {"POST", "/git/", {403, R"({"message":"Resource not accessible by personal access token"})", {}}, false, 1000});
  RememberingJob job(fake, "github", "/api/v3", "o/r", "ghp_fake");
  job.put("plain.csv", "a,b\n");
  job.put("report.md", job.picture("a.png", "one") +
                           "[table](plain.csv)\n\n```vega-lite\n{\"data\":{\"values\":[{\"a\":1}]},\"mark\":\"point\","
                           "\"encoding\":{\"x\":{\"field\":\"a\"}}}\n```\n");
  CHECK(job.update() == "created");
  std::string const body = fake.comments("issue 7").at(0).body;
  INFO(body);
  CHECK(fake.count("POST /user-attachments") == 2);
  CHECK(contains(body, "[table](plain.csv)"));
  CHECK_FALSE(contains(body, "<details>"));  // The specification has no address.
  CHECK(contains(
      job.warnings,
      "2 files that attachments do not take could not be stored; the token needs `permissions: contents: write`"));
}
