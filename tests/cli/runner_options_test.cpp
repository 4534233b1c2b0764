// Every option of CML's runner launch in each of its spellings, up to the request that EC2 gets and the words that the
// machine runs.
#include <catch2/catch.hpp>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_ec2.hpp"
#include "support/fake_github_runners.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

using Options = std::vector<std::pair<std::string, std::vector<std::string>>>;  // Lists have several values.

std::string camel_case(std::string const& name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '-')
      text.push_back(name[i]);
    else
      text.push_back(static_cast<char>(name[++i] - 'a' + 'A'));
  }
  return text;
}

struct Made {
  std::map<std::string, std::string> parameters;  // Of RunInstances, without what differs from launch to launch.
  std::string boot, log;
  int exit_code = 0;
};

struct Launches {
  Made operator()(std::vector<std::string> words, std::map<std::string, std::string> environment) {
    words.insert(words.begin(), {"runner", "launch"});
    environment.insert({{"REPO_TOKEN", "good-token"}});
    auto const run = run_cml(words, folder.path, "", ec2.variables(environment));
    INFO(run.err);
    CHECK(run.exit_code == 0);
    Made made{{}, "", run.err, run.exit_code};
    if (ec2.ec2.instances.empty()) return made;
    FakeInstance const instance = ec2.ec2.instances.back();
    std::string const id = instance.tags.at("cml-id");
    for (auto const& [name, value] : instance.parameters)
      if (name != "ClientToken" && name != "UserData" && !contains(value, "Z"))
        made.parameters[name] = replace_all(value, id, "ID");
    for (std::string const& line : split(boot_script_of(instance), '\n'))
      if (!contains(line, "umask"))
        made.boot += replace_all(line, id, "ID") + "\n";  // The registration has a number of its own.
    return made;
  }
  FakeGitHubRunners forge;
  Ec2Server ec2;
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("cli options: each option of CML counts by its flag, in camel case and by its variable",
          "[cli][runner][options]") {
  Launches launch;
  launch.ec2.ec2.groups = {"eu-west-1/ours"};
  SpawnedProcess process;
  auto const key = process.run({.arguments = {"ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "",
                                              "-f", (launch.folder.path / "key").string()}});
  REQUIRE(key);
  Options const options{{"repo", {launch.forge.repository_url()}},
                        {"driver", {"github"}},
                        {"labels", {"gpu,cml"}},
                        {"name", {"Fix"}},
                        {"idle-timeout", {"1h30m"}},
                        {"max-lifetime", {"7200"}},
                        {"docker-volumes", {"/a:/a", "/b:/b"}},
                        {"cloud", {"aws"}},
                        {"cloud-region", {"eu-west"}},
                        {"cloud-type", {"m"}},
                        {"cloud-gpu", {"t4"}},
                        {"cloud-hdd-size", {"77"}},
                        {"cloud-permission-set", {"arn:aws:iam::1:instance-profile/x"}},
                        {"cloud-metadata", {"team=vision", "note=a=b"}},
                        {"cloud-ssh-private", {slurp(launch.folder.path / "key") + " "}},
                        {"cloud-spot-price", {"0.5"}},
                        {"cloud-startup-script", {base64_encode("echo hi\n")}},
                        {"cloud-aws-security-group", {"ours"}},
                        {"cloud-aws-subnet", {"subnet-b"}},
                        {"cloud-image", {"ami-1"}},
                        {"tpi-version", {">= 0.9.10"}},
                        {"cml-version", {"github:iterative/cml#master"}},
                        {"destroy-delay", {"10"}},
                        {"tf-resource", {base64_encode("{}")}}};
  std::vector<std::string> const switches{"single", "cloud-spot", "no-retry"};
  std::vector<std::string> flags{"--no-wait"}, camel{"--no-wait"};
  std::map<std::string, std::string> variables;
  for (auto const& [name, values] : options) {
    std::string joined;
    flags.push_back("--" + name);
    for (std::string const& value : values) {
      flags.push_back(value);  // Words up to the next option.
      camel.push_back("--" + camel_case(name) + "=" + value);
      joined += (joined.empty() ? "" : ",") + value;
    }
    variables["CML_RUNNER_" + to_upper(replace_all(name, "-", "_"))] = joined;
  }
  for (std::string const& name : switches) {
    flags.push_back("--" + name);
    camel.push_back("--" + camel_case(name));
    variables["CML_RUNNER_" + to_upper(replace_all(name, "-", "_"))] = "true";
  }
  Made const by_flag = launch(flags, {});
  auto const& p = by_flag.parameters;
  CHECK(p.at("InstanceType") == "g4dn.xlarge");
  CHECK(launch.ec2.ec2.instances[0].region == "eu-west-1");
  CHECK(p.at("SubnetId") == "subnet-b");
  CHECK(p.at("SecurityGroupId.1") == "sg-ours");
  CHECK(p.at("IamInstanceProfile.Arn") == "arn:aws:iam::1:instance-profile/x");
  CHECK(p.at("BlockDeviceMapping.1.Ebs.VolumeSize") == "77");
  CHECK(p.at("InstanceMarketOptions.SpotOptions.MaxPrice") == "0.50000");
  CHECK(p.at("KeyName") == "ID");
  CHECK(launch.forge.runners().front().labels == std::vector<std::string>{"gpu", "cml", "self-hosted", "Linux", "X64"});
  CHECK(launch.ec2.ec2.instances[0].tags.at("note") == "a=b");
  CHECK(launch.ec2.ec2.instances[0].tags.at("team") == "vision");
  CHECK(contains(launch.ec2.ec2.instances[0].tags.at("cml-id"), "cml-fix-"));
  CHECK(launch.ec2.ec2.count("ImportKeyPair") == 1);
  for (char const* word : {"single=yes\n", "idle_timeout=5400\n", "lifetime=7200\n", "job_limit=0\n", "cloud='aws'\n",
                           "startup='ZWNobyBoaQo='\n"}) {
    INFO(word);
    CHECK(contains(by_flag.boot, word));
  }
  // Versions of the program that this one replaces are of no use to the machine.
  CHECK(contains(by_flag.log, "--cml-version=github:iterative/cml#master is not this program's"));
  CHECK_FALSE(contains(by_flag.boot, "github:iterative"));

  Made const by_camel_case = launch(camel, {}), by_variable = launch({"--no-wait"}, variables);
  CHECK(by_camel_case.parameters == by_flag.parameters);
  CHECK(by_variable.parameters == by_flag.parameters);
  CHECK(by_camel_case.boot == by_flag.boot);
  CHECK(by_variable.boot == by_flag.boot);
}

TEST_CASE("cli options: what CML's users write by habit, and what it meant", "[cli][runner][options]") {
  Launches launch;
  std::vector<std::string> const where{"--repo=" + launch.forge.repository_url(), "--driver=github", "--cloud=aws",
                                       "--no-wait"};
  auto const made = [&](std::vector<std::string> more) {
    return more.insert(more.end(), where.begin(), where.end()), launch(more, {});
  };
  // A price of 0 is none; "nogpu" neither; tesla is v100's old name.
  Made const plain = made({"--cloud-spot", "--cloud-spot-price=0", "--cloud-gpu=nogpu", "--cloud-region=us-west",
                           "--cloud-type", "m", "--cloud-spot-fallback=on-demand"});
  CHECK(plain.parameters.count("InstanceMarketOptions.SpotOptions.MaxPrice") == 0);
  CHECK(plain.parameters.at("InstanceType") == "m5.2xlarge");
  CHECK(contains(plain.boot, "idle_timeout=300\n"));
  CHECK(contains(plain.boot, "--labels 'cml'"));
  CHECK(contains(made({"--idle-timeout=never", "--cloud-type=t2.micro"}).boot, "idle_timeout=''\n"));
  CHECK(contains(made({"--cloud-metadata=\"condition two\"=\"quoted\"", "--cloud-metadata", "flag"})
                     .parameters.at("TagSpecification.1.Tag.8.Key"),
                 "flag"));
  auto const refused = [&](std::vector<std::string> more, std::map<std::string, std::string> variables = {}) {
    variables.emplace("REPO_TOKEN", "good-token");
    more.insert(more.begin(), {"runner", "launch"});
    more.insert(more.end(), where.begin(), where.end());
    auto const before = launch.ec2.ec2.instances.size(), registered = launch.forge.runners().size();
    auto const run = run_cml(more, launch.folder.path, "", launch.ec2.variables(variables));
    CHECK(run.exit_code != 0);
    CHECK(launch.ec2.ec2.instances.size() == before);
    CHECK(launch.forge.runners().size() == registered);
    CHECK(launch.forge.count("registration-token") + launch.forge.count("generate-jitconfig") ==
          static_cast<int>(before));  // Nothing was begun.
    return run.err;
  };
  CHECK(contains(refused({"--cloud-startup-script=not base64!"}), "--cloud-startup-script is not base64"));
  CHECK(contains(refused({"--cml-url=http://example.test/cml"}), "must be https"));
  CHECK(contains(refused({"--cloud-hdd-size=-1"}), "--cloud-hdd-size is a number of gigabytes, not -1"));
  CHECK(contains(refused({"--max-agents=-1"}), "--max-agents is a number of runners, not -1"));
  CHECK(contains(refused({"--cloud-type=m5.2xlarg"}), "did you mean m5.2xlarge?"));
  CHECK(contains(refused({"--cloud-regoin=us-east"}), "has no option --cloud-regoin; did you mean --cloud-region?"));
  CHECK(contains(refused({"--cloud-ssh-private=none"}),
                 "--cloud-ssh-private is not a private key that ssh-keygen can read"));
}
