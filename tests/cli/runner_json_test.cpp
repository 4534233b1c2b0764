// --json of the runner commands: what docs/schemas says, on a cloud and on this machine.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

#include "base/text.hpp"
#include "support/fake_ec2.hpp"
#include "support/fake_github_runners.hpp"
#include "support/json_schema.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

TEST_CASE("cli: --json of the runner commands prints what their schemas say", "[cli][json][runner]") {
  FakeGitHubRunners forge;
  Ec2Server ec2;
  TemporaryFolder folder;
  auto const printed = [&](std::string const& verb, std::vector<std::string> const& more) {
    std::vector<std::string> words{
        "runner", verb, "--json", "--repo=" + forge.repository_url(), "--driver=github", "--token=good-token"};
    words.insert(words.end(), more.begin(), more.end());
    auto const run = run_cml(words, folder.path, "", ec2.variables({}));
    INFO(Catch::Detail::stringify(words) << "\n" << run.out << run.err);
    CHECK(run.exit_code == 0);
    CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 1);
    json const value = json::parse(run.out, nullptr, false);
    REQUIRE_FALSE(value.is_discarded());
    std::ifstream file(CML_SOURCE_DIR "/docs/schemas/runner-" + verb + ".json");
    REQUIRE(file);
    CHECK(violations(json::parse(file), value) == std::vector<std::string>{});
    return value;
  };
  std::vector<std::string> const cloud{"--cloud=aws", "--cloud-region=us-west", "--labels=gpu", "--no-wait"};
  auto const with = [](std::vector<std::string> words, std::vector<std::string> const& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  CHECK(printed("launch", {"--dry-run"})["dry_run"] == true);
  CHECK(printed("launch", with(cloud, {"--dry-run"}))["plans"][0]["steps"].size() > 1);
  CHECK(printed("list", {"--cloud=aws"}).empty());
  json const made = printed("launch", with(cloud, {"--count=2"}));
  REQUIRE(made.size() == 2);
  std::string const id = made[0]["id"];
  CHECK(printed("list", {"--cloud=aws"}).size() == 2);
  CHECK(printed("logs", {id, "--cloud-region=us-west"})["id"] == id);
  CHECK(printed("stop", {id, "--cloud=aws", "--dry-run"})[0]["dry_run"] == true);
  CHECK(printed("stop", {id, "--cloud=aws"})[0]["id"] == id);
  CHECK(printed("gc", {"--cloud=aws", "--older-than=9999h"}).empty());
  CHECK(printed("gc", {"--cloud=aws", "--older-than=0", "--dry-run"})[0]["why"].is_string());
  CHECK(printed("gc", {"--cloud=aws", "--older-than=0", "--second-look=0"})[0]["why"].is_string());
  CHECK(printed("launch", with(cloud, {"--max-agents=0"})).is_array());
}
