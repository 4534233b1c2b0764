#!/usr/bin/env bash
# Draws a folder of reference specifications and compares the pictures with the reference's, by compare.mjs.
# Usage: check_gallery.sh CML SPEC_SUFFIX GALLERY_SUBFOLDER MIN_PASS   (CML_SHARED_DIR, CML_COMPARE_DIR; 77: skipped)
set -euo pipefail
cml=$1 suffix=$2 folder=$3 min_pass=$4
if [[ -z ${CML_SHARED_DIR:-} || -z ${CML_COMPARE_DIR:-} ]]; then
  echo "skipped: CML_SHARED_DIR and CML_COMPARE_DIR are not set (tools/test sets them)"
  exit 77
fi
gallery=$CML_SHARED_DIR/gallery
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# Pictures that cannot be drawn are reported by the comparison as MISSING.
"$cml" vega-render --base "$gallery" --output-dir "$out" "$gallery/$folder"/*"$suffix" 2>"$out/log" || true
node "$CML_COMPARE_DIR/compare.mjs" "$out" "$gallery/$folder" --quiet --min-pass "$min_pass" || { grep 'error:' "$out/log" | head -40; exit 1; }
