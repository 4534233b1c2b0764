#!/usr/bin/env python3
"""Writes an mlruns folder in the layout of MLflow's file store: make_mlflow_fixture.py FOLDER."""
import pathlib
import sys

root = pathlib.Path(sys.argv[1])
experiment = root / "0"
for run, start, offset in (("0123456789abcdef0123456789abcdef", 1_700_000_000_000, 0.0), ("fedcba9876543210fedcba9876543210", 1_700_000_500_000, 0.05)):
    folder = experiment / run
    (folder / "metrics" / "train").mkdir(parents=True, exist_ok=True)
    (folder / "params").mkdir(exist_ok=True)
    (folder / "meta.yaml").write_text(f"artifact_uri: file:///project/mlruns/0/{run}/artifacts\nend_time: {start + 9000}\nexperiment_id: '0'\n"
                                      f"lifecycle_stage: active\nrun_id: {run}\nstart_time: {start}\nstatus: 3\n")
    lines = [f"{start + step * 1000} {0.7 + offset + step / 100:.4f} {step}" for step in range(5)]
    (folder / "metrics" / "accuracy").write_text("\n".join(lines) + "\n")
    (folder / "metrics" / "train" / "loss").write_text("\n".join(f"{start + step * 1000} {1 / (step + 1) - offset:.4f} {step}" for step in range(5)) + "\n")
    (folder / "params" / "lr").write_text(f"{0.1 + offset}")
    (folder / "params" / "optimizer").write_text("adam")
(experiment / "meta.yaml").write_text("artifact_location: file:///project/mlruns/0\nexperiment_id: '0'\nlifecycle_stage: active\nname: Default\n")
