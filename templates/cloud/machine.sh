#!/bin/bash
# Made by cml: turns a fresh machine into one runner, and powers it off when that ends or fails. Runs as root. What can
# fail is tried first, before anything that takes long.
set -u
root=${CML_BOOT_ROOT:-}
id=@ID@
mkdir -p "$root/var/log" "$root/etc/cml" "$root/etc/systemd/system" "$root/usr/local/bin" "$root/var/lib/cml"
exec >> "$root/var/log/cml-boot.log" 2>&1
say() { echo "cml: $*"; if [ -w "$root/dev/console" ]; then echo "cml: $*" > "$root/dev/console"; fi; }
power_off() { say "powering off: $*"; sync; systemctl poweroff; exit 1; }
try() { # Five times, with pauses: mirrors and networks fail.
  local n
  for n in 1 2 3 4 5; do
    "$@" && return 0
    say "attempt $n failed: $1"
    sleep $((n * 5))
  done
  return 1
}
fetch() { # FILE URL: what the server refuses is not asked for again.
  local n code
  for n in 1 2 3 4 5; do
    code=$(curl -sSL --connect-timeout 20 --max-time 600 -o "$1" -w '%{http_code}' "$2") || code=000
    case $code in
      2??) return 0 ;;
      408 | 429) ;;
      4??) say "HTTP $code from $2"; return 1 ;;
    esac
    say "attempt $n failed: HTTP $code from $2"
    sleep $((n * 5))
  done
  return 1
}

# Two clocks that know nothing of cml: one for the whole life, one for coming up. They hold whatever else goes wrong.
lifetime=@LIFETIME@
if [ "$lifetime" -gt 0 ] && [ ! -e "$root/etc/systemd/system/cml-lifetime.timer" ]; then # Survives a reboot.
  printf '[Service]\nType=oneshot\nExecStart=/usr/bin/systemctl --no-block poweroff\n' > "$root/etc/systemd/system/cml-lifetime.service"
  printf '[Timer]\nOnCalendar=%s\nAccuracySec=5s\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n' \
    "$(date -u -d "+$lifetime seconds" '+%Y-%m-%d %H:%M:%S UTC')" > "$root/etc/systemd/system/cml-lifetime.timer"
  systemctl daemon-reload
  systemctl enable --now cml-lifetime.timer || shutdown -P +$((lifetime / 60 + 1))
fi
if [ -e "$root/var/lib/cml/started" ]; then
  # A reboot. The first one may be ours, for a driver; any other means that the runner is over.
  [ -e "$root/var/lib/cml/rebooted" ] && power_off "started again"
  touch "$root/var/lib/cml/rebooted"
  exit 0
fi
touch "$root/var/lib/cml/started"
systemd-run --unit=cml-deadline --on-active=@START_LIMIT@ systemctl poweroff

(umask 077; printf '%s' @REGISTRATION@ > "$root/etc/cml/registration")

# The system's own updates hold the package locks for minutes after a boot, and change a driver under a job: not here,
# and not after a restart. Locks that are held already are waited for.
systemctl mask --now apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service unattended-upgrades.service dnf-makecache.timer dnf-automatic.timer
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
# Also for the startup script and the jobs, which may install something of their own.
if [ -d "$root/etc/apt/apt.conf.d" ]; then
  printf 'DPkg::Lock::Timeout "900";\nAcquire::Retries "3";\n' > "$root/etc/apt/apt.conf.d/90cml"
fi
apt() { apt-get -y -q "$@"; }
update() { # apt's time-out is for dpkg's lock alone, not for that of the package lists.
  local n said
  for n in {1..90}; do
    said=$(apt update 2>&1) && return 0
    case $said in *"Could not get lock"* | *"Unable to lock"*) sleep 10 ;; *) break ;; esac
  done
  echo "$said"
  return 1
}
manager=none
if command -v apt-get > /dev/null; then manager=apt; elif command -v dnf > /dev/null; then manager=dnf; fi
updated=no
install() {
  case $manager in
    apt)
      [ "$updated" = yes ] || try update || return 1
      updated=yes
      try apt install --no-install-recommends "$@"
      ;;
    dnf) try dnf -y -q install "$@" ;;
    *) say "neither apt-get nor dnf is here"; return 1 ;;
  esac
}
install_one() { # The first of these packages that there is.
  local package
  for package in "$@"; do
    if [ "$manager" != dnf ] || dnf -q info "$package" > /dev/null; then install "$package"; return; fi
  done
  return 1
}

startup=@STARTUP_SCRIPT@
if [ -n "$startup" ]; then
  say "running the startup script"
  (umask 077; echo "$startup" | base64 -d > "$root/etc/cml/startup.sh")
  bash "$root/etc/cml/startup.sh" || say "the startup script ended with $?"
fi

command -v curl > /dev/null || install ca-certificates curl || power_off "packages missing: curl"
@PROGRAM@
forge=@FORGE@
# Any answer will do: it shows the way, the name and the certificate.
try curl -sS -o /dev/null --connect-timeout 20 --max-time 60 "$forge" || power_off "$forge cannot be reached from here"

driver=@DRIVER@
packages=()
for program in git tar; do command -v "$program" > /dev/null || packages+=("$program"); done
[ ${#packages[@]} -eq 0 ] || install "${packages[@]}" || power_off "packages missing: ${packages[*]}"
if [ "$driver" = jenkins ] && ! command -v java > /dev/null; then
  if [ "$manager" = apt ]; then install default-jre-headless; else install_one java-17-openjdk-headless java-17-amazon-corretto-headless; fi || power_off "packages missing: java"
fi
if ! command -v docker > /dev/null; then
  if [ "$manager" = apt ]; then install docker.io; else install_one docker moby-engine podman-docker; fi || power_off "packages missing: docker"
  command -v docker > /dev/null || install docker-cli # Debian 13 has the command apart.
  [ "$manager" = apt ] || systemctl enable --now docker.service || systemctl enable --now podman.socket
fi
said=$(docker --version 2>&1) || power_off "docker does not run here: $said"
# GitHub's agent is a .NET program, which ends at once without ICU.
has_icu() {
  local file
  for file in "$root"/usr/lib/*/libicuuc.so.* "$root"/usr/lib64/libicuuc.so.*; do [ -e "$file" ] && return 0; done
  return 1
}
icu_package() {
  case $manager in
    apt) { [ "$updated" = yes ] || update > /dev/null; } && apt-cache search --names-only '^libicu[0-9]+$' | sort -V | tail -n 1 | cut -d ' ' -f 1 ;;
    *) echo libicu ;;
  esac
}
globalization=
if [ "$driver" = github ] && ! has_icu; then
  package=$(icu_package)
  [ -n "$package" ] && install "$package"
  has_icu || globalization=Environment=DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
fi

reboot_needed=no
has_gpu() { grep -qi 0x10de "$root"/sys/bus/pci/devices/*/vendor 2> /dev/null; }
if has_gpu; then
  if ! nvidia-smi > /dev/null 2>&1; then
    say "installing the NVIDIA driver"
    { [ "$manager" = apt ] && install ubuntu-drivers-common && ubuntu-drivers install --gpgpu; } ||
      power_off "the driver of the GPU could not be installed; take an image that has one (--cloud-image)"
    # nvidia-smi is a package of its own: nvidia-utils-570-server for nvidia-headless-no-dkms-570-server-open.
    # shellcheck disable=SC2016 # dpkg's own variables.
    branch=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'nvidia-headless-no-dkms-*' 2> /dev/null | sed -n 's/^installed nvidia-headless-no-dkms-//p' | tail -n 1)
    [ -z "$branch" ] || install "nvidia-utils-${branch%-open}"
    (modprobe nvidia && nvidia-smi > /dev/null 2>&1) || reboot_needed=yes
  fi
  if ! command -v nvidia-ctk > /dev/null; then
    say "installing NVIDIA's container toolkit"
    toolkit=https://nvidia.github.io/libnvidia-container
    add_toolkit() {
      if [ "$manager" = dnf ]; then
        mkdir -p "$root/etc/yum.repos.d"
        fetch "$root/etc/yum.repos.d/nvidia-container-toolkit.repo" "$toolkit/stable/rpm/nvidia-container-toolkit.repo"
        return
      fi
      local key=$root/usr/share/keyrings/nvidia-container-toolkit.asc
      mkdir -p "$root/usr/share/keyrings" "$root/etc/apt/sources.list.d"
      fetch "$key" "$toolkit/gpgkey" || return 1
      # shellcheck disable=SC2016 # apt's own variable.
      printf 'deb [signed-by=%s] %s/stable/deb/$(ARCH) /\n' "$key" "$toolkit" > "$root/etc/apt/sources.list.d/nvidia-container-toolkit.list"
      updated=no
    }
    { add_toolkit && install nvidia-container-toolkit && nvidia-ctk runtime configure --runtime=docker && systemctl restart docker.service
    } || say "no container toolkit: jobs in containers see no GPU"
  fi
fi

# Asked at each start of the service, so after a restart for the driver, too: a job never meets a machine without what it
# was paid for.
cat > "$root/usr/local/bin/cml-ready" <<'READY'
#!/bin/bash
root=${CML_BOOT_ROOT:-}
give_up() {
  echo "cml: powering off: $*"
  [ ! -w "$root/dev/console" ] || echo "cml: powering off: $*" > "$root/dev/console"
  exit 1
}
if grep -qi 0x10de "$root"/sys/bus/pci/devices/*/vendor 2> /dev/null; then
  for n in 1 2 3 4 5 6; do
    said=$(nvidia-smi 2>&1) && break
    [ "$n" -lt 6 ] || give_up "the GPU does not answer: $said"
    sleep 5
  done
fi
free=$(df -Pk "$root/" | awk 'NR == 2 { print int($4 / 1024) }')
[ "${free:-1024}" -ge 1024 ] || give_up "the disk is full: $free MB are left; give --cloud-hdd-size"
READY
chmod 755 "$root/usr/local/bin/cml-ready"

# ExecStopPost is the watchdog: however the supervisor ends (also by kill -9, or silent for ten minutes, or unready), the
# power goes.
cat > "$root/etc/systemd/system/cml.service" <<UNIT
[Unit]
Description=cml runner $id
After=network-online.target docker.service
Wants=network-online.target

[Service]
@SERVICE@
WatchdogSec=600
TimeoutStartSec=1200
TimeoutStopSec=150
KillMode=mixed
Environment=HOME=/root
$globalization
WorkingDirectory=/root
ExecStartPre=/usr/local/bin/cml-ready
ExecStart=@COMMAND@
ExecStopPost=/usr/bin/systemctl --no-block poweroff

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable cml.service
if [ "$reboot_needed" = yes ]; then
  say "restarting for the driver"
  systemctl reboot
  exit 0
fi
systemctl start --no-block cml.service || power_off "the service did not start"
systemctl stop cml-deadline.timer
say "the runner $id is starting"
