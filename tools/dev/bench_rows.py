#!/usr/bin/env python3
"""tools/bench lines and tools/bench data: what people draw, ours beside vega-cli's vl2png as whole processes, in turn.

Ratios come first; of each case the table shows the ratio aimed at, ours and the reference's milliseconds (the least of
the runs), peak memory against the reference's, and how our processor time grows: the exponent from n/4 to n/2 and from
n/2 to n, above what an empty chart takes. `--growth 0` leaves that out; `--no-reference` times ours alone.
"""
import argparse
import json
import math
import os
import pathlib
import random
import tempfile

from bench_process import run

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
Q, N, T = {"type": "quantitative"}, {"type": "nominal"}, {"type": "temporal"}


def chart(mark, x, y, values=None, **more):
    spec = {"$schema": SCHEMA, "width": 400, "height": 300, "mark": mark, "encoding": {"x": x, "y": y}}
    if values is not None:
        spec["data"] = {"values": values}
    spec["encoding"].update(more.pop("channels", {}))
    spec.update(more)
    return spec


def walk(n, series=1):
    """Noisy falling curves, as losses and metrics of single batches look."""
    r, rows = random.Random(7), []
    for s in range(series):
        y = 1.0
        for i in range(n // series):
            y += (r.random() - 0.5) * 0.02
            batch = y + 2 / (1 + i / n * series * 10) + r.gauss(0, 0.3)
            rows.append({"x": i, "y": round(batch, 6), "run": f"run {s}"})
    return rows


def line(mark=None, series=1, channels=None, rows=walk):
    def make(n, _):
        mark_def = {"type": "line", **(mark or {})}
        color = {"color": {"field": "run", **N, "legend": None}}
        y = {"field": "y", **Q, "scale": {"zero": False}}
        return chart(mark_def, {"field": "x", **Q}, y, rows(n, series), channels={**color, **(channels or {})})

    return make


def scattered(n, _=1):
    r = random.Random(5)
    return [{"x": round(r.random(), 6), "y": round(r.random(), 6), "i": i, "run": "a"} for i in range(n)]


def trail(n, _):
    rows = walk(n)
    for i, row in enumerate(rows):
        row["w"] = round(1 + math.sin(i / 50), 4)
    size = {"size": {"field": "w", **Q, "legend": None}}
    return chart("trail", {"field": "x", **Q}, {"field": "y", **Q, "scale": {"zero": False}}, rows, channels=size)


LINES = {
    "line_10k_s2": (25, 10_000, line(), ["-s", "2"]),
    "runs_20x1k": (25, 20_000, line(series=20), []),
    "runs_20x1k_s2": (25, 20_000, line(series=20), ["-s", "2"]),
    "step_20k": (20, 20_000, line({"interpolate": "step"}), []),
    "dash_20k": (20, 20_000, line({"strokeDash": [4, 2]}), []),
    "monotone_20k": (20, 20_000, line({"interpolate": "monotone"}), []),
    "noisy_x_20k": (20, 20_000, line(rows=scattered, channels={"order": {"field": "i", **Q}}), []),
    "width_4_20k": (20, 20_000, line({"strokeWidth": 4}), []),
    "width_4_20k_s2": (20, 20_000, line({"strokeWidth": 4}), ["-s", "2"]),
    "trail_10k": (20, 10_000, trail, []),
    "line_1m": (20, 1_000_000, line(), []),
}


def numbers(n, seed=1):
    r = random.Random(seed)
    return [round(r.gauss(0, 1), 5) for _ in range(n)]


def bars(values, field="v", transform=None, **more):
    y = {"aggregate": "count", **Q}
    return chart("bar", {"field": field, "bin": {"maxbins": 20}, **Q}, y, values, transform=transform or [], **more)


def one_of(n, _):
    r = random.Random(3)
    wanted = [f"item {i}" for i in range(0, 2 * n, 2)]
    values = [{"k": f"item {r.randrange(2 * n)}", "v": v} for v in numbers(100_000)]
    return bars(values, transform=[{"filter": {"field": "k", "oneOf": wanted}}])


def point_selection(n, _):
    values = [{"k": i % (2 * n), "v": v} for i, v in enumerate(numbers(50_000))]
    select = {"type": "point", "fields": ["k"]}
    params = [{"name": "p", "select": select, "value": [{"k": 2 * i} for i in range(n)]}]
    color = {"color": {"condition": {"param": "p", "value": "red"}, "value": "grey"}}
    return chart("tick", {"field": "v", **Q}, {"field": "k", **Q}, values, params=params, channels=color)


def window(op, frame, rows):
    def make(n, _):
        values = [{"i": i, "v": v} for i, v in enumerate(numbers(rows or n))]
        half = n if frame is None else frame
        step = {"window": [{"op": op, "field": "v", "as": "m"}], "frame": [-half, half], "sort": [{"field": "i"}]}
        return bars(values, "m", [step])

    return make


def csv_file(folder, name, header, rows):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(",".join(header) + "\n")
        out.writelines(",".join(row) + "\n" for row in rows)
    return {"url": name}


def csv_mean(n, folder):
    r = random.Random(2)
    rows = ((f"group {r.randrange(20)}", f"{r.random():.5f}", f"{r.random():.5f}") for _ in range(n))
    data = csv_file(folder, f"mean{n}.csv", ["g", "a", "b"], rows)
    return chart("bar", {"field": "g", **N}, {"aggregate": "mean", "field": "a", **Q}, data=data)


def csv_heat(n, folder):
    r = random.Random(2)
    data = csv_file(folder, f"heat{n}.csv", ["a", "b"], ((f"{r.random():.5f}", f"{r.random():.5f}") for _ in range(n)))
    x, y = ({"field": f, "bin": {"maxbins": 30}, **Q} for f in "ab")
    return chart("rect", x, y, data=data, channels={"color": {"aggregate": "count", **Q}})


def csv_wide(n, folder):
    r = random.Random(2)
    data = csv_file(folder, f"wide{n}.csv", [f"c{i}" for i in range(200)],
                    ([f"{r.random():.4f}" for _ in range(200)] for _ in range(n)))
    return bars(None, "c7", data=data)


def csv_texts(n, folder):
    r = random.Random(2)
    rows = ((f"name-{i:x}-{r.randrange(10**9)}", f"{r.random():.5f}") for i in range(n))
    return bars(None, "v", data=csv_file(folder, f"texts{n}.csv", ["name", "v"], rows))


def csv_parse(n, folder):
    r = random.Random(2)
    rows = ((f"{r.random():.5f}", f"{r.randrange(1000)}", "true", f"g{r.randrange(9)}") for _ in range(n))
    data = csv_file(folder, f"parse{n}.csv", ["a", "b", "c", "d"], rows)
    data["format"] = {"type": "csv", "parse": {"a": "number", "b": "number", "c": "boolean", "d": "string"}}
    return chart("bar", {"field": "d", **N}, {"aggregate": "mean", "field": "a", **Q}, data=data)


def json_file(folder, name, value, **form):
    pathlib.Path(folder, name).write_text(json.dumps(value), encoding="utf-8")
    return {"url": name, **({"format": form} if form else {})}


def json_mean(n, folder):
    r = random.Random(2)
    rows = [{"g": f"group {r.randrange(20)}", "a": round(r.random(), 5)} for _ in range(n)]
    data = json_file(folder, f"mean{n}.json", rows)
    return chart("bar", {"field": "g", **N}, {"aggregate": "mean", "field": "a", **Q}, data=data)


def json_nested(n, folder):
    rows = [{"id": i, "m": {"loss": v, "step": i}} for i, v in enumerate(numbers(n))]
    return bars(None, "m.loss", data=json_file(folder, f"nested{n}.json", rows))


def json_property(n, folder):
    rows = {"meta": {"name": "run"}, "data": {"rows": [{"v": v} for v in numbers(n)]}}
    return bars(None, "v", data=json_file(folder, f"property{n}.json", rows, property="data.rows"))


def calculate(expression):
    def make(n, _):
        values = [{"v": v, "s": f"Name {i % 97} of {i % 13}"} for i, v in enumerate(numbers(n))]
        return bars(values, "c", [{"calculate": expression, "as": "c"}])

    return make


def density(n, _):
    step = {"density": "v", "steps": 200}
    return chart("area", {"field": "value", **Q}, {"field": "density", **Q}, [{"v": v} for v in numbers(n)],
                 transform=[step])


def error_band(n, _):
    values = [{"x": i % 10, "v": v} for i, v in enumerate(numbers(n))]
    return chart({"type": "errorband", "extent": "ci"}, {"field": "x", **Q}, {"field": "v", **Q}, values)


def aggregates(n, _):
    r = random.Random(4)
    ops = "mean median q1 q3 min max stdev variance sum distinct valid missing stderr".split()
    step = {"aggregate": [{"op": op, "field": "v", "as": op} for op in ops], "groupby": ["g"]}
    values = [{"g": f"g{r.randrange(50)}", "v": v} for v in numbers(n)]
    return chart("point", {"field": "mean", **Q}, {"field": "distinct", **Q}, values, transform=[step])


def box_plot(n, _):
    values = [{"g": f"g{i % 10}", "v": v} for i, v in enumerate(numbers(n))]
    return chart({"type": "boxplot", "outliers": False}, {"field": "g", **N}, {"field": "v", **Q}, values)


def lookup(n, folder):
    other = json_file(folder, f"keys{n}.json", [{"key": f"k{i}", "w": i % 100} for i in range(n)])
    values = [{"k": f"k{(i * 7919) % n}"} for i in range(n)]
    step = {"lookup": "k", "from": {"data": other, "key": "key", "fields": ["w"]}}
    return bars(values, "w", [step])


IF_CHAIN = "datum.v < -2 ? 1 : datum.v < -1 ? 2 : datum.v < 0 ? 3 : datum.v < 1 ? 4 : datum.v < 2 ? 5 : 6"
STRINGS = "length(upper(substring(datum.s, 0, 6))) + indexof(datum.s, 'of')"
DATA = {
    "one_of_4k": (10, 4000, one_of, []),
    "point_selection_1k": (20, 1000, point_selection, []),
    "window_mean_2000": (15, 2000, window("mean", None, 50_000), []),
    "window_max_2000": (15, 2000, window("max", None, 50_000), []),
    "window_median_50": (15, 100_000, window("median", 50, None), []),
    "csv_1m_mean": (12, 1_000_000, csv_mean, []),
    "csv_1m_heat": (12, 1_000_000, csv_heat, []),
    "csv_200_columns": (15, 10_000, csv_wide, []),
    "csv_parse": (15, 300_000, csv_parse, []),
    "csv_200k_texts": (15, 200_000, csv_texts, []),
    "json_1m_mean": (12, 1_000_000, json_mean, []),
    "json_nested": (12, 200_000, json_nested, []),
    "json_property": (12, 300_000, json_property, []),
    "calculate_if": (10, 300_000, calculate(IF_CHAIN), []),
    "calculate_strings": (10, 300_000, calculate(STRINGS), []),
    "calculate_regexp": (10, 200_000, calculate("test(/9\\d? of/, datum.s) ? 1 : 0"), []),
    "calculate_math": (10, 500_000, calculate("sqrt(abs(datum.v)) * 2 + pow(datum.v, 2)"), []),
    "kde_200k": (10, 200_000, density, []),
    "error_band_ci_100k": (5, 100_000, error_band, []),
    "aggregates_13_300k": (12, 300_000, aggregates, []),
    "box_plot_1m": (15, 1_000_000, box_plot, []),
    "lookup_100k": (10, 100_000, lookup, []),
}

parser = argparse.ArgumentParser()
parser.add_argument("table", choices=["lines", "data"])
parser.add_argument("--cml", required=True, help="our vl2png")
parser.add_argument("--reference", help="folder of the reference renderer")
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--growth", type=int, default=1)
parser.add_argument("--no-reference", action="store_true")
parser.add_argument("names", nargs="*")
options = parser.parse_intermixed_args()
cases = LINES if options.table == "lines" else DATA
for unknown in [name for name in options.names if name not in cases]:
    parser.error(f"unknown case {unknown}; there are {', '.join(cases)}")
environment = dict(os.environ, TZ="UTC")
options.cml = str(pathlib.Path(options.cml).absolute())
if options.reference:
    options.reference = pathlib.Path(options.reference).absolute()
    environment["FONTCONFIG_FILE"] = str(options.reference / "fonts.conf")


def write(path, make):
    """Makes a specification in a child: a process's peak memory starts at its parent's, so this one must stay small."""
    pid = os.fork()
    if pid == 0:
        try:
            pathlib.Path(path).write_text(json.dumps(make()), encoding="utf-8")
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(pid, 0)[1]:
        raise SystemExit(f"{path} could not be made")


def times(programs, spec, more, runs):
    """The least seconds, kilobytes and processor seconds of each program; None: it does not end within a minute."""
    folder, least = os.path.dirname(spec), [None] * len(programs)
    for _ in range(runs):
        for i, program in enumerate(programs):
            taken = run([program, spec, os.path.join(folder, "out.png"), *more], environment, folder, 60)
            if taken:
                least[i] = taken if least[i] is None else tuple(map(min, least[i], taken))
    return least


with tempfile.TemporaryDirectory() as folder:
    ours, reference = [options.cml], []
    if options.reference and not options.no_reference:
        reference = [str(options.reference / "node_modules/.bin/vl2png")]
    empty = os.path.join(folder, "empty.vl.json")
    write(empty, lambda: chart("point", {"field": "x", **Q}, {"field": "y", **Q}, [{"x": 1, "y": 2}]))
    base = times(ours, empty, [], 5)[0][2]
    print(f"{'case':<20}{'faster':>8}{'goal':>6}{'ours ms':>9}{'ref ms':>9}{'memory':>8}{'growth':>13}")
    for name in options.names or cases:
        goal, n, make, more = cases[name]
        processor = []
        for size in (n // 4, n // 2, n) if options.growth else (n,):
            spec = os.path.join(folder, f"{name}{size}.vl.json")
            write(spec, lambda: make(size, folder))
            measured = times(ours + (reference if size == n else []), spec, more, options.runs)
            if not measured[0]:
                raise SystemExit(f"{name}: ours does not end within a minute")
            processor.append(max(1e-4, measured[0][2] - base))
        wall, memory, _ = measured[0]
        growth = " ".join(f"{math.log2(b / a):.2f}" for a, b in zip(processor, processor[1:]))
        theirs = measured[1] if len(measured) > 1 else None
        faster = f"{theirs[0] / wall:.1f}" if theirs else "over a minute" if reference else "-"
        ratio = f"{memory / theirs[1]:.2f}" if theirs else "-"
        shown = f"{theirs[0] * 1e3:.0f}" if theirs else "-"
        print(f"{name:<20}{faster:>8}{goal:>6}{wall * 1e3:>9.1f}{shown:>9}{ratio:>8}{growth:>13}", flush=True)
        for file in pathlib.Path(folder).iterdir():
            if file.name != "empty.vl.json":
                file.unlink()
