#!/usr/bin/env bash
# Installs the Debian packages of the given purposes (packages.txt) that are missing; does nothing when all are there.
# Usage: install_packages.sh PURPOSE...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

missing=()
while read -r purpose package stand_in; do
  [[ -z ${purpose:-} || $purpose == \#* ]] && continue
  for wanted in "$@"; do
    [[ $purpose == "$wanted" ]] || continue
    if [[ -n ${stand_in:-} ]] && command -v "$stand_in" >/dev/null; then continue; fi
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
done <"$here/packages.txt"
((${#missing[@]})) || exit 0

fail() {
  echo "error: $*" >&2
  exit 1
}
command -v apt-get >/dev/null || fail "apt-get not found; these scripts install Debian 12 packages: ${missing[*]}"
as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || fail "need root or sudo to install: ${missing[*]}"
  as_root=(sudo)
fi
echo "installing ${#missing[@]} packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt=("${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300)
if ! "${apt[@]}" update >"$log" 2>&1; then
  tail -n 3 "$log" >&2
  echo "warning: apt-get update failed; trying with the lists at hand" >&2
fi
if ! DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
  tail -n 5 "$log" >&2
  echo "error: these packages could not be installed: ${missing[*]}; check the network and /etc/apt/sources.list" >&2
  exit 1
fi
