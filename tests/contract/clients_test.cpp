// The forges' own clients accept our fakes: what the fakes teach our code is what other programs know of the forges.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/gitlab/gitlab.hpp"
#include "platform/spawned_process.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_github.hpp"
#include "support/fake_github_runners.hpp"
#include "support/fake_gitlab.hpp"
#include "support/forge_connection.hpp"

using namespace cml;
using namespace cml::test;

namespace {

// The contracts folder with its node modules; empty, with a WARN line, when it is not at hand.
std::string contracts_folder() {
  char const* folder = std::getenv("CML_CONTRACTS_DIR");
  if (folder != nullptr && std::filesystem::exists(std::string(folder) + "/node_modules")) return folder;
  WARN("CML_CONTRACTS_DIR names no folder with node_modules: the independent clients are not run");
  return "";
}

std::string run_client(std::string const& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "node");
  SpawnedProcess process;
  auto const result = process.run(
      {.arguments = arguments, .directory = folder, .environment = {{"CONTRACT_MODULES", folder + "/package.json"}}});
  REQUIRE(result);
  return result->out + result->err;
}

// What a run says of each check: "ok  NAME ..." or "FAIL NAME ...".
std::vector<std::string> lines_of(std::string const& output, std::string const& verdict) {
  std::vector<std::string> lines;
  for (std::string const& line : split(output, '\n'))
    if (line.substr(0, verdict.size()) == verdict) lines.push_back(std::string(trim(line.substr(verdict.size()))));
  return lines;
}

}  // namespace

TEST_CASE("clients: octokit's every call works against the fakes of GitHub", "[contract][clients]") {
  std::string const folder = contracts_folder();
  if (folder.empty()) return;
  FakeGitHub fake;
  fake.add_branch("main");
  std::string const output =
      run_client(folder, {folder + "/clients/github_conformance.mjs", fake.url(), "good-token", "o", "r"});
  INFO(output);
  // Runners are a fake of their own.
  FakeGitHubRunners runners;
  std::string const of_runners = run_client(
      folder, {folder + "/clients/github_conformance.mjs", runners.url() + "/api/v3", "good-token", "o", "r"});
  INFO(of_runners);
  auto const passed = lines_of(output, "ok"), passed_runners = lines_of(of_runners, "ok");
  CHECK(passed.size() >= 28);
  for (std::string const& failed : lines_of(output, "FAIL")) {
    INFO(failed);
    bool by_runners = false;
    for (char const* check : {"runner registration token", "runner list", "jitconfig"})
      if (failed.substr(0, std::string_view(check).size()) == check)
        for (std::string const& line : passed_runners)
          by_runners |= line.substr(0, std::string_view(check).size()) == check;
    CHECK(by_runners);
  }
}

TEST_CASE("clients: gitbeaker's and bitbucket's calls pass the gate", "[contract][clients]") {
  std::string const folder = contracts_folder();
  if (folder.empty()) return;
  FakeGitLab gitlab("ns/proj");
  FakeBitbucket bitbucket;
  // The clients' own credentials and the merge request that they speak of.
  gitlab.tokens.insert("x");
  bitbucket.logins.insert("Basic " + base64_encode("u:p"));
  for (FakeForge* fake : {static_cast<FakeForge*>(&gitlab), static_cast<FakeForge*>(&bitbucket)})
    fake->add_pull_request(1, "abc" + std::string(37, '0'));
  auto const gitlab_gate = ContractGate::open("gitlab.openapi.json", gitlab.url());
  auto const bitbucket_gate = ContractGate::open("bitbucket.openapi.json", bitbucket.url());
  REQUIRE(gitlab_gate);
  REQUIRE(bitbucket_gate);
  std::string const output =
      run_client(folder, {folder + "/clients/gitlab_bitbucket_check.mjs", parse_url(gitlab_gate->url())->port,
                          parse_url(bitbucket_gate->url())->port});
  INFO(output);
  INFO(gitlab_gate->violations() << bitbucket_gate->violations());
  auto const passed = lines_of(output, "ok   ");
  for (char const* call :
       {"gl mr note create", "gl mr note all", "gl issue note create", "gl commit MRs", "gl commit discussions",
        "gl mr create", "gl mr list", "gl mr merge", "gl upload", "bb pr comment create", "bb pr comments",
        "bb commit comment", "bb commit comments", "bb commit prs", "bb pr create", "bb pr merge"}) {
    INFO(call);
    CHECK(std::find(passed.begin(), passed.end(), call) != passed.end());
  }
}

// The trimmed description leaves the links of releases out, so this client is the second opinion on them.
TEST_CASE("clients: gitbeaker makes and reads releases with linked files as we do", "[contract][clients][release]") {
  std::string const folder = contracts_folder();
  if (folder.empty()) return;
  FakeGitLab fake;
  std::string const bytes = "\x89PNG one";
  AssetFile const file{"a.png", "image/png", bytes, sha256_hex(bytes)};
  ForgeConnection ours(make_gitlab, Repository{"http", fake.url().substr(7), "g/p"}, fake.url() + "/api/v4");
  auto const urls = ours.forge->put_on_release("plots/v1", {file});
  INFO((urls ? "" : urls.error().message));
  REQUIRE(urls);
  fake.forget_requests();
  std::string const script = R"(
    import {createRequire} from 'module';
    const {Gitlab} = await import(createRequire(process.env.CONTRACT_MODULES).resolve('@gitbeaker/rest'));
    const lab = new Gitlab({host: process.argv[1], token: 'good-token'}), project = 'g/p';
    for (const link of await lab.ReleaseLinks.all(project, 'plots/v1')) console.log('ours', link.name,
    link.link_type, link.url);
    const made = await lab.ProjectReleases.create(project, {name: 'theirs', tagName: 'theirs', ref: 'main',
    description: 'd'});
    const link = await lab.ReleaseLinks.create(project, made.tag_name, 'b.png', 'https://h.test/b.png',
    {directAssetPath: '/b.png', linkType: 'image'});
    console.log('theirs', link.name, link.link_type, (await lab.ReleaseLinks.all(project, 'theirs')).length);
  )";
  std::string const output = run_client(folder, {"--input-type=module", "-e", script, fake.url()});
  INFO(output);
  std::string const name = content_name(file);
  CHECK(contains(output, "ours " + name + " image " + fake.url() + "/api/v4/projects/g%2Fp/packages/generic/"));
  CHECK(contains(output, "theirs b.png image 1\n"));
  CHECK(fake.count("POST /projects/g%2Fp/releases/theirs/assets/links") +
            fake.count("POST /api/v4/projects/g%2Fp/releases/theirs/assets/links") ==
        1);
  // The link leads to the bytes.
  CHECK(fake.release_files() == std::map<std::string, std::string>{{name, bytes}});
}
