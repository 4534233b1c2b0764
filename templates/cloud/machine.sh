#!/bin/bash
# Made by cml: turns a fresh Ubuntu machine into one runner, and powers it off when that ends or fails. Runs as root.
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

(umask 077; printf '%s' @REGISTRATION@ > "$root/etc/cml/registration.json")

# Ubuntu's own updates hold the package locks for minutes after the first boot: they are stopped, and the locks are waited for.
systemctl stop apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service unattended-upgrades.service
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt() { apt-get -o DPkg::Lock::Timeout=900 -o Acquire::Retries=3 -y -q "$@"; }
update() { # apt's time-out is for dpkg's lock alone, not for that of the package lists.
  local n said
  for n in {1..90}; do
    said=$(apt update 2>&1) && return 0
    case $said in *"Could not get lock"* | *"Unable to lock"*) sleep 10 ;; *) break ;; esac
  done
  echo "$said"
  return 1
}
updated=no
install() {
  [ "$updated" = yes ] || try update || return 1
  updated=yes
  try apt install --no-install-recommends "$@"
}
driver=@DRIVER@
packages=()
for program in curl git tar; do command -v "$program" > /dev/null || packages+=("$program"); done
command -v docker > /dev/null || packages+=(docker.io)
if [ "$driver" = jenkins ] && ! command -v java > /dev/null; then packages+=(default-jre-headless); fi
if [ ${#packages[@]} -gt 0 ]; then install ca-certificates "${packages[@]}" || power_off "packages missing: ${packages[*]}"; fi
reboot_needed=no
if ls "$root"/sys/bus/pci/devices/*/vendor > /dev/null 2>&1 && grep -qi 0x10de "$root"/sys/bus/pci/devices/*/vendor; then
  if ! nvidia-smi > /dev/null 2>&1; then
    say "installing the NVIDIA driver"
    install ubuntu-drivers-common && ubuntu-drivers install --gpgpu
    # nvidia-smi is a package of its own: nvidia-utils-570-server for nvidia-headless-no-dkms-570-server-open.
    # shellcheck disable=SC2016 # dpkg's own variables.
    branch=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'nvidia-headless-no-dkms-*' 2> /dev/null | sed -n 's/^installed nvidia-headless-no-dkms-//p' | tail -n 1)
    [ -z "$branch" ] || install "nvidia-utils-${branch%-open}"
    (modprobe nvidia && nvidia-smi > /dev/null 2>&1) || reboot_needed=yes
  fi
  if ! command -v nvidia-ctk > /dev/null; then
    say "installing NVIDIA's container toolkit"
    key=$root/usr/share/keyrings/nvidia-container-toolkit.asc
    mkdir -p "$root/usr/share/keyrings" "$root/etc/apt/sources.list.d"
    # shellcheck disable=SC2016 # apt's own variable.
    { try curl -fsSL --max-time 60 -o "$key" https://nvidia.github.io/libnvidia-container/gpgkey &&
      printf 'deb [signed-by=%s] https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH) /\n' "$key" > "$root/etc/apt/sources.list.d/nvidia-container-toolkit.list" &&
      updated=no && install nvidia-container-toolkit && nvidia-ctk runtime configure --runtime=docker && systemctl restart docker.service
    } || say "no container toolkit: jobs in containers see no GPU"
  fi
fi

say "fetching cml"
arch=x64
[ "$(uname -m)" = aarch64 ] && arch=arm64
url=@CML_URL@
url=${url//'{arch}'/$arch}
try curl -fsSL --connect-timeout 20 --max-time 600 -o "$root/usr/local/bin/cml" "$url" || power_off "cml could not be fetched from $url"
sum=@CML_SHA256@
if [ -n "$sum" ] && ! echo "$sum  $root/usr/local/bin/cml" | sha256sum -c - > /dev/null; then power_off "cml from $url has another SHA-256"; fi
chmod 755 "$root/usr/local/bin/cml"
said=$("$root/usr/local/bin/cml" --version 2>&1) || power_off "cml from $url does not run here: $said"

startup=@STARTUP_SCRIPT@
if [ -n "$startup" ]; then
  say "running the startup script"
  echo "$startup" | base64 -d > "$root/etc/cml/startup.sh"
  bash "$root/etc/cml/startup.sh" || say "the startup script ended with $?"
fi

# ExecStopPost is the watchdog: however the supervisor ends (also by kill -9, or silent for ten minutes), the power goes.
cat > "$root/etc/systemd/system/cml.service" <<UNIT
[Unit]
Description=cml runner $id
After=network-online.target docker.service
Wants=network-online.target

[Service]
Type=notify
NotifyAccess=main
WatchdogSec=600
TimeoutStartSec=1200
TimeoutStopSec=150
KillMode=mixed
Environment=HOME=/root
WorkingDirectory=/root
ExecStart=/usr/local/bin/cml @ARGUMENTS@
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
