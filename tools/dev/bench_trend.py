#!/usr/bin/env python3
"""Wall time and peak memory of `cml report trend` and of a baseline over 10,000 recorded commits with 10 metrics each.

Usage: bench_trend.py CML [--check]   --check exits 1 above 300 ms or 60 MB.
"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

from measured import measured

COMMITS, METRICS, LINES_OF_A_SHARD = 10_000, 10, 256
cml, check = os.path.abspath(sys.argv[1]), "--check" in sys.argv
environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")


def git(folder, *words, given=None):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.test", *words]
    run = subprocess.run(command, cwd=folder, check=True, env=environment, input=given, stdout=subprocess.PIPE)
    return run.stdout.decode().strip()


def line_of(commit):
    wave = math.sin(commit) / 50
    values = {f"metric_{i}": 0.5 + i / 100 + wave + (0.1 if commit > 7000 else 0) for i in range(METRICS)}
    record = {"commit": f"{commit:040x}", "branch": "main", "time": 1_700_000_000 + 3600 * commit}
    return json.dumps(record | {"values": {"metrics.json": values}}, separators=(",", ":"))


beyond = 0
with tempfile.TemporaryDirectory() as folder:
    git(folder, "init", "-q", "-b", "main", ".")
    pathlib.Path(folder, "metrics.json").write_text(json.dumps({"metric_0": 0.5}))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "state")
    tree = ""
    for number, begin in enumerate(range(0, COMMITS, LINES_OF_A_SHARD)):
        text = "".join(line_of(i) + "\n" for i in range(begin, min(begin + LINES_OF_A_SHARD, COMMITS)))
        blob = git(folder, "hash-object", "-w", "--stdin", given=text.encode())
        tree += f"100644 blob {blob}\t{number:06}.jsonl\n"
    commit = git(folder, "commit-tree", git(folder, "mktree", given=tree.encode()), "-m", "records")
    git(folder, "update-ref", "refs/cml/metrics", commit)
    for name, words in {
        "trend, Markdown": ["report", "trend", "-o", "trend.md"],
        "trend, Markdown of all commits": ["report", "trend", "-o", "trend.md", "--last", "0"],
        "trend, HTML": ["report", "trend", "--html", "trend.html"],
        "baseline": ["report", "create", "--metrics", "metrics.json", "--baseline", "median:main:20"],
    }.items():
        milliseconds, megabytes = measured([cml, *words], folder, environment=environment)
        print(f"{name:32} {milliseconds:7.0f} ms {megabytes:6.0f} MB")
        beyond += milliseconds > 300 or megabytes > 60
sys.exit(1 if check and beyond else 0)
