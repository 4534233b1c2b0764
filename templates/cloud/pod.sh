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
# GitHub's agent is a .NET program, which ends at once without ICU.
compgen -G '/usr/lib/*/libicuuc.so.*' > /dev/null || compgen -G '/usr/lib64/libicuuc.so.*' > /dev/null || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
HOME=$(mktemp -d)
export HOME
@PROGRAM@
