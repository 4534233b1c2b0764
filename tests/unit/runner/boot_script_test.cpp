// The boot scripts: shellcheck likes them, and run with fake programs they do what they say.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "runner/boot_script.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

constexpr char const* kProgram = "#!/bin/sh\nexit 0\n";  // Stands for cml.

BootRequest request() {
  BootRequest boot;
  boot.id = "cml-x-1-2";
  boot.cloud = "aws";
  boot.driver = "github";
  boot.repository_url = "https://github.com/o/r";
  boot.launch.labels = {"gpu", "it's $HOME `id` %h \"q\" \\n"};  // Hostile as can be.
  boot.launch.single = true;
  boot.startup_script = base64_encode("echo started > \"$CML_BOOT_ROOT/started.txt\"\n");
  boot.cml_url = "https://example.test/cml-{arch}#sha256=" + sha256_hex(kProgram);
  boot.registration = R"x({"secret": "it's @ID@ \"$(touch /tmp/never)\""})x";
  boot.max_lifetime = seconds(3600);
  return boot;
}

struct FakeMachine {
  FakeMachine() {
    std::filesystem::create_directories(bin);
    for (std::string const name : {"systemctl", "systemd-run", "shutdown", "apt-get"}) program(name, "exit 0");
    program("sleep", "exit 0");
    program("nvidia-smi", "exit 1");
    program("docker", "exit 0");
    program("git", "exit 0");
    // Writes what -o says.
    program("curl",
            "[ -e \"$CML_BOOT_ROOT/offline\" ] && exit 6\nwhile [ $# -gt 1 ]; do [ \"$1\" = -o ] && out=$2; shift; "
            "done\nprintf '#!/bin/sh\\nexit 0\\n' > \"$out\"; exit 0");
  }
  void program(std::string const& name, std::string const& body) {
    std::ofstream(bin / name) << "#!/bin/sh\necho \"" + name + " $*\" >> \"$CML_BOOT_ROOT/calls.txt\"\n" + body + "\n";
    std::filesystem::permissions(bin / name, std::filesystem::perms::owner_all);
  }
  // The system's programs but for these: those of the package that a test has missing.
  void lacks(std::set<std::string> const& names) {
    system = (folder.path / "system").string();
    std::filesystem::create_directories(system);
    for (auto const& entry : std::filesystem::directory_iterator("/usr/bin"))
      if (names.count(entry.path().filename().string()) == 0)
        std::filesystem::create_symlink(entry.path(), std::filesystem::path(system) / entry.path().filename());
    for (std::string const& name : names) std::filesystem::remove(bin / name);
  }
  // A card of NVIDIA's, whose driver works once nvidia-smi is installed.
  void has_gpu() {
    std::filesystem::create_directories(root / "sys/bus/pci/devices/0");
    std::ofstream(root / "sys/bus/pci/devices/0/vendor") << "0x10de\n";
    program("nvidia-smi", "[ -e \"$CML_BOOT_ROOT/utils\" ]");
    program("modprobe", "exit 0");
    program("ubuntu-drivers", "exit 0");
    program("nvidia-ctk", "exit 0");
    program(
        "dpkg-query",
        "printf 'not-installed nvidia-headless-no-dkms-999\\ninstalled nvidia-headless-no-dkms-570-server-open\\n'");
    program("apt-get", "case \"$*\" in *nvidia-utils-570-server*) touch \"$CML_BOOT_ROOT/utils\" ;; esac\nexit 0");
  }
  int run(std::string const& script) {
    std::ofstream(folder.path / "boot.sh") << script;
    SpawnedProcess process;
    auto const result =
        process.run({.arguments = {"bash", (folder.path / "boot.sh").string()},
                     .environment = {{"CML_BOOT_ROOT", root.string()}, {"PATH", bin.string() + ":" + system}}});
    REQUIRE(result);
    return result->exit_code;
  }
  std::string calls() const { return slurp(root / "calls.txt"); }
  TemporaryFolder folder;
  std::string system = "/usr/bin:/bin";
  std::filesystem::path bin = folder.path / "bin", root = folder.path;
};

}  // namespace

TEST_CASE("boot scripts: shellcheck has nothing to say", "[runner][boot]") {
  SpawnedProcess process;
  if (!process.run({.arguments = {"shellcheck", "--version"}})) {
    WARN("shellcheck is not installed; the boot scripts were not checked by it");
    return;
  }
  for (auto const& script : {machine_script(request()), pod_script(request(), "/var/run/cml/registration.json")}) {
    REQUIRE(script);
    CHECK_FALSE(contains(script.value(), "@ARGUMENTS@"));
    auto const result = process.run(
        {.arguments = {"shellcheck", "--shell=bash", "--exclude=SC2016,SC2034", "-"}, .input = script.value()});
    REQUIRE(result);
    INFO(result->out);
    CHECK(result->exit_code == 0);
  }
}

TEST_CASE("boot script: a machine comes up as one supervised service", "[runner][boot]") {
  FakeMachine machine;
  REQUIRE(machine.run(machine_script(request()).value()) == 0);
  CHECK(slurp(machine.root / "etc/cml/registration.json") == request().registration);  // Whatever it holds.
  CHECK((std::filesystem::status(machine.root / "etc/cml/registration.json").permissions() &
         std::filesystem::perms::others_all) == std::filesystem::perms::none);
  CHECK(slurp(machine.root / "started.txt") == "started\n");
  CHECK(slurp(machine.root / "usr/local/bin/cml") == kProgram);
  std::string const unit = slurp(machine.root / "etc/systemd/system/cml.service");
  CHECK(contains(unit, "ExecStopPost=/usr/bin/systemctl --no-block poweroff"));
  CHECK(contains(unit, "WatchdogSec=600"));
  CHECK(contains(unit, R"x(ExecStart=/usr/local/bin/cml "runner" "launch" "--name=cml-x-1-2" )x"
                       R"x("--labels=gpu,it's $$HOME `id` %%h \"q\" \\n" "--driver=github")x"));
  CHECK(contains(unit, "\"--machine-of=aws\""));
  std::string const timer = slurp(machine.root / "etc/systemd/system/cml-lifetime.timer");
  CHECK(contains(timer, "Persistent=true"));
  CHECK(contains(timer, "OnCalendar=20"));
  CHECK(contains(machine.calls(), "systemctl enable --now cml-lifetime.timer"));
  CHECK(contains(machine.calls(), "systemctl start --no-block cml.service"));
  CHECK_FALSE(contains("\n" + machine.calls(), "\nsystemctl poweroff"));
  // Where the script runs at every boot, a second boot is the first restart, a third one the end.
  CHECK(machine.run(machine_script(request()).value()) == 0);
  CHECK_FALSE(contains("\n" + machine.calls(), "\nsystemctl poweroff"));
  CHECK(machine.run(machine_script(request()).value()) == 1);
  CHECK(contains("\n" + machine.calls(), "\nsystemctl poweroff"));
}

TEST_CASE("boot script: the locks of a fresh Ubuntu's packages are waited for", "[runner][boot]") {
  FakeMachine machine;
  machine.lacks({"docker"});
  // The lists are locked three times; dpkg's lock is apt's own affair.
  machine.program("apt-get",
                  "case \"$*\" in *update*) echo . >> \"$CML_BOOT_ROOT/tries\"\n[ \"$(wc -l < "
                  "\"$CML_BOOT_ROOT/tries\")\" -gt 3 ] || "
                  "{ echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1234 (apt-get)' >&2; "
                  "exit 100; } ;; esac");
  CHECK(machine.run(machine_script(request()).value()) == 0);
  std::string const calls = machine.calls();
  CHECK(contains(calls,
                 "apt-get -o DPkg::Lock::Timeout=900 -o Acquire::Retries=3 -y -q install --no-install-recommends "
                 "ca-certificates docker.io"));
  CHECK(slurp(machine.root / "tries") == ".\n.\n.\n.\n");
  CHECK(contains(calls, "sleep 10\n"));
  CHECK_FALSE(contains("\n" + calls, "\nsystemctl poweroff"));
}

TEST_CASE("boot script: what an agent and a GPU need", "[runner][boot]") {
  FakeMachine jenkins;
  jenkins.lacks({"java"});
  auto boot = request();
  boot.driver = "jenkins";
  CHECK(jenkins.run(machine_script(boot).value()) == 0);
  CHECK(contains(jenkins.calls(), "install --no-install-recommends ca-certificates default-jre-headless"));
  FakeMachine github;
  github.lacks({"java"});
  CHECK(github.run(machine_script(request()).value()) == 0);
  CHECK_FALSE(contains(github.calls(), "apt-get"));

  FakeMachine gpu;  // The driver with the programs of its version, and no restart when it works at once.
  gpu.has_gpu();
  CHECK(gpu.run(machine_script(request()).value()) == 0);
  std::string calls = gpu.calls();
  CHECK(contains(calls, "-q update\n"));
  CHECK(contains(calls, "ubuntu-drivers install --gpgpu"));
  CHECK(contains(calls, "install --no-install-recommends nvidia-utils-570-server\n"));
  CHECK_FALSE(contains(calls, "systemctl reboot"));
  CHECK_FALSE(contains(calls, "libnvidia-container"));  // nvidia-ctk is there.
  FakeMachine fresh;
  fresh.has_gpu();
  fresh.lacks({"nvidia-ctk"});
  fresh.program(
      "apt-get",
      "case \"$*\" in *container-toolkit*) ln -s /bin/true \"$CML_BOOT_ROOT/bin/nvidia-ctk\" ;; esac\nexit 0");
  CHECK(fresh.run(machine_script(request()).value()) == 0);
  calls = fresh.calls();
  CHECK(
      contains(slurp(fresh.root / "etc/apt/sources.list.d/nvidia-container-toolkit.list"), "/stable/deb/$(ARCH) /\n"));
  CHECK(contains(calls,
                 "-q install --no-install-recommends nvidia-container-toolkit\nsystemctl restart docker.service\n"));
  CHECK(contains(calls, "systemctl reboot"));  // No nvidia-utils came: the driver may need it.
  FakeMachine closed;  // Without NVIDIA's packages jobs on the machine itself still have the GPU.
  closed.has_gpu();
  closed.lacks({"nvidia-ctk"});
  closed.program("curl",
                 "case \"$*\" in *nvidia*) exit 22 ;; esac\nwhile [ $# -gt 1 ]; do [ \"$1\" = -o ] && out=$2; shift; "
                 "done\nprintf '#!/bin/sh\\nexit 0\\n' > \"$out\"");
  CHECK(closed.run(machine_script(request()).value()) == 0);
  CHECK(contains(slurp(closed.root / "var/log/cml-boot.log"), "no container toolkit: jobs in containers see no GPU"));
  CHECK(contains(closed.calls(), "systemctl start --no-block cml.service"));
}

TEST_CASE("boot script: a real registration and a startup script fit into EC2's user data", "[runner][boot]") {
  auto boot = request();
  boot.registration = std::string(5000, 'j');  // GitHub's just-in-time configurations have about 4 KB.
  boot.startup_script = base64_encode(std::string(2000, '#'));
  CHECK(machine_script(boot).value().size() < 16384);
}

TEST_CASE("boot script: whatever fails, the power goes", "[runner][boot]") {
  SECTION("cml cannot be fetched") {
    FakeMachine machine;
    std::ofstream(machine.root / "offline") << "";
    CHECK(machine.run(machine_script(request()).value()) == 1);
    CHECK(contains("\n" + machine.calls(), "\nsystemctl poweroff"));
    CHECK(contains(slurp(machine.root / "var/log/cml-boot.log"),
                   "cml could not be fetched from https://example.test/cml-"));
  }
  SECTION("it is not the one that was announced") {
    FakeMachine machine;
    auto boot = request();
    boot.cml_url = "https://example.test/cml#sha256=" + std::string(64, 'a');
    CHECK(machine.run(machine_script(boot).value()) == 1);
    CHECK(contains("\n" + machine.calls(), "\nsystemctl poweroff"));
  }
  SECTION("it is for another system") {
    FakeMachine machine;
    machine.program("curl",
                    "while [ $# -gt 1 ]; do [ \"$1\" = -o ] && out=$2; shift; done\nprintf '#!/bin/sh\\necho "
                    "libx.so.14: not found >&2\\nexit 127\\n' > \"$out\"");
    auto boot = request();
    boot.cml_url = "https://example.test/cml";
    CHECK(machine.run(machine_script(boot).value()) == 1);
    CHECK(contains(slurp(machine.root / "var/log/cml-boot.log"),
                   "powering off: cml from https://example.test/cml does not run here: libx.so.14: not found"));
  }
  SECTION("packages are missing and do not come") {
    FakeMachine machine;
    machine.program("apt-get", "exit 100");
    machine.lacks({"docker"});
    CHECK(machine.run(machine_script(request()).value()) == 1);
    CHECK(contains(machine.calls(), "apt-get -o DPkg::Lock::Timeout=900"));
    CHECK(contains("\n" + machine.calls(), "\nsystemctl poweroff"));
  }
  SECTION("refused before a machine is made") {
    auto boot = request();
    boot.cml_url = "http://example.test/cml";
    CHECK_FALSE(machine_script(boot));
  }
}
