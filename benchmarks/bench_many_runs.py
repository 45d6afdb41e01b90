"""Many small runs below one directory: 500 runs of 2,000 points, found, told apart and read.

Run: ``python benchmarks/bench_many_runs.py``. The runs are made here, seeded: event files, CSV tables, JSON lines and MLflow files in turn.
The limit is listing the tree and reading every byte. The goal: 500 small runs within 0.5 CPU seconds.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from event_files import write_event_file
from traindx.readers import read_path
from traindx.readers.folders import plans_of
from traindx.readers.walk import walk

POINTS = 500  # of each of 4 series


def table(root: Path, name: str, values: np.ndarray) -> None:
    rows = "\n".join(f"{i},{a:.5f},{b:.5f},{c:.5f},{d:.5f}" for i, (a, b, c, d) in enumerate(values))
    (root / name).mkdir()
    (root / name / "metrics.csv").write_text(f"step,loss,accuracy,lr,grad_norm\n{rows}\n")


def lines(root: Path, name: str, values: np.ndarray) -> None:
    keys = ("loss", "accuracy", "lr", "grad_norm")
    rows = (
        json.dumps({"step": i, **dict(zip(keys, row, strict=True))}) for i, row in enumerate(values.round(5).tolist())
    )
    (root / name).mkdir()
    (root / name / "metrics.jsonl").write_text("\n".join(rows) + "\n")


def store(root: Path, name: str, values: np.ndarray) -> None:
    (root / name / "metrics").mkdir(parents=True)
    for index, key in enumerate(("loss", "accuracy", "lr", "grad_norm")):
        rows = (f"{1_700_000_000_000 + i} {one!r} {i}" for i, one in enumerate(values[:, index].round(5).tolist()))
        (root / name / "metrics" / key).write_text("\n".join(rows) + "\n")


def events(root: Path, name: str, values: np.ndarray) -> None:
    (root / name).mkdir()
    write_event_file(root / name / "events.out.tfevents.1700000000.host.1.0", values.size)


def every_byte(root: str) -> int:
    total = 0
    for folder, _, files in os.walk(root):
        for file in files:
            with open(os.path.join(folder, file), "rb") as opened:
                total += len(opened.read())
    return total


def cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    _ = work()
    return time.process_time() - began


def main() -> None:
    random = np.random.default_rng(0)
    print(f"{'runs':>6} {'kind':8} {'CPU s':>7} {'of it planning':>15} {'limit':>7} {'ratio':>6} {'points read':>12}")
    for kind in (events, table, lines, store):
        for count in (50, 500):
            with tempfile.TemporaryDirectory() as root:
                for index in range(count):
                    kind(Path(root), f"run_{index:04}", np.exp(-random.random((POINTS, 4))))
                limit = cpu(lambda root=root: every_byte(root))
                planning = cpu(lambda root=root: plans_of(walk(root), ""))
                took = min(cpu(lambda root=root: read_path(root)) for _ in range(3))
                points = sum(len(one) for run in read_path(root) for one in run.series.values())
            ratio = took / max(limit, 1e-6)
            print(f"{count:6} {kind.__name__:8} {took:7.3f} {planning:15.3f} {limit:7.3f} {ratio:6.1f} {points:12,}")


if __name__ == "__main__":
    main()
