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
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;

namespace {

// A root of its own around the system's programs; what would touch the machine is replaced, also for real paths. The
// user namespace takes away the power to touch it.
constexpr char const* kStage = R"sh(set -e
root=$1
mkdir -p "$root"/{usr,proc,dev,sys,tmp,root,run,etc,var/log}
for link in bin sbin lib lib32 lib64 libx32; do
  if [ -L /$link ]; then cp -P /$link "$root/$link"; elif [ -d /$link ]; then
  mkdir "$root/$link"; mount --rbind /$link "$root/$link"; fi; done
mount --rbind /usr "$root/usr"
mount -t tmpfs none "$root/usr/local"
mkdir "$root/usr/local/bin"
mount --rbind /dev "$root/dev"
mount -t proc none "$root/proc" || mount --rbind /proc "$root/proc"
for name in systemctl systemd-run shutdown poweroff reboot apt-get; do
  [ ! -e "$root/usr/bin/$name" ] || mount --bind "$root/fakes/$name" "$root/usr/bin/$name"; done
exec chroot "$root" /bin/bash -c 'export PATH=/fakes:/usr/local/bin:/usr/bin:/bin
  bash /boot.sh; echo "boot $?" >> /calls.txt
  for i in {1..600}; do [ -e /over ] && exit 0; sleep 0.1; done; exit 9'
)sh";

// Does what systemd would do with our one service.
constexpr char const* kSystemctl = R"sh(echo "systemctl $*" >> /calls.txt
if [ "$*" = "start --no-block cml.service" ]; then
  (
    unit=/etc/systemd/system/cml.service
    cd /root
    eval "$(sed -n 's/^ExecStartPre=//p' "$unit")" || echo "not ready" >> /calls.txt
    eval "$(sed -n 's/^ExecStart=//p' "$unit" | sed 's/%%/%/g; s/\$\$/$/g')" > /var/log/cml.log 2>&1
    echo "service $?" >> /calls.txt
    eval "$(sed -n 's,^ExecStopPost=/usr/bin/,/fakes/,p' "$unit")"
    touch /over
  ) < /dev/null > /dev/null 2>&1 &
fi
)sh";

bool can_have_namespaces() {
  SpawnedProcess process;
  auto const tried = process.run({.arguments = {"unshare", "--map-root-user", "--mount", "--pid", "--fork", "mount",
                                                "-t", "tmpfs", "none", "/mnt"},
                                  .timeout = std::chrono::seconds(20)});
  return tried && tried->exit_code == 0;
}

}  // namespace

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

  std::filesystem::path const root = folder.path / "root";
  std::filesystem::create_directories(root);
  std::ofstream(root / "boot.sh") << boot_script_of(ec2.ec2.instances[0]);
  put_script(root / "fakes/systemctl", kSystemctl);
  put_script(root / "fakes/docker", "exit 0\n");
  for (std::string const name : {"systemd-run", "shutdown", "poweroff", "reboot", "apt-get"})
    put_script(root / "fakes" / name, "echo \"" + name + " $*\" >> /calls.txt\n");
  put_script(folder.path / "stage.sh", kStage);
  auto const machine = process.run({.arguments = {"unshare", "--map-root-user", "--mount", "--pid", "--fork",
                                                  "--kill-child", (folder.path / "stage.sh").string(), root.string()},
                                    .environment = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9"}},
                                    .timeout = std::chrono::seconds(120)});
  REQUIRE(machine);
  std::string const calls = slurp(root / "calls.txt"), log = slurp(root / "var/log/cml.log");
  INFO(machine->err << slurp(root / "var/log/cml-boot.log") << calls << log);
  CHECK(machine->exit_code == 0);
  REQUIRE(status_words(log) == "ready job_started job_ended terminated");
  CHECK(runner_statuses(log).back()["reason"] == "single job");
  CHECK(slurp(root / "job.txt") == "prepared\n");
  CHECK(contains(calls, "boot 0\n"));
  CHECK(contains(calls, "service 0\n"));
  CHECK_FALSE(contains(calls, "not ready"));
  // The power goes once, and last of all.
  CHECK(calls.substr(calls.rfind("systemctl ")) == "systemctl --no-block poweroff\n");
  CHECK(calls.rfind("poweroff\n") > calls.find("service 0\n"));
  CHECK_FALSE(contains(log, "trying again"));  // A metadata service that is away holds nobody up.
  CHECK(contains(calls, "systemctl enable --now cml-lifetime.timer"));
  CHECK(contains(calls, "systemd-run --unit=cml-deadline --on-active=1800 systemctl poweroff"));
  CHECK(forge.runners().empty());
  for (std::string const& text :
       {slurp(root / "boot.sh"), log, slurp(root / "var/log/cml-boot.log"), slurp(root / "agent-env.txt")})
    CHECK_FALSE(contains(text, "good-token"));
}
