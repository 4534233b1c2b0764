// The pipelines of CML's users as they wrote them, with the real binary against fakes. Those for Bitbucket, Jenkins and
// GitHub's p2.xlarge are in runner_forges_test.cpp.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_ec2.hpp"
#include "support/fake_github_runners.hpp"
#include "support/fake_gitlab_runners.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

using Variables = std::map<std::string, std::string>;

// What a job of GitHub's and of GitLab's own CI finds in its environment.
Variables github_job(FakeGitHubRunners const& forge, Variables more) {
  more.insert({{"GITHUB_ACTIONS", "true"},
               {"GITHUB_SERVER_URL", forge.url()},
               {"GITHUB_REPOSITORY", "o/r"},
               {"GITHUB_API_URL", forge.url() + "/api/v3"},
               {"REPO_TOKEN", "good-token"}});
  return more;
}
Variables gitlab_job(FakeGitLabRunners const& forge, Variables more) {
  more.insert({{"GITLAB_CI", "true"},
               {"CI_SERVER_URL", forge.server.url()},
               {"CI_PROJECT_URL", forge.server.url() + "/g/p"},
               {"CI_PROJECT_PATH", "g/p"},
               {"CI_API_V4_URL", forge.server.url() + "/api/v4"},
               {"REPO_TOKEN", "good-token"}});
  return more;
}

// docker run -d --gpus all -e RUNNER_IDLE_TIMEOUT=... -e RUNNER_LABELS=cml,gpu -e RUNNER_REPO=$repo -e
// repo_token=$token iterativeai/cml:...
Variables docker_run(std::string const& repository, std::string const& driver, Variables more = {}) {
  more.insert({{"RUNNER_IDLE_TIMEOUT", "1"},
               {"RUNNER_LABELS", "cml,gpu"},
               {"RUNNER_REPO", repository},
               {"repo_token", "good-token"},
               {"RUNNER_DRIVER", driver},
               {"IN_DOCKER", "1"}});
  return more;
}

}  // namespace

TEST_CASE("cli pipelines: docker run with labels and idle time-out, on GitHub", "[cli][runner][pipelines]") {
  FakeGitHubRunners forge;
  TemporaryFolder folder;
  put_script(folder.path / "agent/config.sh", "echo \"$@\" > config.txt\nexit 0\n");
  put_script(folder.path / "agent/run.sh",
             fake_agent_teller(forge.port()) +
                 "bye() { tell offline docker; exit 0; }\ntrap bye INT\ntell online docker cml,gpu\necho 'Listening "
                 "for Jobs'\nwhile :; do sleep 0.05; done\n");
  auto const run =
      run_cml({}, folder.path, "",
              docker_run(forge.repository_url(), "github",
                         {{"CML_RUNNER_NAME", "docker"}, {"CML_RUNNER_RUNNER_PATH", (folder.path / "agent").string()}}),
              "cml-runner");
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready terminated");
  CHECK(runner_statuses(run.err).back()["reason"] == "timeout:1");
  CHECK(contains(slurp(folder.path / "agent/config.txt"), "--name docker --labels cml,gpu"));
  CHECK(forge.runners().empty());
}

TEST_CASE("cli pipelines: docker run with labels and idle time-out, on GitLab", "[cli][runner][pipelines]") {
  FakeGitLabRunners forge;
  forge.agent =
      "#!/bin/bash\n" + gitlab_agent(std::string(kGitLabJob) + kGitLabJobDone + "while :; do sleep 0.05; done\n");
  forge.sums = sha256_hex(forge.agent) + " *binaries/gitlab-runner-linux-amd64\n" + sha256_hex(forge.agent) +
               " *binaries/gitlab-runner-linux-arm64\n";
  TemporaryFolder folder;
  auto const run = run_cml(
      {}, folder.path, "",
      docker_run(forge.server.url() + "/g/p", "gitlab", {{"CML_GITLAB_RUNNER_URL", forge.server.url() + "/files"}}),
      "cml-runner");
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:900 job_ended:900 terminated");
  CHECK(runner_statuses(run.err).back()["reason"] == "timeout:1");
  CHECK(forge.count(R"("tag_list":["cml","gpu"])") == 1);
  CHECK(forge.runners.empty());
}

TEST_CASE("cli pipelines: a p2.xlarge on AWS, in a job of GitHub and in one of GitLab", "[cli][runner][pipelines]") {
  // - cml runner launch --cloud=aws --cloud-region=us-west --cloud-type=p2.xlarge --labels=cml-gpu
  std::vector<std::string> const command{
      "runner", "launch", "--cloud=aws", "--cloud-region=us-west", "--cloud-type=p2.xlarge", "--labels=cml-gpu"};
  for (std::string const forge_name : {"github", "gitlab"}) {
    INFO(forge_name);
    FakeGitHubRunners github;
    FakeGitLabRunners gitlab;
    Ec2Server ec2;
    TemporaryFolder folder;
    ec2.ec2.on_start = [&](FakeInstance const& instance) {
      github.add({0, instance.tags.at("cml-id"), {"cml-gpu"}, true, false, false});
    };
    auto const run = run_cml(command, folder.path, "",
                             ec2.variables(forge_name == "github" ? github_job(github, {}) : gitlab_job(gitlab, {})));
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    REQUIRE(ec2.ec2.living() == 1);
    FakeInstance const& machine = ec2.ec2.instances[0];
    CHECK(machine.type == "p2.xlarge");
    CHECK(machine.region == "us-west-1");
    CHECK_FALSE(machine.spot);
    CHECK(contains(run.err, "\\\"driver\\\":\\\"" + forge_name + "\\\""));
    CHECK(contains(run.err, "the runner " + machine.tags.at("cml-id") + " is online"));
    if (forge_name == "gitlab") CHECK(gitlab.count(R"("tag_list":["cml-gpu"])") == 1);
    std::string const boot = boot_script_of(machine);
    CHECK(contains(boot, "driver='" + forge_name + "'"));
    CHECK(contains(boot, forge_name == "github" ? "registration-1" : "glrt-secret"));
    CHECK(contains(boot, forge_name == "github" ? github.repository_url() : gitlab.server.url() + "/api/v4/runners"));
    CHECK_FALSE(contains(boot, "good-token"));
    CHECK_FALSE(contains(boot, "SECRET"));
  }
}

TEST_CASE("cli pipelines: on-premise with --repo, --token, --labels and --idle-timeout=180",
          "[cli][runner][pipelines]") {
  FakeGitHubRunners forge;
  TemporaryFolder folder;
  put_script(folder.path / "agent/config.sh", "echo \"$@\" > config.txt\nexit 0\n");
  // Three minutes are not waited for here: the machine's administrator stops it.
  put_script(folder.path / "agent/run.sh",
             fake_agent_teller(forge.port()) +
                 "bye() { tell offline local; exit 0; }\ntrap bye INT\ntell online local local,runner\necho 'Listening "
                 "for Jobs'\nkill -TERM $PPID\nwhile :; do sleep 0.05; done\n");
  auto const run = run_cml({"runner", "--repo=" + forge.repository_url(), "--token=good-token", "--labels=local,runner",
                            "--idle-timeout=180"},
                           folder.path, "",
                           {{"CML_DRIVER", "github"},
                            {"CML_RUNNER_NAME", "local"},
                            {"CML_RUNNER_RUNNER_PATH", (folder.path / "agent").string()}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready terminated");
  CHECK(contains(run.err, "with the labels local,runner, idle time-out 3 min"));
  CHECK(contains(slurp(folder.path / "agent/config.txt"), "--labels local,runner"));
  CHECK(forge.runners().empty());
}

TEST_CASE("cli pipelines: one job on Kubernetes, by size and node selector, on GitHub and GitLab",
          "[cli][runner][pipelines]") {
  std::vector<std::string> const command{"runner",
                                         "--labels=cml-runner",
                                         "--cloud=kubernetes",
                                         "--cloud-type=1-2000",
                                         "--cloud-kubernetes-node-selector=gpu=true",
                                         "--single"};
  for (std::string const forge_name : {"github", "gitlab"}) {
    INFO(forge_name);
    FakeGitHubRunners github;
    FakeGitLabRunners gitlab;
    FakeCluster cluster;
    cluster.created = [] { return iso_time(std::chrono::system_clock::now()); };
    cluster.on_start = [&](std::string const&) { github.bring_online(1); };
    TemporaryFolder folder;
    Variables const access{{"KUBERNETES_CONFIGURATION", kubeconfig(cluster.server.url(), "{token: cluster}")}};
    auto const run = run_cml(command, folder.path, "",
                             forge_name == "github" ? github_job(github, access) : gitlab_job(gitlab, access));
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    REQUIRE(cluster.jobs.size() == 1);
    json const pod = cluster.jobs.begin()->second["spec"]["template"]["spec"];
    CHECK(pod["nodeSelector"] == json{{"gpu", "true"}});
    CHECK(pod["containers"][0]["resources"]["limits"]["cpu"] == "1");
    CHECK(pod["containers"][0]["resources"]["limits"]["memory"] == "2000M");
    CHECK(contains(pod["containers"][0]["command"][2].get<std::string>(), "single=yes"));
    CHECK(contains(run.err, "\\\"kubernetesNodeSelector\\\":{\\\"gpu\\\":\\\"true\\\"}"));
    if (forge_name == "github") CHECK(github.count("generate-jitconfig") == 1);
    CHECK_FALSE(contains(cluster.jobs.begin()->second.dump() + cluster.secrets.begin()->second.dump(), "good-token"));
  }
}
