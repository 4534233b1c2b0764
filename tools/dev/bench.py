#!/usr/bin/env python3
"""Wall time and peak memory of vl2png, ours and the reference's, interleaved so that a noisy machine hurts both alike.

The specifications are made by a deterministic generator (no input files), the same data whichever tool draws them.
With --before BINARY an earlier build of ours takes the reference's place; then the processor time is compared as well,
the least of all runs, and more than --at-most percent above the earlier build's is a failure.
"""
import argparse
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--cml", required=True)
parser.add_argument("--reference", help="folder of the reference renderer")
parser.add_argument("--before", help="vl2png of an earlier build, instead of the reference")
parser.add_argument("--at-most", type=float, default=3, help="percent of processor time to lose with --before")
parser.add_argument("--runs", type=int, default=7)
parser.add_argument("names", nargs="*")
options = parser.parse_args()
if not options.reference and not options.before:
    parser.error("--reference FOLDER or --before BINARY")


def lcg(seed):
    """Uniform numbers in [0, 1) of a 32-bit linear congruential generator (Numerical Recipes' constants)."""
    state = seed
    while True:
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        yield state / 4294967296


def gauss(r):
    return math.sqrt(-2 * math.log(1 - next(r))) * math.cos(2 * math.pi * next(r))


SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
QUANTITATIVE = {"type": "quantitative"}


def line(n):
    r, rows = lcg(7), []
    for rev in ("main", "workspace"):
        y = 1.0
        for i in range(n // 2):
            y += (next(r) - 0.5) * 0.02
            rows.append({"x": i, "y": round(y + 2 / (1 + i / n * 20), 6), "rev": rev})
    return {
        "$schema": SCHEMA,
        "width": 400,
        "height": 300,
        "mark": "line",
        "data": {"values": rows},
        "encoding": {
            "x": {"field": "x", **QUANTITATIVE},
            "y": {"field": "y", **QUANTITATIVE, "scale": {"zero": False}},
            "color": {"field": "rev", "type": "nominal"},
        },
    }


def bar():
    return {
        "$schema": SCHEMA,
        "mark": "bar",
        "data": {"values": [{"a": c, "b": v} for c, v in zip("ABCDEFGHI", (28, 55, 43, 91, 81, 53, 19, 87, 52))]},
        "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", **QUANTITATIVE}},
    }


def scatter():
    r = lcg(3)
    rows = [
        {
            "power": 46 + int(next(r) * 184),
            "mpg": round(9 + next(r) * 37, 1),
            "origin": "USA Europe Japan".split()[int(next(r) * 3)],
        }
        for _ in range(400)
    ]
    return {
        "$schema": SCHEMA,
        "mark": "point",
        "data": {"values": rows},
        "encoding": {
            "x": {"field": "power", **QUANTITATIVE},
            "y": {"field": "mpg", **QUANTITATIVE},
            "color": {"field": "origin", "type": "nominal"},
        },
    }


def dvc_linear():
    spec = json.loads((pathlib.Path(__file__).parents[2] / "fixtures/demo/loss.vl.json").read_text())
    return spec


def histogram():
    r = lcg(11)
    return {
        "$schema": SCHEMA,
        "mark": "bar",
        "data": {"values": [{"v": round(gauss(r), 5)} for _ in range(100000)]},
        "encoding": {"x": {"field": "v", "bin": {"maxbins": 40}, **QUANTITATIVE}, "y": {"aggregate": "count"}},
    }


def loess():
    r, n = lcg(13), 10000
    rows = [{"x": round(i / n * 10, 5), "y": round(math.sin(i / n * 10) + 0.3 * gauss(r), 5)} for i in range(n)]
    xy = {"x": {"field": "x", **QUANTITATIVE}, "y": {"field": "y", **QUANTITATIVE}}
    return {
        "$schema": SCHEMA,
        "width": 400,
        "height": 300,
        "data": {"values": rows},
        "layer": [
            {"mark": {"type": "point", "opacity": 0.1}, "encoding": xy},
            {"mark": {"type": "line", "color": "firebrick"}, "transform": [{"loess": "y", "on": "x"}], "encoding": xy},
        ],
    }


CASES = {
    "bar": bar,
    "scatter_400": scatter,
    "dvc_linear_2x100": dvc_linear,
    "line_10k": lambda: line(10_000),
    "line_100k": lambda: line(100_000),
    "line_1m": lambda: line(1_000_000),
    "histogram_100k": histogram,
    "loess_10k": loess,
}


unknown = [name for name in options.names if name not in CASES]
if unknown:
    parser.error(f"unknown case {unknown[0]}; there are {', '.join(CASES)}")


def write(path, make):
    """Makes a specification in a child: a process's peak memory starts at its parent's, so this one must stay small."""
    pid = os.fork()
    if pid == 0:
        pathlib.Path(path).write_text(json.dumps(make()))
        os._exit(0)
    os.waitpid(pid, 0)


def run(command, environment):
    """Seconds, peak kilobytes and seconds of processor time of one process."""
    start = time.perf_counter()
    pid = os.posix_spawnp(
        command[0],
        command,
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0),
        ],
    )
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_maxrss, usage.ru_utime + usage.ru_stime


def in_turn(folder, name, programs, runs):
    """What each of two programs took for one case, run by run."""
    spec = os.path.join(folder, name + ".vl.json")
    write(spec, CASES[name])
    for program in programs:
        run([program, spec, os.path.join(folder, "warm.png")], environment)
    taken = [[], []]
    for _ in range(runs):
        for program, of_program in zip(programs, taken):
            of_program.append(run([program, spec, os.path.join(folder, "out.png")], environment))
    return taken


def against_reference(folder, name, runs):
    reference = str(pathlib.Path(options.reference) / "node_modules/.bin/vl2png")
    taken = in_turn(folder, name, (options.cml, reference), runs)
    ours, theirs = ([statistics.median(of_run[i] for of_run in runs) for i in (0, 1)] for runs in taken)
    print(
        f"{name:<18}{ours[0] * 1e3:>9.1f}{theirs[0] * 1e3:>9.1f}{theirs[0] / ours[0]:>8.1f}x{ours[1] / 1024:>9.1f}"
        f"{theirs[1] / 1024:>9.1f}{ours[1] / theirs[1]:>8.2f}x",
        flush=True,
    )


def as_copied(folder, program):
    """A copy under the same name: a file that a linker has just written costs 10% more to start than a copied one."""
    copy = pathlib.Path(folder) / str(int(os.stat(program).st_ino)) / pathlib.Path(program).name
    if not copy.exists():
        copy.parent.mkdir()
        shutil.copy(program, copy)
    return str(copy)


def against_before(folder, name, runs):
    """Prints one case and returns whether it lost more than is allowed."""
    taken = in_turn(folder, name, [as_copied(folder, program) for program in (options.cml, options.before)], runs)
    ours, before = ([min(of_run[i] for of_run in runs) for i in (0, 2)] for runs in taken)
    lost = (ours[1] / before[1] - 1) * 100
    print(
        f"{name:<18}{ours[0] * 1e3:>9.2f}{before[0] * 1e3:>9.2f}{ours[1] * 1e3:>9.2f}{before[1] * 1e3:>9.2f}"
        f"{lost:>+8.1f}%",
        flush=True,
    )
    return lost > options.at_most


environment = dict(os.environ, TZ="UTC")
slower = []
with tempfile.TemporaryDirectory() as folder:
    if options.before:
        print(f"{'case':<18}{'ours ms':>9}{'before':>9}{'ours CPU':>9}{'before':>9}{'lost':>9}")
    else:
        environment["FONTCONFIG_FILE"] = str(pathlib.Path(options.reference) / "fonts.conf")
        print(f"{'case':<18}{'ours ms':>9}{'ref ms':>9}{'faster':>9}{'ours MB':>9}{'ref MB':>9}{'memory':>9}")
    for name in options.names or CASES:
        runs = options.runs if "1m" not in name else max(3, options.runs // 2)
        if not options.before:
            against_reference(folder, name, runs)
        elif against_before(folder, name, runs):
            slower.append(name)
if slower:
    raise SystemExit(f"more than {options.at_most:g}% slower than before: {', '.join(slower)}")
