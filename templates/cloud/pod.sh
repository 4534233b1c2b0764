#!/bin/bash
# Made by cml: one runner in a container. Its end is the end of the pod.
set -u
startup=@STARTUP_SCRIPT@
if [ -n "$startup" ]; then
  echo "$startup" | base64 -d > /tmp/cml-startup.sh
  bash /tmp/cml-startup.sh || echo "cml: the startup script ended with $?" >&2
fi
cml=$(command -v cml-native || true)
if [ -z "$cml" ]; then
  arch=x64
  [ "$(uname -m)" = aarch64 ] && arch=arm64
  url=@CML_URL@
  url=${url//'{arch}'/$arch}
  cml=/tmp/cml
  curl -fsSL --retry 5 --retry-connrefused --max-time 600 -o "$cml" "$url" || { echo "cml: not fetched from $url" >&2; exit 1; }
  sum=@CML_SHA256@
  if [ -n "$sum" ] && ! echo "$sum  $cml" | sha256sum -c - > /dev/null; then echo "cml: $url has another SHA-256" >&2; exit 1; fi
  chmod 755 "$cml"
fi
HOME=$(mktemp -d)
export HOME
exec "$cml" @ARGUMENTS@
