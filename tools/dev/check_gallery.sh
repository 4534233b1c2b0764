#!/usr/bin/env bash
# Draws a folder of reference specifications and compares the pictures with the reference's, by compare.mjs.
# Usage: check_gallery.sh CML SPEC_SUFFIX GALLERY_SUBFOLDER MIN_PASS [JUDGED_SUFFIX]
#   (CML_SHARED_DIR, CML_COMPARE_DIR; 77: skipped). With JUDGED_SUFFIX, a picture that has the bytes of the same name's
#   picture by a specification of that suffix is judged with that one, by its own test; only the others are compared,
#   and all of them must pass.
set -euo pipefail
cml=$1 suffix=$2 folder=$3 min_pass=$4 judged=${5:-}
if [[ -z ${CML_SHARED_DIR:-} || -z ${CML_COMPARE_DIR:-} ]]; then
  echo "skipped: CML_SHARED_DIR and CML_COMPARE_DIR are not set (tools/test sets them)"
  exit 77
fi
gallery=$CML_SHARED_DIR/gallery
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
draw() { "$cml" vega-render --base "$gallery" --output-dir "$1" "$gallery/$folder"/*"$2" 2>>"$out/log" || true; }
if [[ -n $judged ]]; then
  draw "$out/drawn" "$suffix"
  draw "$out/judged" "$judged"
  drawn=("$out/drawn"/*.png) others=()
  ((${#drawn[@]} >= min_pass)) || { echo "only ${#drawn[@]} pictures are drawn, of $min_pass"; exit 1; }
  for picture in "${drawn[@]}"; do
    cmp -s "$picture" "$out/judged/${picture##*/}" || others+=("$(basename "$picture" .png)")
  done
  echo "${#drawn[@]} drawn, ${#others[@]} of them other than by $judged"
  ((${#others[@]} == 0)) ||
    node "$CML_COMPARE_DIR/compare.mjs" "$out/drawn" "$gallery/$folder" "${others[@]}" --quiet \
      --min-pass "${#others[@]}"
  exit
fi
# Pictures that cannot be drawn are reported by the comparison as MISSING.
draw "$out" "$suffix"
if ! node "$CML_COMPARE_DIR/compare.mjs" "$out" "$gallery/$folder" --quiet --min-pass "$min_pass"; then
  grep 'error:' "$out/log" | head -40
  exit 1
fi
