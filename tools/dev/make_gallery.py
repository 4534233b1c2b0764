#!/usr/bin/env python3
"""Writes docs/images/gallery: specifications with made-up data and the pictures that cml draws of them,
for docs/commands/vega-render.md.

Usage: make_gallery.py CML
"""
import json
import math
import pathlib
import random
import subprocess
import sys

folder = pathlib.Path(__file__).parents[2] / "docs/images/gallery"
folder.mkdir(parents=True, exist_ok=True)
r = random.Random(5)
Q, N, O = ({"type": t} for t in ("quantitative", "nominal", "ordinal"))


def rounded(x):
    return round(x, 4)


training = [
    {"step": i, "loss": rounded(scale * math.exp(-i / 25) + 0.08 + r.gauss(0, 0.03)), "rev": rev}
    for rev, scale in (("main", 1.1), ("workspace", 0.9))
    for i in range(100)
]
flowers = [
    {"length": rounded(r.gauss(*l)), "width": rounded(r.gauss(*w)), "kind": k}
    for k, l, w in (
        ("setosa", (1.5, 0.2), (0.3, 0.1)),
        ("versicolor", (4.3, 0.5), (1.3, 0.2)),
        ("virginica", (5.6, 0.5), (2.0, 0.3)),
    )
    for _ in range(50)
]
confusion = [
    {"actual": a, "predicted": p, "n": n}
    for a, row in zip("cat dog bird".split(), ((42, 5, 1), (7, 38, 3), (2, 1, 51)))
    for p, n in zip("cat dog bird".split(), row)
]
times = [
    {"model": m, "ms": rounded(abs(r.gauss(c, s)))}
    for m, c, s in (("small", 12, 3), ("base", 25, 5), ("large", 60, 12), ("distilled", 15, 2))
    for _ in range(60)
]
importance = [
    {"feature": f, "weight": w, "fold": k}
    for f, ws in (("age", (31, 29)), ("income", (26, 28)), ("city", (18, 16)), ("tenure", (12, 15)), ("plan", (8, 7)))
    for k, w in zip(("A", "B"), ws)
]
roc = [
    {"fpr": rounded(x / 50), "tpr": rounded((x / 50) ** p), "model": m}
    for m, p in (("new", 0.22), ("old", 0.4))
    for x in range(51)
]

SPECS = {
    "training": {
        "width": 260,
        "height": 180,
        "data": {"values": training},
        "encoding": {"x": {"field": "step", **Q}, "y": {"field": "loss", **Q}, "color": {"field": "rev", **N}},
        "layer": [
            {"mark": {"type": "line", "opacity": 0.3}},
            {"mark": "line", "transform": [{"loess": "loss", "on": "step", "groupby": ["rev"], "bandwidth": 0.3}]},
        ],
    },
    "flowers": {
        "width": 260,
        "height": 180,
        "data": {"values": flowers},
        "mark": {"type": "point", "filled": True, "opacity": 0.7},
        "encoding": {
            "x": {"field": "length", **Q},
            "y": {"field": "width", **Q},
            "color": {"field": "kind", **N},
            "shape": {"field": "kind", **N},
        },
    },
    "confusion": {
        "width": 180,
        "height": 180,
        "data": {"values": confusion},
        "encoding": {"x": {"field": "predicted", **N}, "y": {"field": "actual", **N}},
        "layer": [
            {"mark": "rect", "encoding": {"color": {"field": "n", **Q, "scale": {"scheme": "blues"}}}},
            {
                "mark": {"type": "text", "fontSize": 14},
                "encoding": {
                    "text": {"field": "n", **Q},
                    "color": {"condition": {"test": "datum.n > 25", "value": "white"}, "value": "black"},
                },
            },
        ],
    },
    "latency": {
        "width": 260,
        "height": 180,
        "data": {"values": times},
        "mark": {"type": "boxplot", "extent": 1.5},
        "encoding": {
            "x": {"field": "ms", **Q, "title": "latency (ms)"},
            "y": {"field": "model", **N},
            "color": {"field": "model", **N, "legend": None},
        },
    },
    "histogram": {
        "width": 260,
        "height": 180,
        "data": {"values": times},
        "mark": "bar",
        "encoding": {
            "x": {"bin": {"maxbins": 25}, "field": "ms"},
            "y": {"aggregate": "count"},
            "color": {"field": "model", **N},
        },
    },
    "importance": {
        "width": 220,
        "data": {"values": importance},
        "mark": {"type": "bar", "cornerRadiusEnd": 3},
        "encoding": {
            "y": {"field": "feature", **N, "sort": "-x"},
            "x": {"field": "weight", **Q, "title": "importance (%)"},
            "yOffset": {"field": "fold"},
            "color": {"field": "fold", **N},
        },
    },
    "roc": {
        "width": 200,
        "height": 200,
        "data": {"values": roc},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.15},
                "encoding": {
                    "x": {"field": "fpr", **Q},
                    "y": {"field": "tpr", **Q, "stack": None},
                    "color": {"field": "model", **N},
                },
            },
            {
                "mark": "line",
                "encoding": {"x": {"field": "fpr", **Q}, "y": {"field": "tpr", **Q}, "color": {"field": "model", **N}},
            },
            {
                "data": {"values": [{"v": 0}, {"v": 1}]},
                "mark": {"type": "line", "strokeDash": [4, 4], "color": "grey"},
                "encoding": {"x": {"field": "v", **Q}, "y": {"field": "v", **Q}},
            },
        ],
    },
    "facets": {
        "data": {"values": flowers},
        "facet": {"column": {"field": "kind", **N}},
        "spec": {
            "width": 110,
            "height": 110,
            "layer": [
                {
                    "mark": {"type": "point", "opacity": 0.4},
                    "encoding": {"x": {"field": "length", **Q, "scale": {"zero": False}}, "y": {"field": "width", **Q}},
                },
                {
                    "mark": {"type": "line", "color": "firebrick"},
                    "transform": [{"regression": "width", "on": "length"}],
                    "encoding": {"x": {"field": "length", **Q}, "y": {"field": "width", **Q}},
                },
            ],
        },
        "resolve": {"scale": {"x": "independent"}},
    },
}
for name, spec in SPECS.items():
    file = folder / f"{name}.vl.json"
    file.write_text(
        json.dumps(
            {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "background": "white", **spec},
            separators=(",", ":"),
        )
        + "\n"
    )
    subprocess.run([sys.argv[1], "vega-render", str(file), "-o", str(folder / f"{name}.png")], check=True)
