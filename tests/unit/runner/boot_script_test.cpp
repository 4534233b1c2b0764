// The boot scripts: shellcheck likes them, and run with fake programs they do what they say.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "cloud/aws/user_data.hpp"
#include "platform/spawned_process.hpp"
#include "runner/boot_script.hpp"
#include "support/fakes.hpp"
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
  boot.program = machine_program("https://example.test/cml-{arch}#sha256=" + sha256_hex(kProgram), "", "", {}).value();
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
    std::filesystem::create_directories(root / "etc/apt/apt.conf.d");
    program("df",
            "echo Filesystem 1024-blocks Used Available Capacity Mounted\necho /dev/root 30000000 10000000 "
            "20000000 33% /");
    std::filesystem::create_directories(root / "usr/lib/x86_64-linux-gnu");
    std::ofstream(root / "usr/lib/x86_64-linux-gnu/libicuuc.so.74") << "";
    program("git", "exit 0");
    // Writes what -o says, and the status that -w asks for.
    program("curl", std::string("[ -e \"$CML_BOOT_ROOT/offline\" ] && exit 6\n") + kWrite +
                        "printf '#!/bin/sh\\nexit 0\\n' > \"$out\"\n[ -z \"$told\" ] || printf 200");
  }
  static constexpr char const* kWrite =
      "all=$*\nwhile [ $# -gt 1 ]; do [ \"$1\" = -o ] && out=$2; [ \"$1\" = -w ] && told=yes; shift; done\nurl=$1\n";
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
  for (auto const& script : {machine_script(request()), pod_script(request(), "/var/run/cml/registration")}) {
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
  CHECK(slurp(machine.root / "etc/cml/registration") == request().registration);  // Whatever it holds.
  CHECK((std::filesystem::status(machine.root / "etc/cml/registration").permissions() &
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
                  "case \"$*\" in *docker.io*) ln -s /bin/true \"$CML_BOOT_ROOT/bin/docker\" ;; *update*) echo . >> "
                  "\"$CML_BOOT_ROOT/tries\"\n[ \"$(wc -l < "
                  "\"$CML_BOOT_ROOT/tries\")\" -gt 3 ] || "
                  "{ echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1234 (apt-get)' >&2; "
                  "exit 100; } ;; esac");
  CHECK(machine.run(machine_script(request()).value()) == 0);
  std::string const calls = machine.calls();
  CHECK(contains(calls, "apt-get -y -q install --no-install-recommends docker.io"));
  CHECK(contains(slurp(machine.root / "etc/apt/apt.conf.d/90cml"), "DPkg::Lock::Timeout \"900\";"));
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
  CHECK(contains(jenkins.calls(), "install --no-install-recommends default-jre-headless"));
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
  closed.program("curl", std::string("case \"$*\" in *nvidia*) exit 22 ;; esac\n") + FakeMachine::kWrite +
                             "printf '#!/bin/sh\\nexit 0\\n' > \"$out\"\n[ -z \"$told\" ] || printf 200");
  CHECK(closed.run(machine_script(request()).value()) == 0);
  CHECK(contains(slurp(closed.root / "var/log/cml-boot.log"), "no container toolkit: jobs in containers see no GPU"));
  CHECK(contains(closed.calls(), "systemctl start --no-block cml.service"));
}

TEST_CASE("boot script: a real registration and a startup script fit into EC2's user data", "[runner][boot]") {
  auto boot = request();
  FakeRandom random;  // As little to be packed as theirs.
  auto const bytes = [&](std::size_t count) {
    std::string text;
    while (text.size() < count) text.push_back(static_cast<char>(random.next() >> 56));
    return base64_encode(text);
  };
  boot.registration = bytes(3300);  // GitHub's just-in-time configurations have about 4 KB.
  boot.startup_script = bytes(5000);
  CHECK(machine_script(boot).value().size() > 16384);
  CHECK(cloud::aws::user_data(machine_script(boot).value(), 16384));
}

TEST_CASE("boot script: what can fail is tried before what takes long, and once where that is enough",
          "[runner][boot]") {
  FakeMachine machine;
  machine.lacks({"docker"});
  machine.program("curl",
                  std::string(FakeMachine::kWrite) + "case $all in *cml-*) printf 404 ;; *) printf 200 ;; esac");
  CHECK(machine.run(machine_script(request()).value()) == 1);
  std::string calls = machine.calls();
  CHECK(calls.find("curl ") == calls.rfind("curl "));
  CHECK_FALSE(contains(calls, "apt-get"));
  CHECK(contains(slurp(machine.root / "var/log/cml-boot.log"), "HTTP 404 from https://example.test/cml-"));
  CHECK(slurp(machine.root / "started.txt") == "started\n");  // It may bring what cml needs.

  FakeMachine busy;  // A server that is away for a moment is asked again.
  busy.program("curl", std::string(FakeMachine::kWrite) +
                           "echo . >> \"$CML_BOOT_ROOT/tries\"\nprintf '#!/bin/sh\\nexit 0\\n' > \"$out\"\n[ -z "
                           "\"$told\" ] || { [ \"$(wc -l < \"$CML_BOOT_ROOT/tries\")\" -gt 2 ] && printf 200 || "
                           "printf 503; }");
  CHECK(busy.run(machine_script(request()).value()) == 0);

  FakeMachine closed;  // The forge cannot be reached.
  closed.lacks({"docker"});
  closed.program("curl", std::string(FakeMachine::kWrite) +
                             "case $all in *github.com*) exit 60 ;; esac\nprintf '#!/bin/sh\\nexit 0\\n' > "
                             "\"$out\"\nprintf 200");
  CHECK(closed.run(machine_script(request()).value()) == 1);
  CHECK_FALSE(contains(closed.calls(), "apt-get"));
  CHECK(contains(slurp(closed.root / "var/log/cml-boot.log"),
                 "powering off: https://github.com/ cannot be reached from here"));
}

TEST_CASE("boot script: a startup script is for root's eyes, and its failure is told", "[runner][boot]") {
  FakeMachine machine;
  auto boot = request();
  boot.startup_script = base64_encode("exit 7\n");
  CHECK(machine.run(machine_script(boot).value()) == 0);
  CHECK((std::filesystem::status(machine.root / "etc/cml/startup.sh").permissions() &
         (std::filesystem::perms::others_all | std::filesystem::perms::group_all)) == std::filesystem::perms::none);
  CHECK(contains(slurp(machine.root / "var/log/cml-boot.log"), "the startup script ended with 7"));
}

TEST_CASE("boot script: docker is the command, wherever a distribution keeps it", "[runner][boot]") {
  FakeMachine apart;  // Debian 13: docker.io has no "docker".
  apart.lacks({"docker"});
  apart.program("apt-get",
                "case \"$*\" in *docker-cli*) ln -s /bin/true \"$CML_BOOT_ROOT/bin/docker\" ;; esac\nexit 0");
  CHECK(apart.run(machine_script(request()).value()) == 0);
  CHECK(contains(apart.calls(), "docker.io\n"));
  CHECK(contains(apart.calls(), "docker-cli\n"));
  FakeMachine broken;
  broken.program("docker", "echo cannot >&2; exit 1");
  CHECK(broken.run(machine_script(request()).value()) == 1);
  CHECK(contains(slurp(broken.root / "var/log/cml-boot.log"), "powering off: docker does not run here: cannot"));
}

TEST_CASE("boot script: dnf brings what apt-get would", "[runner][boot]") {
  FakeMachine amazon;  // Amazon Linux 2023.
  amazon.lacks({"docker", "git", "apt-get", "apt-cache", "java"});
  std::filesystem::remove_all(amazon.root / "usr");
  amazon.program("dnf", R"sh(case "$*" in
  *" info docker"* | *" info java-17-amazon"*) exit 0 ;;
  *" info "*) exit 1 ;;
  *" install docker"*) ln -s /bin/true "$CML_BOOT_ROOT/bin/docker" ;;
  *libicu*) mkdir -p "$CML_BOOT_ROOT/usr/lib64"; touch "$CML_BOOT_ROOT/usr/lib64/libicuuc.so.67" ;;
esac)sh");
  CHECK(amazon.run(machine_script(request()).value()) == 0);
  std::string const calls = amazon.calls();
  CHECK(contains(calls, "dnf -y -q install git\n"));
  CHECK(contains(calls, "dnf -y -q install docker\n"));
  CHECK(contains(calls, "systemctl enable --now docker.service"));
  CHECK(contains(calls, "dnf -y -q install libicu\n"));
  CHECK_FALSE(contains(calls, "apt-get"));
  FakeMachine jenkins;
  jenkins.lacks({"docker", "apt-get", "java"});
  jenkins.program("dnf", R"sh(case "$*" in
  *" info podman-docker"* | *" info java-17-amazon"*) exit 0 ;;
  *" info "*) exit 1 ;;
  *" install podman-docker"*) ln -s /bin/true "$CML_BOOT_ROOT/bin/docker" ;;
esac)sh");
  auto boot = request();
  boot.driver = "jenkins";
  CHECK(jenkins.run(machine_script(boot).value()) == 0);
  CHECK(contains(jenkins.calls(), "dnf -y -q install java-17-amazon-corretto-headless\n"));
  FakeMachine neither;
  neither.lacks({"docker", "apt-get"});
  CHECK(neither.run(machine_script(request()).value()) == 1);
  CHECK(contains(slurp(neither.root / "var/log/cml-boot.log"), "neither apt-get nor dnf is here"));
}

TEST_CASE("boot script: GitHub's agent starts on images without ICU", "[runner][boot]") {
  auto const boots = [](std::string const& apt_get) {
    FakeMachine machine;
    std::filesystem::remove_all(machine.root / "usr/lib");
    machine.program("apt-cache", "echo libicu72 - a; echo libicu76 - b");
    machine.program("apt-get", apt_get);
    CHECK(machine.run(machine_script(request()).value()) == 0);
    CHECK(contains(machine.calls(), "install --no-install-recommends libicu76\n"));
    return slurp(machine.root / "etc/systemd/system/cml.service");
  };
  std::string const invariant = "Environment=DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1";
  CHECK_FALSE(contains(boots("case \"$*\" in *libicu76*) mkdir -p \"$CML_BOOT_ROOT/usr/lib/x\"; touch "
                             "\"$CML_BOOT_ROOT/usr/lib/x/libicuuc.so.76\" ;; esac\nexit 0"),
                       invariant));
  CHECK(contains(boots("case \"$*\" in *libicu*) exit 100 ;; esac\nexit 0"), invariant));
}

TEST_CASE("boot script: a machine without what it was paid for takes no job", "[runner][boot]") {
  FakeMachine machine;  // The driver was installed, the machine restarted, and the GPU still does not answer.
  machine.has_gpu();
  machine.program("nvidia-smi", "echo 'NVML: Driver/library version mismatch'; exit 18");
  CHECK(machine.run(machine_script(request()).value()) == 0);
  CHECK(contains(machine.calls(), "systemctl reboot"));
  CHECK(contains(slurp(machine.root / "etc/systemd/system/cml.service"), "ExecStartPre=/usr/local/bin/cml-ready\n"));
  // Updates of the system are off for good, so also after that restart.
  CHECK(contains(machine.calls(), "systemctl mask --now apt-daily.timer apt-daily-upgrade.timer"));
  auto const ready = [](FakeMachine const& of) {
    SpawnedProcess process;
    auto const result = process.run(
        {.arguments = {"bash", (of.root / "usr/local/bin/cml-ready").string()},
         .environment = {{"CML_BOOT_ROOT", of.root.string()}, {"PATH", of.bin.string() + ":" + of.system}}});
    return std::to_string(result->exit_code) + " " + result->out;
  };
  CHECK(
      contains(ready(machine), "1 cml: powering off: the GPU does not answer: NVML: Driver/library version mismatch"));
  machine.program("nvidia-smi", "exit 0");
  CHECK(ready(machine) == "0 ");
  machine.program("df", "echo head\necho /dev/root 30000000 29900000 100000 99% /");
  CHECK(contains(ready(machine), "1 cml: powering off: the disk is full: 97 MB are left; give --cloud-hdd-size"));
  FakeMachine none;  // No driver can be had: the power goes at once.
  none.has_gpu();
  none.program("nvidia-smi", "exit 1");
  none.program("ubuntu-drivers", "exit 1");
  CHECK(none.run(machine_script(request()).value()) == 1);
  CHECK(contains(slurp(none.root / "var/log/cml-boot.log"),
                 "powering off: the driver of the GPU could not be installed"));
}

TEST_CASE("boot script: a pod whose secret never comes ends", "[runner][boot]") {
  FakeMachine pod;
  std::filesystem::path const registration = pod.root / "registration";
  pod.program("cml-native", "exit 0");
  CHECK(pod.run(pod_script(request(), registration.string()).value()) == 1);
  CHECK_FALSE(contains(pod.calls(), "cml-native"));
  pod.program("sleep", "touch \"$CML_BOOT_ROOT/registration\"");  // It comes a little later.
  CHECK(pod.run(pod_script(request(), registration.string()).value()) == 0);
  CHECK(contains(pod.calls(), "cml-native runner launch --name=cml-x-1-2"));
  // Without the image's own, the program comes in parts, a while later, by config maps.
  FakeMachine handed;
  std::ofstream(handed.root / "registration") << "x";
  std::filesystem::create_directories(handed.root / "program");
  std::ofstream(handed.root / "whole") << "#!/bin/sh\necho \"agent $*\" >> \"$CML_BOOT_ROOT/calls.txt\"\n";
  handed.program(
      "sleep",
      "gzip -c \"$CML_BOOT_ROOT/whole\" > \"$CML_BOOT_ROOT/packed\"; cd \"$CML_BOOT_ROOT/program\"; head -c 20 "
      "../packed > part-0; tail -c +21 ../packed > part-1");
  std::string const script = "export CML_PROGRAM_PARTS=2 CML_PROGRAM_FOLDER=" + (handed.root / "program").string() +
                             "\n" + pod_script(request(), (handed.root / "registration").string()).value();
  CHECK(handed.run(script) == 0);
  CHECK(contains(handed.calls(), "agent runner launch --name=cml-x-1-2"));
  CHECK_FALSE(contains(handed.calls(), "curl "));
  FakeMachine never;
  std::ofstream(never.root / "registration") << "x";
  CHECK(never.run(pod_script(request(), (never.root / "registration").string()).value()) == 1);
  CHECK(pod_image("github") == "ghcr.io/actions/actions-runner:latest");
  CHECK(pod_image("gitea") == "docker.io/library/buildpack-deps:stable");
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
    boot.program = machine_program("https://example.test/cml#sha256=" + std::string(64, 'a'), "", "", {}).value();
    CHECK(machine.run(machine_script(boot).value()) == 1);
    CHECK(contains("\n" + machine.calls(), "\nsystemctl poweroff"));
  }
  SECTION("it is for another system") {
    FakeMachine machine;
    machine.program("curl",
                    std::string(FakeMachine::kWrite) +
                        "printf '#!/bin/sh\\necho libx.so.14: not found >&2\\nexit 127\\n' > \"$out\"\nprintf 200");
    auto boot = request();
    boot.program = machine_program("https://example.test/cml", "", "", {}).value();
    CHECK(machine.run(machine_script(boot).value()) == 1);
    CHECK(contains(slurp(machine.root / "var/log/cml-boot.log"),
                   "powering off: cml from https://example.test/cml does not run here: libx.so.14: not found"));
  }
  SECTION("packages are missing and do not come") {
    FakeMachine machine;
    machine.program("apt-get", "exit 100");
    machine.lacks({"docker"});
    CHECK(machine.run(machine_script(request()).value()) == 1);
    CHECK(contains(machine.calls(), "apt-get -y -q update"));
    CHECK(contains("\n" + machine.calls(), "\nsystemctl poweroff"));
  }
}
