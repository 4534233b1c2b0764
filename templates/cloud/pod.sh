#!/bin/bash
# Made by cml: one runner in a container. Its end is the end of the pod. What can fail is tried first.
set -u
give_up() { echo "cml: $*" >&2; exit 1; }
# Its secret is made after the Job, which owns it. A launcher that was killed in between never makes it.
registration=@REGISTRATION_PATH@
for ((n = 0; n < 60; n++)); do
  [ -e "$registration" ] && break
  sleep 5
done
[ -e "$registration" ] || give_up "the registration did not come: was the launcher stopped?"
startup=@STARTUP_SCRIPT@
if [ -n "$startup" ]; then
  (umask 077; echo "$startup" | base64 -d > /tmp/cml-startup.sh)
  bash /tmp/cml-startup.sh || echo "cml: the startup script ended with $?" >&2
fi
cml=$(command -v cml-native || true)
if [ -z "$cml" ]; then
  arch=x64
  [ "$(uname -m)" = aarch64 ] && arch=arm64
  url=@CML_URL@
  url=${url//'{arch}'/$arch}
  cml=/tmp/cml
  # It repeats what may pass: 408, 429, 5xx and networks.
  curl -fsSL --retry 5 --retry-connrefused --connect-timeout 20 --max-time 600 -o "$cml" "$url" || give_up "not fetched from $url"
  sum=@CML_SHA256@
  if [ -n "$sum" ] && ! echo "$sum  $cml" | sha256sum -c - > /dev/null; then give_up "$url has another SHA-256"; fi
  chmod 755 "$cml"
fi
said=$("$cml" --version 2>&1) || give_up "cml does not run here: $said"
# GitHub's agent is a .NET program, which ends at once without ICU.
compgen -G '/usr/lib/*/libicuuc.so.*' > /dev/null || compgen -G '/usr/lib64/libicuuc.so.*' > /dev/null || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
HOME=$(mktemp -d)
export HOME
exec "$cml" @ARGUMENTS@
