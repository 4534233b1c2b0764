#!/usr/bin/env python3
"""Fails when a source file is not as clang-format-14 writes it, or when a line is wider than 120 characters.

Usage: check_format.py [ROOT]   In Markdown, tables, links and code blocks may be wider; in scripts, lines that a link
                                or a word that cannot be broken makes wide. tools/format mends the sources.
"""
import pathlib
import re
import subprocess
import sys

WIDTH = 120
root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
listed = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=root,
    check=True,
    capture_output=True,
    text=True,
).stdout.split("\n")
files = [root / name for name in listed if name and (root / name).is_file()]
faults = []


def may_be_wide(line):
    """Tables, code, and lines that a link or a word that cannot be broken makes wide."""
    code_or_table = line.startswith("    ") or line.lstrip().startswith("|")
    return code_or_table or re.search(r"\S{80,}", line) or re.search(r"\]\([^)]*\)|\]: ", line)


def check_width(path, wide):
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if len(line) > WIDTH and not (wide and (fenced or wide(line))):
            faults.append(f"{path.relative_to(root)}:{number}: {len(line)} characters, at most {WIDTH}")


SCRIPTS = {".sh", ".py", ".mjs", ".cmake", ".yml", ".yaml", ".groovy"}


def is_script(path):
    if path.suffix in SCRIPTS or path.name in ("CMakeLists.txt", ".clang-tidy"):
        return True
    if path.suffix:
        return False
    with path.open("rb") as file:
        return file.read(2) == b"#!"


sources = [path for path in files if path.suffix in (".cpp", ".hpp", ".h")]
for path in sources:
    check_width(path, None)
for path in files:
    name = path.relative_to(root).as_posix()
    if path.suffix == ".md":
        check_width(path, may_be_wide)
    elif not name.startswith(("fixtures/", "templates/")) and is_script(path):
        check_width(path, lambda line: re.search(r"\S{80,}", line))

result = subprocess.run(
    ["clang-format-14", "--dry-run", "--Werror", "--ferror-limit=1", *map(str, sources)],
    cwd=root,
    capture_output=True,
    text=True,
)
for line in result.stderr.split("\n"):
    if ": error:" in line:
        faults.append(line.split(": error:")[0].replace(str(root) + "/", "") + ": not formatted; run tools/format")
if result.returncode and not faults:
    faults.append("clang-format-14: " + result.stderr.strip()[:300])

print("\n".join(faults) or f"{len(sources)} sources are formatted")
sys.exit(1 if faults else 0)
