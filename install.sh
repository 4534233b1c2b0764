#!/bin/sh
# Installs cml for one user: no root, no package manager, nothing outside the folder.
#
#   sh install.sh [--version X.Y.Z] [--dir FOLDER]
#
# --dir      where the program goes (default: ~/.local/bin); links for the older names (cml-publish, vl2png, ...) beside
#            it
# --version  of the release (default: the one that this script belongs to, else the latest)
#
# Where releases are stands in CML_HOME (https://HOST/OWNER/cml, on GitLab https://HOST/OWNER/cml/-) or, in a release's
# own copy of this script, below. What is fetched is compared with the release's SHA256SUMS before it is installed.
set -eu

home=${CML_HOME:-}
version=${CML_VERSION:-}
directory=

fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --version) [ $# -gt 1 ] || fail "--version needs a value"; version=$2; shift 2 ;;
    --version=*) version=${1#*=}; shift ;;
    --dir) [ -n "${2:-}" ] || fail "--dir needs a value"; directory=$2; shift 2 ;;
    --dir=?*) directory=${1#*=}; shift ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "no option $1; see --help" ;;
  esac
done

if [ -z "$directory" ]; then
  [ -n "${HOME:-}" ] || fail "HOME is not set; name a folder with --dir"
  directory=$HOME/.local/bin
fi
[ -n "$home" ] || fail "where releases are is not known; set CML_HOME=https://HOST/OWNER/cml"
case $home in
  *@*) fail "CML_HOME must hold no login" ;;  # "http://localhost:1@elsewhere/" is no address of this machine.
  https://* | http://127.0.0.1[:/]* | http://localhost[:/]*) ;;
  *) fail "CML_HOME must be https: $home" ;;
esac
[ "$(uname -s)" = Linux ] || fail "cml runs on Linux, this is $(uname -s); use a Linux machine or container"
case $(uname -m) in
  x86_64 | amd64) arch=x64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "there is no cml for $(uname -m), only for x86-64 and 64-bit ARM" ;;
esac
case $version in
  latest) version= ;;
  *[!0-9A-Za-z.+-]*) fail "not a version: $version" ;;
esac
tag=v${version#v}
case $home in
  */-) release=$home/releases/$([ -n "$version" ] && echo "$tag" || echo permalink/latest)/downloads ;;
  *) release=$home/releases/$([ -n "$version" ] && echo "download/$tag" || echo latest/download) ;;
esac

# No redirect leads from https to http, where anybody between could answer with sums of his own.
case $home in https://*) protocol='=https' ;; *) protocol='=http,https' ;; esac
if command -v curl >/dev/null 2>&1; then
  fetch() { curl -fsSL --proto "$protocol" --retry 3 -o "$2" "$1"; }
elif command -v wget >/dev/null 2>&1; then
  fetch() { wget -q -O "$2" "$1"; }
else
  fail "needs curl or wget"
fi
command -v sha256sum >/dev/null 2>&1 || fail "needs sha256sum (coreutils)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The archive where it can be unpacked, else the program itself, which is larger.
if command -v xz >/dev/null 2>&1 && command -v tar >/dev/null 2>&1; then
  file=cml-linux-$arch.tar.xz
else
  file=cml-linux-$arch
fi
fetch "$release/SHA256SUMS" "$work/SHA256SUMS" || fail "cannot fetch $release/SHA256SUMS; is there such a release?"
fetch "$release/$file" "$work/$file" || fail "cannot fetch $release/$file"
grep "  $file\$" "$work/SHA256SUMS" >"$work/sum" || fail "$release/SHA256SUMS does not name $file"
(cd "$work" && sha256sum -c sum >/dev/null 2>&1) ||
  fail "$file is not what SHA256SUMS says; nothing is installed. Try again, or tell whoever runs $home"

case $file in
  *.tar.xz)
    mkdir "$work/unpacked"
    tar -xJf "$work/$file" -C "$work/unpacked"
    program=$(find "$work/unpacked" -type f -name cml | head -n 1)
    [ -n "$program" ] || fail "$file holds no cml"
    ;;
  *) program=$work/$file ;;
esac

existed=yes
[ -d "$directory" ] || existed=no
mkdir -p "$directory" || fail "cannot make $directory; name a folder of yours with --dir"
new=$directory/.cml.new.$$
undo() { # What a failure leaves is what was there before.
  rm -f "$new"
  [ $existed = yes ] || rmdir "$directory" 2>/dev/null || true
}
trap 'rm -rf "$work"; undo' EXIT
# Tried where it will be: nothing may be run from many machines' /tmp.
if ! cp "$program" "$new" || ! chmod 755 "$new"; then
  fail "cannot write into $directory; name a folder of yours with --dir"
fi
installed=$("$new" --version 2>&1) || fail "$file does not run from $directory: $installed"
# Renamed into its place, so that a cml that is running keeps its file.
[ ! -d "$directory/cml" ] || fail "$directory/cml is a folder; name another place with --dir"
mv -f "$new" "$directory/cml" || fail "cannot write $directory/cml; name a folder of yours with --dir"
existed=yes
for link in cml-send-comment cml-publish cml-pr cml-ci cml-runner cml-send-github-check cml-rerun-workflow \
  cml-tensorboard-dev vl2png vl2svg vl2pdf vl2vg vg2png vg2svg vg2pdf vl-convert; do
  # Another tool of that name, such as vega-cli's, stays.
  if [ ! -e "$directory/$link" ] || [ "$(readlink "$directory/$link" || true)" = cml ]; then
    ln -sf cml "$directory/$link"
  else
    printf 'install.sh: %s/%s is another program and stays\n' "$directory" "$link" >&2
  fi
done
printf 'cml %s is in %s\n' "$installed" "$directory"
case :${PATH:-}: in
  *:"$directory":*) ;;
  *) printf 'Add it to your PATH: export PATH="%s:%sPATH"\n' "$directory" '$' ;;
esac
