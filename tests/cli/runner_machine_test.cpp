// From a launch to the power-off, with nothing but the cloud faked: the boot script that a launch hands to EC2 runs in
// namespaces of its own, with the machine's real paths; it fetches the forge's agent and no cml, and its service serves
// one job and switches the power off.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_ec2.hpp"
#include "support/fake_github_runners.hpp"
#include "support/machine_stage.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("cli machine: a launch's boot script brings a machine up, serves a job and switches it off",
          "[cli][runner][machine]") {
  if (!can_have_namespaces()) {
    WARN("no namespaces for users here: the boot script was not run as on a machine");
    return;
  }
  FakeGitHubRunners forge;
  Ec2Server ec2;
  TemporaryFolder folder;
  SpawnedProcess process;
  put_script(folder.path / "agent/run.sh",
             fake_agent_teller(forge.port()) +
                 "name=${ACTIONS_RUNNER_INPUT_JITCONFIG#jit-}\nenv > /agent-env.txt\ntell online \"$name\"\necho 'x: "
                 "Listening for Jobs'\ntell busy \"$name\"\necho 'x: Running job: train'\n"
                 // GitHub forgets such a runner when its job is over.
                 "cat /prepared.txt > /job.txt\ntell leave \"$name\"\necho 'x: Job train completed with result: "
                 "Succeeded'\nexit 0\n");
  auto const packed = process.run({.arguments = {"tar", "-czf", "-", "-C", (folder.path / "agent").string(), "."}});
  REQUIRE(packed);
  forge.agent_archive = packed->out;

  auto const launched = run_cml({"runner", "launch", "--cloud=aws", "--cloud-type=t2.micro", "--single", "--no-wait",
                                 "--driver=github", "--repo=" + forge.repository_url(), "--token=good-token",
                                 "--cloud-startup-script=" + base64_encode("echo prepared > /prepared.txt\n")},
                                folder.path, "", ec2.variables({}));
  INFO(launched.err);
  REQUIRE(launched.exit_code == 0);
  REQUIRE(ec2.ec2.living() == 1);
  REQUIRE(forge.runners().size() == 1);

  MachineStage stage(folder.path);
  auto const machine = stage.boot(boot_script_of(ec2.ec2.instances[0]));
  auto const& [exit_code, calls, log, boot_log, errors] = machine;
  std::filesystem::path const& root = stage.root;
  INFO(errors << boot_log << calls << log);
  CHECK(exit_code == 0);
  REQUIRE(status_words(log) == "ready job_started job_ended terminated");
  CHECK(runner_statuses(log).back()["reason"] == "single job");
  CHECK(slurp(root / "job.txt") == "prepared\n");
  CHECK(contains(calls, "boot 0\n"));
  CHECK(contains(calls, "service 0\n"));
  CHECK_FALSE(contains(calls, "not ready"));
  CHECK(machine.power_went());
  CHECK_FALSE(contains(log, "trying again"));  // A metadata service that is away holds nobody up.
  CHECK(contains(calls, "systemctl enable --now cml-lifetime.timer"));
  CHECK(contains(calls, "systemd-run --unit=cml-deadline --on-active=1800 systemctl poweroff"));
  CHECK(forge.runners().empty());
  for (std::string const& text : {slurp(root / "boot.sh"), log, boot_log, slurp(root / "agent-env.txt")})
    CHECK_FALSE(contains(text, "good-token"));
}
