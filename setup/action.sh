#!/usr/bin/env bash
# What action.yml runs: installs the asked release into the runner's tool cache and puts it on the PATH.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

for input in SUDO FORCE VEGA; do
  name=INPUT_$input
  if [[ -n ${!name:-} ]]; then
    echo "The input \"${input,,}\" has no meaning here: cml needs no root and no Node packages, and draws plots itself."
  fi
done
if [[ ${RUNNER_OS:-Linux} != Linux ]]; then
  echo "::error::cml runs on Linux (x64 and arm64); this runner is ${RUNNER_OS}. Use runs-on: ubuntu-latest for this \
job."
  exit 1
fi

own_home=${GITHUB_SERVER_URL:-https://github.com}/${ACTION_REPOSITORY:?the action runs in a workflow}
export CML_HOME=${CML_HOME:-$own_home}
version=${INPUT_VERSION:-latest}
case ${RUNNER_ARCH:-$(uname -m)} in
  ARM64 | aarch64) arch=arm64 ;;
  *) arch=x64 ;;
esac
# A version has one content, so a copy in the tool cache is as good; the latest is asked for each time.
folder=${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:-/tmp}}/cml/$version/$arch
if [[ $version == latest || ! -x $folder/cml ]]; then
  sh "$here/../install.sh" --version "$version" --dir "$folder"
fi
installed=$("$folder/cml" --version)
echo "$folder" >>"$GITHUB_PATH"
echo "version=$installed" >>"$GITHUB_OUTPUT"
echo "cml $installed is on the PATH"
