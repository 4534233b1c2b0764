// GitHub's runner calls with GitHub's own description between us and the fake when it is at hand.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "platform/curl_http.hpp"
#include "runner/agents/agent.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_github_runners.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

TEST_CASE("github runner contract: registering, seeing, restarting and removing keep to GitHub's description",
          "[contract][github][runner]") {
  FakeGitHubRunners fake;
  auto const gate = ContractGate::open("github.openapi.json", fake.url());
  FakeEnvironment environment;
  CurlHttp http(environment, "cml/test");
  FakeClock clock;
  auto const agent_for = [&](std::string path, std::string token = "good-token") {
    return make_agent("github", {{"http", "127.0.0.1", std::move(path)},
                                 (gate ? gate->url() : fake.url()) + "/api/v3",
                                 Secret(std::move(token)),
                                 &http,
                                 &clock})
        .value()
        .release();
  };
  for (std::string const path : {"o/r", "ORG"}) {
    std::unique_ptr<RunnerForge> const agent(agent_for(path));
    auto const single =
        agent->enroll({"one-" + path.substr(0, 1), {"cml", "gpu"}, true, {}, {}, "", true, false, "", "arm64"});
    INFO((single ? "" : single.error().message));
    REQUIRE(single);
    CHECK(single->detail("kind") == "jit");
    auto const many = agent->enroll({"many", {"cml"}, false, {}, {}, ""});
    REQUIRE(many);
    CHECK(many->secret.reveal() == "registration-1");
    // What goes to a machine comes out the same.
    auto const again = registration_from(to_text(*many));
    REQUIRE(again);
    CHECK(again->detail("downloads") == many->detail("downloads"));
    CHECK_FALSE(registration_from("{}"));
    auto const found = agent->find("one-" + path.substr(0, 1));
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->labels == std::vector<std::string>{"cml", "gpu", "self-hosted", "Linux", "ARM64"});
    CHECK(agent->unregister(**found));
    CHECK(agent->unregister(**found));  // Gone already.
  }
  std::unique_ptr<RunnerForge> const agent(agent_for("o/r"));
  for (int i = 0; i < 130; ++i) fake.add({0, "r" + std::to_string(i), {"x"}, true, i == 7, false});
  CHECK(agent->runners().value().size() == 130);
  auto const busy = agent->find("r7");
  REQUIRE(busy.value());
  CHECK(agent->unregister(**busy).error().kind == ErrorKind::Conflict);
  fake.runs[55] = {};
  fake.runs[55].runner_name = "r7";
  fake.runs[55].stubborn = true;
  fake.runs[55].conclusion = "failure";  // GitHub sends null meanwhile; its description does not allow it.
  auto const lost = agent->lost_job("r7");
  INFO((lost ? "" : lost.error().message) << (gate ? gate->violations() : ""));
  REQUIRE(lost);
  REQUIRE(*lost);
  CHECK((*lost)->pipeline == "55");
  CHECK_FALSE(agent->lost_job("r8").value());
  CHECK(agent->restart(**lost)->what == "run 55 of o/r");
  CHECK(fake.count("/runs/55/force-cancel") == 1);  // It did not end within a minute of politeness.
  CHECK(agent->restart(**lost).error().kind == ErrorKind::Conflict);
  fake.settle();
  CHECK_FALSE(agent->lost_job("r7").value());

  // A run that is over keeps what became of its job: one whose runner went away, one that failed, one that somebody
  // cancelled.
  auto const over = [&](std::string const& conclusion, std::string const& runner, std::string const& annotation) {
    FakeRun run;
    run.status = "completed";
    run.conclusion = conclusion;
    run.runner_name = runner;
    run.annotation = annotation;
    return run;
  };
  fake.runs.clear();
  fake.runs[61] =
      over("failure", "r9",
           "The runner has received a shutdown signal. This can happen when the runner service is stopped.");
  fake.runs[62] = over("failure", "r9", "Process completed with exit code 1.");
  fake.runs[63] = over("cancelled", "r9", "The operation was canceled.");
  fake.runs[64] = over("failure", "r9", "The self-hosted runner lost communication with the server.");
  fake.runs[64].attempt = 2;
  fake.runs[65] = over("failure", "other", "The self-hosted runner lost communication with the server.");
  fake.runs[66] = fake.runs[61];
  fake.runs[66].created_at = iso_time(clock.now() - std::chrono::hours(9 * 24));  // Long ago.
  fake.settle();
  auto const interrupted = agent->interrupted_jobs([](std::string const& name) { return name == "r9"; });
  INFO((interrupted ? "" : interrupted.error().message) << (gate ? gate->violations() : ""));
  REQUIRE(interrupted);
  REQUIRE(interrupted->size() == 1);
  CHECK((*interrupted)[0] == Job{"610", "61", "o/r", "r9", ""});
  CHECK(agent->lost_job("r9").value()->pipeline == "61");
  std::unique_ptr<RunnerForge> const organisation(agent_for("ORG"));
  if (!gate)
    CHECK(organisation->lost_job("r9").value() ==
          Job{"610", "61", "o/r", "r9", ""});  // The fake's list of repositories is too short for the gate.
  fake.runs.erase(61);
  fake.settle();
  CHECK_FALSE(agent->lost_job("r9").value());
  std::unique_ptr<RunnerForge> const stranger(agent_for("o/r", "wrong"));
  auto const refused = stranger->enroll({"x", {"cml"}, true, {}, {}, ""});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Unauthorized);
  if (gate) CHECK(gate->violations() == "");
}
