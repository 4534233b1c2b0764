#!/usr/bin/env python3
"""Checks that files are opened where they may be: elsewhere everything goes through workspace/door.hpp.

Usage: check_doors.py ROOT. Two rules, each with its list of exceptions and their reasons:
  1. Only src/platform calls the system to open, list or remove files.
  2. Only the modules and files below read or write through the FileSystem port itself.
"""
import pathlib
import re
import sys

SYSTEM_CALLS = re.compile(
    r"std::[io]?fstream|\bfopen\(|(?<![\w.>:])::open(at)?\(|directory_iterator|(std::filesystem|fs)::(canonical|"
    r"exists|is_\w+|read_symlink|remove|rename|create_\w+|copy\w*|file_size|status)\(")
PORT_CALLS = re.compile(
    r"\bfiles(_|\(\))?(\.|->)(read|read_admitted|write|remove|list|make_directories|create_new)\(|"
    r"FileSystem[&*] ")

MAY_CALL_SYSTEM = {
    "platform/": "the real ports",
    "vega/value/time_zone.cpp": "zone files of the system, by names that hold no dots",
}
MAY_USE_PORT = {
    "platform/": "the real ports",
    "ports/ports.hpp": "passes the ports on",
    "workspace/": "the door",
    "forge/local/": "the embedded forge's own folder",
    "forge/": "the CI's event file, which the CI names",
    "cloud/": "credentials of the clouds, which the user's environment names",
    "runner/": "agents on the runner's machine",
    "git/commit.cpp": "an index of its own in the git folder",
    "asset/": "dir: destinations and the index of asset prune, which the command line names",
    "app/recording_files.hpp": "records what is read",
    "app/plotter.cpp": "tells the recorder; reads nothing",
    "app/commands/comment_watch.cpp": "the trigger file, which the command line names",
    "app/commands/comment_result.cpp": "the step summary, which the CI names",
    "app/commands/comment_post": "passes the recorder on",
    "app/commands/vega_render.cpp": "inputs and configuration, which the command line names",
    "app/commands/asset_publish.cpp": "pipes that the caller's shell opened",
}

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
errors, files, used = [], 0, set()


def allowed(relative, rows):
    for prefix in rows:
        if relative.startswith(prefix):
            used.add(prefix)
            return True
    return False


for path in sorted((root / "src").rglob("*.[ch]pp")):
    relative = path.relative_to(root / "src").as_posix()
    files += 1
    for number, line in enumerate(path.read_text().splitlines(), 1):
        code = line.split("//")[0]
        if SYSTEM_CALLS.search(code) and not allowed(relative, MAY_CALL_SYSTEM):
            errors.append(f"src/{relative}:{number}: opens files itself: {code.strip()}")
        if PORT_CALLS.search(code) and not allowed(relative, MAY_USE_PORT):
            errors.append(f"src/{relative}:{number}: goes around the door: {code.strip()}")
for unused in sorted((set(MAY_CALL_SYSTEM) | set(MAY_USE_PORT)) - used):
    errors.append(f"the exception {unused} is not needed any more")
print("\n".join(errors))
print(f"{files} files, {len(errors)} violations")
sys.exit(1 if errors or not files else 0)
