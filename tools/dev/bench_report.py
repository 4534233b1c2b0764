#!/usr/bin/env python3
"""Wall time and peak memory of `cml report create`: 1,000 metrics over 20 commits, and a TensorBoard log of 100 MB.

Usage: bench_report.py CML [--check]   --check exits 1 beyond the limits that the project holds itself to.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from measured import measured

cml, check = os.path.abspath(sys.argv[1]), "--check" in sys.argv
here = pathlib.Path(__file__).parent


def git(folder, *words):
    environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.test", *words],
        cwd=folder,
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


beyond = 0
with tempfile.TemporaryDirectory() as folder:
    git(folder, "init", "-q", "-b", "main", ".")
    for revision in range(20):
        metrics = {f"group_{i // 50}": {} for i in range(1000)}
        for i in range(1000):
            metrics[f"group_{i // 50}"][f"loss_{i}"] = 1 / (i + revision + 1)
        pathlib.Path(folder, "metrics.json").write_text(json.dumps(metrics))
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", str(revision))
    subprocess.run(
        [
            sys.executable,
            here / "make_tensorboard_fixture.py",
            pathlib.Path(folder, "events.out.tfevents.1.large"),
            "100",
        ],
        check=True,
    )
    rows = [
        (
            "1,000 metrics against a commit",
            ["report", "create", "--metrics", "metrics.json", "--compare", "HEAD~1"],
            200,
            60,
        ),
        (
            "1,000 metrics over 20 commits",
            ["report", "create", "--metrics", "metrics.json", "--compare", "HEAD~1", "--history", "20", "--json"],
            200,
            60,
        ),
        (
            "the same, 1,000 sparklines drawn",
            ["report", "create", "--metrics", "metrics.json", "--compare", "HEAD~1", "--history", "20", "--dry-run"],
            200,
            60,
        ),
        (
            "the same, and written as files",
            [
                "report",
                "create",
                "--metrics",
                "metrics.json",
                "--compare",
                "HEAD~1",
                "--history",
                "20",
                "-o",
                "report.md",
            ],
            None,
            60,
        ),
        ("TensorBoard log of 100 MB", ["report", "create", "--metrics", "events.out.tfevents.1.large"], 1000, None),
    ]
    print(f"{'':34}{'ms':>8}{'MB':>8}   limit")
    for name, words, most_ms, most_mb in rows:
        ms, mb = measured([cml, *words], folder)
        over = (most_ms is not None and ms > most_ms) or (most_mb is not None and mb > most_mb)
        beyond += over
        print(
            f"{name:34}{ms:8.0f}{mb:8.0f}   {'by the disk' if most_ms is None else f'{most_ms} ms'}"
            f"{'' if most_mb is None else f', {most_mb} MB'}{'  BEYOND' if over else ''}"
        )
sys.exit(1 if check and beyond else 0)
