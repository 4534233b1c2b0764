// GitLab's runners: the real binary, a fake gitlab-runner, and GitLab's own description between when it is at hand.
#include <catch2/catch.hpp>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "support/contract_gate.hpp"
#include "support/fake_gitlab_runners.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("gitlab runner: the new way of registering, a job by its number, and a clean end",
          "[contract][gitlab][runner]") {
  FakeGitLabRunners fake;
  auto const gate = ContractGate::open("gitlab.openapi.json", fake.server.url());
  fake.tags = !gate;
  TemporaryFolder folder;
  put_script(folder.path / "agent",
             gitlab_agent("for i in $(seq 200); do [ -e cml-gitlab-runner.toml ] || break; sleep 0.05; done\n" +
                          std::string(kGitLabJob) +
                          "{ env; cat /proc/$PPID/environ; cat *.toml; } > \"$0.seen\" 2> /dev/null\n" +
                          kGitLabJobDone + "sleep 9\n"));
  // As in the containers of CML's pipelines.
  std::map<std::string, std::string> const environment{{"CI_PROJECT_URL", fake.server.url() + "/g/p"},
                                                       {"RUNNER_LABELS", "cml,gpu"},
                                                       {"RUNNER_IDLE_TIMEOUT", "1"},
                                                       {"repo_token", "good-token"},
                                                       {"RUNNER_REPO", fake.server.url() + "/g/p"},
                                                       {"RUNNER_DRIVER", "gitlab"},
                                                       {"IN_DOCKER", "1"}};
  auto const run = run_cml({"runner", "--name=here", "--runner-path=" + (folder.path / "agent").string(),
                            "--api-url=" + (gate ? gate->url() : fake.server.url()) + "/api/v4"},
                           folder.path, "", environment);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:900 job_ended:900 terminated");
  CHECK(fake.runners.empty());
  CHECK(fake.count(R"("tag_list":["cml","gpu"])") == 1);
  std::string const arguments = slurp(folder.path / "agent.args");
  CHECK(contains(arguments, "--log-format=json run-single --config "));
  CHECK(contains(arguments, "--runner here --wait-timeout 1"));
  CHECK_FALSE(contains(arguments, "glrt-secret"));
  // Neither in its environment, which is that of its jobs, nor in a file that they can read.
  std::string const file = slurp(folder.path / "agent.toml");
  CHECK(contains(file, "[[runners]]\nname = \"here\"\n"));
  CHECK(contains(file, "token = \"glrt-secret\"\nexecutor = \"shell\"\n"));
  CHECK(slurp(folder.path / "agent.mode") == "600\n");
  CHECK_FALSE(contains(slurp(folder.path / "agent.seen"), "glrt-secret"));
  CHECK_FALSE(contains(slurp(folder.path / "agent.seen"), "good-token"));
  if (gate) CHECK(gate->violations() == "");
}

TEST_CASE("gitlab runner: where docker answers, jobs that name no image get the one that was asked for",
          "[contract][gitlab][runner]") {
  TemporaryFolder folder;
  put_script(folder.path / "agent", gitlab_agent("exit 0\n"));
  put_script(folder.path / "docker", "exit 0\n");
  auto const configured = [&](std::vector<std::string> const& more) {
    FakeGitLabRunners fake;
    std::vector<std::string> words{"runner",
                                   "launch",
                                   "--repo=" + fake.server.url() + "/g/p",
                                   "--driver=gitlab",
                                   "--token=good-token",
                                   "--runner-path=" + (folder.path / "agent").string()};
    words.insert(words.end(), more.begin(), more.end());
    auto const run = run_cml(words, folder.path, "",
                             {{"PATH", folder.path.string() + ":" + std::getenv("PATH")}, {"IN_DOCKER", ""}});
    INFO(run.err);
    return slurp(folder.path / "agent.toml");
  };
  CHECK(contains(configured({}), "executor = \"docker\""));
  CHECK(contains(configured({}), "[runners.docker]\nimage = \"docker.io/gitlab/gitlab-runner:v17.10.0\"\n"));
  CHECK(contains(configured({"--docker-image=python:3.12"}), "image = \"python:3.12\"\n"));
}

TEST_CASE("gitlab runner: an interrupted job is cancelled, waited for and retried, once",
          "[contract][gitlab][runner]") {
  FakeGitLabRunners fake;
  fake.runners_token = "registration";
  fake.new_way = false;  // An old server.
  TemporaryFolder folder;
  put_script(folder.path / "agent",
             gitlab_agent(std::string(kGitLabJob) + "kill -TERM $PPID\nwhile :; do sleep 0.05; done\n"));
  auto const launch = [&] {
    return run_cml({"runner", "launch", "--repo=" + fake.server.url() + "/g/p", "--driver=gitlab", "--token=good-token",
                    "--single", "--runner-path=" + (folder.path / "agent").string()},
                   folder.path);
  };
  auto run = launch();
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:900 terminated");
  CHECK(contains(run.err, "the interrupted job runs again: job 900 as 901"));
  CHECK(fake.count("/cancel") == 1);
  CHECK(fake.count("/retry") == 1);
  CHECK(fake.count(R"("token":"registration")") == 1);
  CHECK(fake.runners.empty());
  CHECK(contains(slurp(folder.path / "agent.args"), "--max-builds 1"));
  run = launch();
  CHECK(contains(run.err, "job 900 (train) was run again before"));
  CHECK(fake.count("/retry") == 1);
}

TEST_CASE("gitlab runner: the agent is fetched and checked", "[contract][gitlab][runner]") {
  FakeGitLabRunners fake;
  fake.agent = "#!/bin/bash\n" + gitlab_agent("exit 0\n");
  fake.sums = sha256_hex(fake.agent) + " *binaries/gitlab-runner-linux-amd64\n" + sha256_hex(fake.agent) +
              " *binaries/gitlab-runner-linux-arm64\n";
  TemporaryFolder folder;
  auto const launch = [&] {
    return run_cml({"runner", "launch", "--repo=" + fake.server.url() + "/g/p", "--driver=gitlab", "--token=good-token",
                    "--workdir=w"},
                   folder.path, "", {{"CML_GITLAB_RUNNER_URL", fake.server.url() + "/files"}, {"IN_DOCKER", "1"}});
  };
  auto run = launch();
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "runner closed with exit code 0"));
  fake.sums = replace_all(fake.sums, sha256_hex(fake.agent), std::string(64, 'a'));
  run = launch();
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "the SHA-256 is not the announced one"));
  CHECK(fake.runners.empty());
}
