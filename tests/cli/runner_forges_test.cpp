// The pipelines of the source documents as written, with the real binary: Bitbucket and Jenkins, machines on a fake
// EC2.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/text.hpp"
#include "support/fake_bitbucket_runners.hpp"
#include "support/fake_ec2.hpp"
#include "support/fake_github_runners.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

ServerResponse answer(int status, json const& body) {
  return {status, body.dump(), {{"Content-Type", "application/json"}}};
}

}  // namespace

TEST_CASE("cli: Bitbucket's pipeline with a spot machine on AWS", "[cli][runner][bitbucket]") {
  FakeBitbucketRunners forge;
  forge.online = true;
  Ec2Server ec2;
  TemporaryFolder folder;
  auto const variables = ec2.variables({{"BITBUCKET_REPO_UUID", "{repo}"},
                                        {"BITBUCKET_GIT_HTTP_ORIGIN", forge.url() + "/w/r"},
                                        {"repo_token", "dXNlcjpwYXNz"},
                                        {"CML_API_URL", forge.url() + "/2.0"},
                                        {"CML_DRIVER", "bitbucket"}});
  auto const run =
      run_cml({"runner", "launch", "--cloud=aws", "--cloud-type=m5.2xlarge", "--cloud-spot", "--labels=cml"},
              folder.path, "", variables);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  REQUIRE(ec2.ec2.living() == 1);
  CHECK(ec2.ec2.instances[0].spot);
  CHECK(ec2.ec2.instances[0].type == "m5.2xlarge");
  CHECK(forge.count(R"("labels":["self.hosted","cml"])") == 1);
  CHECK(contains(run.err, R"(\"instanceType\":\"m5.2xlarge\")"));
  auto const bad = run_cml({"runner", "launch", "--cloud=aws", "--labels=My_Label"}, folder.path, "", variables);
  CHECK(contains(bad.err, "Bitbucket allows lower-case letters, digits and dots in labels"));
  CHECK(contains(run_cml({"runner", "launch", "--reuse-idle"}, folder.path, "", variables).err,
                 "cml runner flag --reuse-idle is unsupported by bitbucket"));
}

TEST_CASE("cli: a p2.xlarge on AWS for GitHub, ended by its id", "[cli][runner]") {
  FakeGitHubRunners forge;
  Ec2Server ec2;
  TemporaryFolder folder;
  ec2.ec2.on_start = [&](FakeInstance const& instance) {
    forge.add({0, instance.tags.at("cml-id"), {"cml-gpu"}, true, false, false});
  };
  auto const variables = ec2.variables({{"REPO_TOKEN", "good-token"}});
  std::vector<std::string> const where{"--repo=" + forge.repository_url(), "--driver=github", "--cloud=aws"};
  auto const with = [&](std::vector<std::string> words) {
    return words.insert(words.end(), where.begin(), where.end()), words;
  };
  auto run = run_cml(with({"runner", "launch", "--cloud-region=us-west", "--cloud-type=p2.xlarge", "--labels=cml-gpu"}),
                     folder.path, "", variables);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  std::string const id = ec2.ec2.instances[0].tags.at("cml-id");
  CHECK(contains(run.err, R"(\"id\":\")" + id));
  forge.find(id)->busy = true;
  run = run_cml(with({"runner", "stop", id}), folder.path, "", variables);
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "is running a job; --force stops it all the same"));
  forge.settle();
  CHECK(contains(run_cml(with({"runner", "list"}), folder.path, "", variables).out,
                 id + "\tbusy\taws\tus-west-1a\tp2.xlarge\trunning"));
  forge.find(id)->busy = false;
  run = run_cml(with({"runner", "stop", id}), folder.path, "", variables);
  CHECK(run.out == id + "\n");
  CHECK(ec2.ec2.living() == 0);
  CHECK(forge.runners().empty());
  CHECK(contains(run_cml(with({"runner", "stop", id}), folder.path, "", variables).err, "no runner \"" + id + "\""));
}

TEST_CASE("cli: Bitbucket's container on this machine, and an interrupted pipeline", "[cli][runner][bitbucket]") {
  FakeBitbucketRunners forge;
  forge.pipelines[1] = {{"train", {"self.hosted", "gpu"}, ""}};
  TemporaryFolder folder;
  // A container outlives the client that started it; only "rm" ends it. Two are left of cmls that were killed, one of
  // them of another world of processes, and one whose cml serves.
  std::string const removed = (folder.path / "removed.txt").string();
  put_script(
      folder.path / "docker",
      "world=$(readlink /proc/self/ns/pid | tr -cd 0-9)\n"
      "[ \"$1\" = ps ] && { printf 'stale %s/999999999\\nserving %s/%s\\nelsewhere 1/999999999\\n' $world $world "
      "$PPID; exit 0; }\n"
      "[ \"$1\" = rm ] && { echo \"$3\" >> " +
          removed + "; exit 0; }\n" + "echo \"$@\" > " + (folder.path / "args.txt").string() +
          "\necho \"$OAUTH_CLIENT_SECRET $ACCOUNT_UUID $REPOSITORY_UUID\" > " + (folder.path / "values.txt").string() +
          "\ntrap 'exit 0' INT\necho '[2026-01-01 00:00:00,000] Updating runner status to \"ONLINE\" and "
          "checking for new steps assigned to the runner'\n"
          "echo 'Getting step StepId{accountUuid={a}, repositoryUuid={repo}, pipelineUuid={p1}, "
          "stepUuid={s1}}.'\nkill -TERM $PPID\nwhile :; do sleep 0.05; done\n");
  std::vector<std::string> const command{"runner",
                                         "launch",
                                         "--repo=" + forge.url() + "/w/r",
                                         "--token=dXNlcjpwYXNz",
                                         "--driver=bitbucket",
                                         "--api-url=" + forge.url() + "/2.0",
                                         "--labels=gpu",
                                         "--name=here",
                                         "--runner-path=" + (folder.path / "docker").string()};
  auto const run = run_cml(command, folder.path);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:{s1} terminated");
  CHECK(contains(run.err, "\"job\":\"{s1}\",\"level\":\"info\",\"message\":\"runner status\",\"pipeline\":\"{p1}\""));
  CHECK(contains(run.err, "the interrupted job runs again: pipeline {p1} as {p2}"));
  CHECK(forge.count(R"("ref_name":"main"}})") == 1);
  CHECK(forge.pipelines.size() == 2);
  CHECK(forge.runners.empty());
  CHECK(slurp(folder.path / "values.txt") == "oauth-secret {space} {repo}\n");
  CHECK_FALSE(contains(slurp(folder.path / "args.txt"), "oauth-secret"));
  CHECK(contains(slurp(folder.path / "args.txt"), " --label cml-runner="));
  CHECK(slurp(folder.path / "removed.txt") == "stale\nhere\n");
  CHECK(contains(slurp(folder.path / "args.txt"),
                 "--name here docker-public.packages.atlassian.com/sox/atlassian/bitbucket-pipelines-runner:1"));
  // The second pipeline of the commit is interrupted, too: there is no third.
  CHECK(contains(run_cml(command, folder.path).err,
                 "the interrupted job was not run again: commit aaaaaaaaaaaa of main has had 2 pipelines already"));
  CHECK(forge.pipelines.size() == 2);
}

TEST_CASE("cli: Bitbucket's container outlives its client, and ends with cml all the same",
          "[cli][runner][bitbucket]") {
  // The container works on as a process of its own, whatever becomes of the client; only "rm" ends it.
  FakeBitbucketRunners forge;
  forge.pipelines[1] = {{"train", {"self.hosted", "gpu"}, ""}};
  TemporaryFolder folder;
  put_script(folder.path / "container",
             "trap '' INT TERM\necho '[x] Updating runner status to \"ONLINE\"'\necho 'Getting step "
             "StepId{accountUuid={a}, repositoryUuid={repo}, pipelineUuid={p1}, stepUuid={s1}}.'\n"
             "for i in {1..600}; do sleep 0.1; done\n");
  std::string const pid = (folder.path / "pid").string();
  put_script(folder.path / "docker", "case $1 in\n  rm) [ ! -e " + pid + " ] || kill -KILL -- -$(cat " + pid +
                                         ") ;;\n  container)\n    setsid " + (folder.path / "container").string() +
                                         " &\n    echo $! > " + pid +
                                         "\n    trap 'exit 130' INT\n    sleep 0.5\n    kill -TERM $PPID\n    wait ;;\n"
                                         "esac\nexit 0\n");
  auto const run = run_cml({"runner", "launch", "--repo=" + forge.url() + "/w/r", "--token=dXNlcjpwYXNz",
                            "--driver=bitbucket", "--api-url=" + forge.url() + "/2.0", "--labels=gpu", "--name=here",
                            "--runner-path=" + (folder.path / "docker").string()},
                           folder.path);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started:{s1} terminated");
  std::string const container = slurp("/proc/" + std::string(trim(slurp(pid))) + "/stat");
  CHECK((container.empty() || contains(container, ") Z ")));
  CHECK(forge.runners.empty());
  CHECK(forge.pipelines.size() == 2);
}

TEST_CASE("cli: a Jenkins agent by label, with an idle time-out from Jenkins' own state and a cap",
          "[cli][runner][jenkins]") {
  std::mutex mutex;
  std::map<std::string, json> nodes;
  std::vector<std::string> calls;
  int questions = 0;
  HttpServer jenkins([&](ServerRequest const& request) -> ServerResponse {
    std::lock_guard<std::mutex> const lock(mutex);
    calls.push_back(request.method + " " + request.path);
    if (request.path == "/jenkins/jnlpJars/agent.jar") return {200, "jar", {}};
    if (request.header("authorization") != "Basic dXNlcjphcGktdG9rZW4=") return {401, "<html>", {}};
    if (request.path == "/jenkins/computer/doCreateItem") {
      std::string const form = request.body;
      json const node = json::parse(percent_decode(form.substr(5)));
      if (nodes.count(node["name"]) > 0) return {400, "<html>", {}};
      nodes[node["name"]] = node;
      return {302, "", {{"Location", "/jenkins/computer/"}}};
    }
    if (request.path == "/jenkins/computer/api/json") {
      json list = json::array(
          {{{"displayName", "built-in"}, {"offline", false}, {"idle", true}, {"assignedLabels", json::array()}}});
      for (auto const& [name, node] : nodes)
        list.push_back({{"displayName", name},
                        {"offline", false},
                        {"idle", true},
                        {"assignedLabels", json::array({{{"name", node["labelString"]}}})}});
      return answer(200, {{"computer", list}});
    }
    auto const parts = split(request.path, '/');
    if (parts.size() < 5 || nodes.count(parts[3]) == 0) return {404, "<html>", {}};
    if (parts[4] == "jenkins-agent.jnlp")
      return {200,
              "<jnlp><application-desc><argument>" + std::string(64, 'a') + "</argument></application-desc></jnlp>",
              {}};
    if (parts[4] == "doDelete")
      return nodes.erase(parts[3]), ServerResponse{302, "", {{"Location", "/jenkins/computer/"}}};
    if (parts[4] == "toggleOffline") return {302, "", {{"Location", "."}}};
    bool const busy = ++questions == 1;  // A build runs when first asked.
    return answer(200,
                  {{"displayName", parts[3]}, {"offline", false}, {"idle", !busy}, {"assignedLabels", json::array()}});
  });
  TemporaryFolder folder;
  put_script(folder.path / "bin/java",
             "echo \"$@\" > " + (folder.path / "args.txt").string() +
                 "\ntrap 'exit 0' INT\necho 'INFO: Connected'\nwhile :; do sleep 0.05; done\n");
  std::map<std::string, std::string> const variables{{"REPO_TOKEN", "user:api-token"},
                                                     {"PATH", (folder.path / "bin").string() + ":/usr/bin:/bin"}};
  std::vector<std::string> const arguments{
      "runner",       "launch",           "--driver=jenkins", "--repo=" + jenkins.url() + "/jenkins",
      "--labels=gpu", "--idle-timeout=1", "--max-agents=1",   "--name=node1"};
  auto run = run_cml(arguments, folder.path, "", variables);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started job_ended terminated");
  CHECK(nodes.empty());
  std::string const given = slurp(folder.path / "args.txt");
  CHECK(contains(given, "-url " + jenkins.url() + "/jenkins/ -secret @"));
  CHECK(contains(given, "-name node1 -webSocket -workDir"));
  CHECK_FALSE(contains(given, std::string(64, 'a')));
  nodes["other"] = {{"labelString", "gpu"}};
  run = run_cml(arguments, folder.path, "", variables);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "1 runners have these labels; --max-agents=1 leaves room for 0"));
  CHECK(nodes.size() == 1);
  run = run_cml(arguments, folder.path, "", {{"REPO_TOKEN", "user:wrong"}});
  CHECK(run.exit_code == 3);
  INFO(run.err);
  CHECK(contains(run.err, "REPO_TOKEN must be USER:API_TOKEN of Jenkins"));
}
