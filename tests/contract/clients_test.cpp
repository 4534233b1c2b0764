// The forges' own clients accept our fakes: what the fakes teach our code is what other programs know of the forges.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "base/url.hpp"
#include "platform/spawned_process.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"

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
  auto const result = process.run({.arguments = arguments, .directory = folder, .environment = {{"CONTRACT_MODULES", folder + "/package.json"}}});
  REQUIRE(result);
  return result->out + result->err;
}

// What the fakes leave out on purpose: operations that cml never calls.
bool is_foreign(std::string const& line) {
  for (char const* part : {"gist", "runner", "jitconfig", "workflow runs", "branch protection", "contents put", "commit status"})
    if (contains(line, part)) return true;
  return false;
}

}  // namespace

TEST_CASE("clients: octokit's comments, pull requests, releases and limits work against the fake GitHub", "[contract][clients]") {
  std::string const folder = contracts_folder();
  if (folder.empty()) return;
  FakeGitHub fake;
  fake.add_branch("main");
  std::string const output = run_client(folder, {folder + "/clients/github_conformance.mjs", fake.url(), "good-token", "o", "r"});
  INFO(output);
  int passed = 0;
  for (std::string const& line : split(output, '\n')) {
    if (line.substr(0, 4) == "ok  ") ++passed;
    if (line.substr(0, 4) == "FAIL") CHECK(is_foreign(line));
  }
  CHECK(passed >= 20);
}

TEST_CASE("clients: gitbeaker's and bitbucket's calls pass the gate", "[contract][clients]") {
  std::string const folder = contracts_folder();
  if (folder.empty()) return;
  FakeGitLab gitlab("ns/proj");
  FakeBitbucket bitbucket;
  auto const gitlab_gate = ContractGate::open("gitlab.openapi.json", gitlab.url());
  auto const bitbucket_gate = ContractGate::open("bitbucket.openapi.json", bitbucket.url());
  REQUIRE(gitlab_gate);
  REQUIRE(bitbucket_gate);
  std::string const output = run_client(folder, {folder + "/clients/gitlab_bitbucket_check.mjs", parse_url(gitlab_gate->url())->port, parse_url(bitbucket_gate->url())->port});
  INFO(output);
  for (char const* call : {"gl mr note create", "gl mr create", "gl mr merge", "gl upload", "bb pr comment create", "bb pr create", "bb pr merge"})
    CHECK(contains(output, call));
}
