#!/usr/bin/env python3
"""Writes an mlruns folder in the layout of MLflow's file store: make_mlflow_fixture.py FOLDER."""
import pathlib
import sys

root = pathlib.Path(sys.argv[1])
for experiment, run, name, start, offset in (
    ("0", "0123456789abcdef0123456789abcdef", "baseline", 1_700_000_000_000, 0.0),
    ("0", "fedcba9876543210fedcba9876543210", "wider", 1_700_000_500_000, 0.05),
    ("1", "aaaabbbbccccddddaaaabbbbccccdddd", "baseline", 1_600_000_000_000, 0.1),
):
    folder = root / experiment / run
    (folder / "metrics" / "train").mkdir(parents=True, exist_ok=True)
    (folder / "params").mkdir(exist_ok=True)
    (folder / "meta.yaml").write_text(
        f"artifact_uri: file:///project/mlruns/{experiment}/{run}/artifacts\n"
        f"end_time: {start + 9000}\nexperiment_id: '{experiment}'\n"
        f"lifecycle_stage: active\nrun_id: {run}\nrun_name: {name}\nstart_time: {start}\nstatus: 3\n"
    )
    lines = [f"{start + step * 1000} {0.7 + offset + step / 100:.4f} {step}" for step in range(5)]
    (folder / "metrics" / "accuracy").write_text("\n".join(lines) + "\n")
    (folder / "metrics" / "train" / "loss").write_text(
        "\n".join(f"{start + step * 1000} {1 / (step + 1) - offset:.4f} {step}" for step in range(5)) + "\n"
    )
    (folder / "params" / "lr").write_text(f"{0.1 + offset}")
    (folder / "params" / "optimizer").write_text("adam")
for experiment, name in (("0", "Default"), ("1", "team/nightly")):
    (root / experiment / "meta.yaml").write_text(
        f"artifact_location: file:///project/mlruns/{experiment}\n"
        f"experiment_id: '{experiment}'\nlifecycle_stage: active\nname: {name}\n"
    )
