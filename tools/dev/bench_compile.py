#!/usr/bin/env python3
"""Time of the Vega-Lite compiler alone.

Milliseconds of a small specification, and of 5 and 500 layers (no quadratic cost).

One process compiles many copies; the time of a process with one copy is taken off, so that the start does not count.
"""
import argparse
import json
import os
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--cml", required=True)
options = parser.parse_args()


def layers(n):
    return {
        "data": {"values": [{"x": i, "y": i * i} for i in range(10)]},
        "layer": [
            {
                "mark": ["line", "point", "bar"][i % 3],
                "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
            }
            for i in range(n)
        ],
    }


SMALL = {
    "data": {"values": [{"a": "A", "b": 28}, {"a": "B", "b": 55}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
}


def milliseconds(spec, copies):
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i in range(copies):
            names.append(os.path.join(folder, f"{i}.vl.json"))
            with open(names[-1], "w") as file:
                json.dump(spec, file)
        best = {}
        for files in (names[:1], names):
            for _ in range(5):
                start = time.perf_counter()
                subprocess.run(
                    [options.cml, "vega-render", "-f", "vega", "--output-dir", os.path.join(folder, "out"), *files],
                    check=True,
                    stderr=subprocess.DEVNULL,
                )
                took = time.perf_counter() - start
                best[len(files)] = min(best.get(len(files), took), took)
        return (best[copies] - best[1]) / (copies - 1) * 1e3


small, five, many = milliseconds(SMALL, 200), milliseconds(layers(5), 100), milliseconds(layers(500), 5)
print(f"a small specification: {small:.2f} ms (below 1 ms asked, reading and writing the files included)")
print(f"5 layers: {five:.2f} ms, 500 layers: {many:.1f} ms: {many / five:.0f} times (within 100 asked)")
