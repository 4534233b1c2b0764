#include "support/machine_stage.hpp"

#include <catch2/catch.hpp>

#include <fstream>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/scripts.hpp"

namespace cml::test {
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

}  // namespace

bool can_have_namespaces() {
  SpawnedProcess process;
  auto const tried = process.run({.arguments = {"unshare", "--map-root-user", "--mount", "--pid", "--fork", "mount",
                                                "-t", "tmpfs", "none", "/mnt"},
                                  .timeout = std::chrono::seconds(20)});
  return tried && tried->exit_code == 0;
}

MachineStage::MachineStage(std::filesystem::path folder) : root(folder / "root"), folder_(std::move(folder)) {
  std::filesystem::create_directories(root / "fakes");
  put_script(root / "fakes/systemctl", kSystemctl);
  for (std::string const name : {"systemd-run", "shutdown", "poweroff", "reboot", "apt-get"})
    put_script(root / "fakes" / name, "echo \"" + name + " $*\" >> /calls.txt\n");
  fake("docker", "exit 0\n");
  put_script(folder_ / "stage.sh", kStage);
}

void MachineStage::fake(std::string const& name, std::string const& body) { put_script(root / "fakes" / name, body); }

void MachineStage::bring(std::filesystem::path const& program, std::string const& name) {
  std::filesystem::copy_file(program, root / "fakes" / name);
}

void MachineStage::put(std::string const& path, std::string const& text) {
  std::filesystem::path const file = root / path;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

MachineStage::End MachineStage::boot(std::string const& script,
                                     std::vector<std::pair<std::string, std::string>> variables) {
  put("boot.sh", script);
  variables.emplace_back("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9");
  SpawnedProcess process;
  auto const machine = process.run({.arguments = {"unshare", "--map-root-user", "--mount", "--pid", "--fork",
                                                  "--kill-child", (folder_ / "stage.sh").string(), root.string()},
                                    .environment = std::move(variables),
                                    .timeout = std::chrono::seconds(120)});
  End end;
  if (machine) end.exit_code = machine->exit_code, end.errors = machine->err;
  end.calls = slurp(root / "calls.txt");
  end.log = slurp(root / "var/log/cml.log");
  end.boot_log = slurp(root / "var/log/cml-boot.log");
  return end;
}

bool MachineStage::End::power_went() const {
  auto const last = calls.rfind("systemctl ");
  return last != std::string::npos && calls.substr(last) == "systemctl --no-block poweroff\n" &&
         last > calls.find("service 0\n");
}

}  // namespace cml::test
