#!/usr/bin/env python3
"""Checks every #include in src/ against the import rules, which are read from the cml_room lines of CMakeLists.txt.

Usage: check_rooms.py ROOT. Prints each violation as file:line and exits 1; also refuses source files over 600 lines
that are not tables (a table says so in its first lines: "// Table:").
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
text = (root / "CMakeLists.txt").read_text()
rules = {}
for match in re.finditer(r"cml_room\(([^)]*)\)", text):
    words = match.group(1).split()
    name, imports, mode = words[0], [], None
    for word in words[1:]:
        if word in ("IMPORTS", "LIBRARIES", "APART", "BY_FOLDER"):
            mode = word
        elif mode == "IMPORTS":
            imports.append(word)
    rules[name] = set(imports)
if len(rules) < 10:
    sys.exit("check_rooms: no cml_room lines found in CMakeLists.txt")


def room_of(path):
    parts = path.split("/")
    for length in (2, 1):
        name = "/".join(parts[:length])
        if name in rules:
            return name
    return None


errors, files = [], 0
for path in sorted((root / "src").rglob("*.[ch]pp")):
    relative = path.relative_to(root / "src").as_posix()
    room = room_of(relative)
    if room is None:
        errors.append(f"src/{relative}:1: in no room")
        continue
    files += 1
    lines = path.read_text().splitlines()
    if len(lines) > 600 and not any(line.startswith("// Table:") for line in lines[:5]):
        errors.append(f"src/{relative}: {len(lines)} lines; the limit is 600 unless it is a table")
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#include "([^"]+)"', line)
        if not include:
            continue
        target = include.group(1)
        if target.startswith("."):
            errors.append(f"src/{relative}:{number}: relative include {target}")
            continue
        other = room_of(target)
        if other and other != room and other not in rules[room]:
            errors.append(f"src/{relative}:{number}: room {room} may not import {other} ({target})")
for error in errors:
    print(error)
print(f"{files} files, {len(errors)} violations")
sys.exit(1 if errors or not files else 0)
