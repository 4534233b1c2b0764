#include <catch2/catch.hpp>

#include <algorithm>

#include "cloud/catalogue.hpp"
#include "runner/machine_id.hpp"
#include "runner/sweep.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

TEST_CASE("runner id: says who made it and when, and nothing else passes for one", "[runner][id]") {
  FakeRandom random;
  Time const now = Time() + seconds(1'790'000'123);
  std::string const id = make_id("My Runner_№1 with a name far too long for a machine", "gcp", now, random);
  CHECK(id.substr(0, 4 + 26) == "cml-my-runner-1-with-a-name-fa");
  CHECK(id.size() <= 50);
  CHECK(time_of_id(id) == now);
  for (std::string const cloud : {"aws", "azure", "gcp", "kubernetes"})
    CHECK(cloud_of_id(make_id("a-b", cloud, now, random)) == cloud);
  CHECK(make_id("a", "aws", now, random) != make_id("a", "aws", now, random));
  CHECK(time_of_id(make_id("", "aws", now, random)) == now);
  CHECK(time_of_id(make_id("---", "aws", now, random)) == now);
  for (std::string const name :
       {"", "cml-", "cml-x", "gpu-box", "cml-training-machine-of-the-team", "cml-a-12345678-12345678"}) {
    INFO(name);
    CHECK_FALSE(time_of_id(name));
    CHECK(cloud_of_id(name) == "");
  }
  std::string changed = id;
  changed[5] = 'z';
  CHECK_FALSE(time_of_id(changed));
}

TEST_CASE("gc: what goes and what stays", "[runner][gc]") {
  FakeRandom random;
  Time const now = Time() + std::chrono::hours(500000);
  struct Case {
    std::string name;
    std::string machine;  // State; empty: there is none.
    int age_minutes;
    int expires_in_minutes;  // 0: never.
    std::string runner;      // online, busy, offline, offline-busy; empty: none.
    bool forge = true, cloud = true;
    std::string verdict;  // Empty: it stays.
    bool restart = false;
    std::string serves = "https://github.com/o/r";
  };
  std::vector<Case> const cases{
      {"serves", "running", 600, 60, "online", true, true, "", false},
      {"works", "running", 600, 60, "busy", true, true, "", false},
      {"is coming up", "running", 20, 60, "", true, true, "", false},
      {"is registered and coming up", "pending", 5, 60, "offline", true, true, "", false},
      {"past its limit", "running", 600, -1, "online", true, true, "past its limit", false},
      {"past its limit with a job", "running", 600, -1, "busy", true, true, "past its limit", true},
      {"past its limit and the forge was not asked", "running", 600, -1, "", false, true, "past its limit", false},
      {"never came up", "running", 40, 600, "", true, true, "it has no runner", false},
      {"its agent is gone, perhaps with a job", "running", 40, 600, "offline", true, true, "its runner is offline",
       true},
      {"serves another repository", "running", 600, 60, "", true, true, "", false, "https://github.com/o/other"},
      {"serves somebody that nobody knows", "running", 600, 60, "", true, true, "", false, ""},
      {"serves this one, written otherwise", "running", 600, 60, "", true, true, "it has no runner", false,
       "https://GitHub.com/O/r"},
      {"serves another repository, past its limit", "running", 600, -1, "", true, true, "past its limit", false,
       "https://github.com/o/other"},
      {"served another repository", "stopped", 600, 60, "", true, true, "stopped", false, "https://github.com/o/other"},
      {"cut off with a job", "running", 40, 600, "offline-busy", true, true, "", false},
      {"the forge was not asked", "running", 40, 600, "", false, true, "", false},
      {"stopped by a spot market", "stopped", 40, 600, "offline-busy", true, true, "stopped", true},
      {"a key pair alone", "stray", 40, 0, "", true, true, "left over", false},
      {"a key pair of a launch under way", "stray", 1, 0, "", true, true, "", false},
      {"a registration without a machine", "", 40, 0, "offline", true, true, "its machine is gone", true},
      {"the same, with a job", "", 40, 0, "offline-busy", true, true, "its machine is gone", true},
      {"a registration that was just made", "", 1, 0, "offline", true, true, "", false},
      {"it serves from somewhere else", "", 40, 0, "online", true, true, "", false},
      {"not all of its cloud was looked at", "", 40, 0, "offline", true, false, "", false},
  };
  for (Case const& item : cases) {
    INFO(item.name);
    Time const born = now - std::chrono::minutes(item.age_minutes);
    std::string const id = make_id("t", "aws", born, random);
    std::vector<cloud::Machine> machines;
    std::vector<RunnerSeen> runners;
    if (!item.machine.empty()) {
      cloud::Machine machine;
      machine.id = id;
      machine.cloud = "aws";
      machine.state = item.machine;
      machine.repository = item.serves;
      if (item.machine != "stray") machine.launched_at = born;
      if (item.expires_in_minutes != 0) machine.expires_at = now + std::chrono::minutes(item.expires_in_minutes);
      machines.push_back(machine);
    }
    bool const online = item.runner == "online" || item.runner == "busy";
    if (!item.runner.empty())
      runners.push_back(
          {"1", id, online, item.runner == "busy" || item.runner == "offline-busy" ? Work::Busy : Work::Idle, {}});
    runners.push_back({"2", "somebody-elses", false, Work::Idle, {}});
    for (std::string const other :
         {"training-job", "cml-nightly",
          id.c_str()}) {  // Of others, though they bear our label; the last is a copy in another cloud.
      cloud::Machine machine;
      machine.id = other;
      machine.cloud = "kubernetes";
      machine.state = "stopped";
      machines.push_back(machine);
    }
    auto const sights = match(machines, runners);
    REQUIRE(sights.size() == 1);
    SweepRules rules;
    rules.knows_runners = item.forge;
    rules.repository = "https://github.com/o/r";
    rules.whole_clouds = item.cloud ? std::vector<std::string>{"gcp", "aws"} : std::vector<std::string>{"gcp"};
    Verdict const verdict = judge(sights[0], rules, now);
    CHECK((verdict.what == Verdict::What::Remove) == !item.verdict.empty());
    if (!item.verdict.empty()) CHECK(verdict.why.substr(0, item.verdict.size()) == item.verdict);
    CHECK(verdict.restart_job == item.restart);
  }
}

TEST_CASE("runner labels: the architecture that jobs ask for, by the clouds' names of machines", "[runner]") {
  struct Case {
    std::string cloud, type, architecture;
  };
  for (Case const& item : std::vector<Case>{{"aws", "m", "x64"},
                                            {"aws", "m5.2xlarge", "x64"},
                                            {"aws", "g4dn.xlarge", "x64"},
                                            {"aws", "m7g.large", "arm64"},
                                            {"aws", "g5g.xlarge", "arm64"},
                                            {"aws", "c7gn.xlarge", "arm64"},
                                            {"gcp", "n2-standard-8", "x64"},
                                            {"gcp", "c4a-standard-8", "arm64"},
                                            {"azure", "Standard_D8s_v5", "x64"},
                                            {"azure", "Standard_D8ps_v5", "arm64"},
                                            {"azure", "Standard_NC4as_T4_v3", "x64"},
                                            {"kubernetes", "8-32000", "x64"}}) {
    INFO(item.cloud << " " << item.type);
    CHECK(cloud::architecture_of(item.cloud, item.type) == item.architecture);
  }
}

TEST_CASE("runner labels: compared as each forge compares them", "[runner]") {
  FakeClock clock;
  FakeHttp http;
  auto const serves = [&](std::string const& forge, std::string const& has, std::string const& wanted) {
    AgentSetup const setup{{"https", "ci.example.test", "o/r"}, "", Secret("token-of-ours"), &http, &clock};
    return make_agent(forge, setup).value()->serves(has, wanted);
  };
  for (std::string const forge : {"github", "gitlab", "gitea", "bitbucket", "jenkins"}) {
    INFO(forge);
    CHECK(serves(forge, "gpu", "gpu"));
    CHECK_FALSE(serves(forge, "gpu", "cpu"));
    CHECK(serves(forge, "gpu", "GPU") == (forge == "github"));
    CHECK(serves(forge, "gpu", "gpu:docker://node:20") == (forge == "gitea"));
  }
}

TEST_CASE("runner environment: every variable in which a token is looked for is hidden from agents", "[runner]") {
  FakeEnvironment const environment(
      {{"CML_RUNNER_TOKEN", "x"}, {"CML_LOG", "debug"}, {"_CML_RUNNER_SENSITIVE_ENV", "SECRET_KEY:OTHER"}});
  auto const hidden = hidden_variables(environment);
  auto const hides = [&](std::string const& name) {
    return std::find(hidden.begin(), hidden.end(), name) != hidden.end();
  };
  for (std::string const name :
       {"REPO_TOKEN", "repo_token", "GITHUB_TOKEN", "GITLAB_TOKEN", "BITBUCKET_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN",
        "JENKINS_TOKEN", "CML_RUNNER_TOKEN", "SECRET_KEY", "OTHER"})
    CHECK(hides(name));
  CHECK_FALSE(hides("CML_LOG"));
  CHECK_FALSE(hides("PATH"));
}
