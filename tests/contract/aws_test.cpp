// EC2 as moto emulates it, with signatures and policies checked, behind a proxy of ours that loses capacity in one
// zone; every body is held against EC2's own model. Skipped with a line where moto or the checker is not at hand.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <mutex>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "platform/curl_http.hpp"
#include "platform/group_supervisor.hpp"
#include "platform/spawned_process.hpp"
#include "support/child_process.hpp"
#include "support/fake_github_runners.hpp"
#include "support/fakes.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

struct Moto {
  // False, with a line, when it is not installed.
  bool start(std::filesystem::path const& amis) {
    SpawnedProcess process;
    auto const found = process.run({.arguments = {"moto_server", "--help"}, .timeout = std::chrono::seconds(60)});
    if (!found || found->exit_code != 0) {
      WARN("moto_server is not installed; AWS was tried against the fake in memory only");
      return false;
    }
    port = free_port();
    REQUIRE(child.start(
        {{"moto_server", "-H", "127.0.0.1", "-p", std::to_string(port)}, "", {{"MOTO_AMIS_PATH", amis.string()}}, {}}));
    for (int i = 0; i < 300; ++i)
      for (SupervisorEvent const& event : child.wait(std::chrono::milliseconds(200))) {
        if (auto const* line = std::get_if<ChildLine>(&event); line != nullptr && contains(line->text, "Running on"))
          return true;
        if (std::holds_alternative<ChildExit>(event)) FAIL("moto_server ended");
      }
    FAIL("moto_server did not start");
    return false;
  }
  std::string call(std::string const& service, std::string const& body) {
    HttpRequest request{.method = "POST",
                        .url = url() + "/",
                        .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                        .body = body};
    request.sigv4 = "aws:amz:us-east-1:" + service;
    request.credential = Secret("x:y");
    auto const answer = http.send(request);
    REQUIRE(answer);
    INFO(answer->body);
    REQUIRE(answer->status < 300);
    return answer->body;
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port); }
  FakeEnvironment environment;
  CurlHttp http{environment, "test"};
  GroupSupervisor child{""};
  int port = 0;
};

std::string between(std::string const& text, std::string const& tag) {
  auto const open = text.find("<" + tag + ">"), close = text.find("</" + tag + ">");
  REQUIRE(open != std::string::npos);
  return text.substr(open + tag.size() + 2, close - open - tag.size() - 2);
}

}  // namespace

TEST_CASE("aws contract: a launch and a sweep against moto, under the documented policy", "[contract][aws]") {
  TemporaryFolder folder;
  std::ofstream(folder.path / "amis.json")
      << R"([{"ami_id": "ami-0aaa0000000000003", "state": "available", "public": true,)"
         R"( "owner_id": "099720109477", "image_location": "x", "sriov": "simple", "root_device_type": "ebs",
              "root_device_name": "/dev/sda1", "description": "noble", "image_type": "machine",
              "platform": null, "architecture": "x86_64",
              "name": "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260101",
              "virtualization_type": "hvm", "hypervisor": "xen"}])";
  Moto moto;
  if (!moto.start(folder.path / "amis.json")) return;
  // Of the policy for people, what every launch and sweep needs.
  auto document = nlohmann::json::parse(slurp(CML_SOURCE_DIR "/docs/clouds/policies/aws.json"));
  document["Statement"] = nlohmann::json::array({document["Statement"][0]});
  std::string const policy = document.dump();
  moto.call("iam", "Action=CreateUser&Version=2010-05-08&UserName=cml");
  moto.call("iam", "Action=PutUserPolicy&Version=2010-05-08&UserName=cml&PolicyName=p&PolicyDocument=" +
                       percent_encode(policy));
  std::string const made = moto.call("iam", "Action=CreateAccessKey&Version=2010-05-08&UserName=cml");
  HttpRequest strict{.method = "POST",
                     .url = moto.url() + "/moto-api/reset-auth",
                     .headers = {{"Content-Type", "text/plain"}},
                     .body = "0"};
  REQUIRE(moto.http.send(strict)->status == 200);

  std::mutex mutex;
  std::vector<std::string> bodies;
  int refused = 0;
  FakeEnvironment environment;
  CurlHttp onward(environment, "test");
  HttpServer proxy([&](ServerRequest const& request) -> ServerResponse {
    std::lock_guard<std::mutex> const lock(mutex);
    bodies.push_back(request.body);
    if (contains(request.body, "Action=RunInstances") && refused++ == 0)
      return {500,
              "<Response><Errors><Error><Code>InsufficientInstanceCapacity</Code><Message>none in this "
              "zone</Message></Error></Errors></Response>",
              {}};
    HttpRequest copy{.method = request.method, .url = moto.url() + request.path, .body = request.body};
    for (char const* name :
         {"host", "authorization", "x-amz-date", "x-amz-security-token", "content-type", "x-amz-content-sha256"})
      if (std::string const value = request.header(name); !value.empty()) copy.headers.emplace_back(name, value);
    auto const answer = onward.send(copy);
    if (!answer) return {502, answer.error().message, {}};
    return {answer->status, answer->body, {{"Content-Type", "text/xml"}}};
  });
  FakeGitHubRunners forge;
  forge.online_at_once = true;
  std::map<std::string, std::string> variables{{"AWS_ACCESS_KEY_ID", between(made, "AccessKeyId")},
                                               {"AWS_SECRET_ACCESS_KEY", between(made, "SecretAccessKey")},
                                               {"AWS_ENDPOINT_URL", proxy.url()},
                                               {"REPO_TOKEN", "good-token"}};
  auto run = run_cml({"runner", "launch", "--repo=" + forge.repository_url(), "--driver=github", "--cloud=aws",
                      "--cloud-region=us-west", "--cloud-type=m5.2xlarge", "--cloud-spot", "--labels=cml", "--single",
                      "--name=moto", "--cloud-metadata=team=a b", "--json", "--cml-url=https://example.test/cml"},
                     folder.path, "", variables);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  auto const result = nlohmann::json::parse(run.out);
  CHECK(result[0]["instanceType"] == "m5.2xlarge");
  CHECK(contains(run.err, "no m5.2xlarge as spot in us-west-1"));
  std::string const id = result[0]["id"];
  forge.settle();
  run = run_cml({"runner", "list", "--repo=" + forge.repository_url(), "--driver=github", "--cloud=aws", "--json"},
                folder.path, "", variables);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  auto const listed = nlohmann::json::parse(run.out);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["id"] == id);
  CHECK(listed[0]["runner"] == "idle");
  CHECK(listed[0]["state"] == "running");
  // AWS's own tool sees the same.
  SpawnedProcess process;
  auto const aws = process.run(
      {.arguments = {"aws", "--endpoint-url", proxy.url(), "--region", "us-west-1", "ec2", "describe-instances",
                     "--filters", "Name=tag:cml-id,Values=" + id, "--query",
                     "Reservations[].Instances[].[InstanceLifecycle,Tags[?Key=='team'].Value|[0]]", "--output", "text"},
       .environment = {{"AWS_ACCESS_KEY_ID", variables["AWS_ACCESS_KEY_ID"]},
                       {"AWS_SECRET_ACCESS_KEY", variables["AWS_SECRET_ACCESS_KEY"]},
                       {"AWS_PAGER", ""}}});
  if (aws && aws->exit_code == 0)
    CHECK(trim(aws->out) == "spot\ta b");
  else
    WARN("no AWS CLI here: what was made was not read by it");
  run = run_cml({"runner", "stop", id, "--repo=" + forge.repository_url(), "--driver=github", "--cloud=aws",
                 "--cloud-region=us-west"},
                folder.path, "", variables);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(forge.runners().empty());
  forge.settle();
  run = run_cml({"runner", "list", "--repo=" + forge.repository_url(), "--driver=github", "--cloud=aws",
                 "--cloud-region=us-west", "--json"},
                folder.path, "", variables);
  CHECK(run.out == "[]\n");
  variables["AWS_SECRET_ACCESS_KEY"] = "wrong";
  run = run_cml({"runner", "list", "--repo=" + forge.repository_url(), "--driver=github", "--cloud=aws",
                 "--cloud-region=us-west"},
                folder.path, "", variables);
  CHECK(run.exit_code == 3);
  CHECK(contains(run.err, "check"));

  // Nothing in the policy that is not needed.
  std::string sent;
  for (std::string const& body : bodies) sent += body + "&";
  for (auto const& action : document["Statement"][0]["Action"]) {
    std::string const name = action.get<std::string>().substr(4);
    INFO(name);
    CHECK((name == "CreateTags" || contains(sent, "Action=" + name + "&")));
  }
  // EC2's model knows every parameter.
  std::string lines;
  for (std::string const& body : bodies) lines += body + "\n";
  auto const checked = process.run({.arguments = {"python3", CML_SOURCE_DIR "/tools/dev/check_ec2.py"},
                                    .environment = {{"PYTHONDONTWRITEBYTECODE", "1"}},
                                    .input = lines});
  REQUIRE(checked);
  if (checked->exit_code == 3) {
    WARN("botocore is not installed; the bodies were not held against EC2's model");
    return;
  }
  INFO(checked->out + checked->err);
  CHECK(checked->exit_code == 0);
}
