"""A file that grows, read on from where it ended: milliseconds of CPU per 1,000 new points, beside a long file.

Run: ``python benchmarks/bench_growing.py``. Each file holds 10^5 points of 10 series (or ``--points``); then 1,000 points
are added and read, again and again. The limit is reading the new bytes; ``whole`` is what reading all of it once takes. The
goal: at most 2 ms for 1,000 new points. A live run is looked at every few seconds, so that an idle look counts too.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from event_files import write_event_file
from traindx.readers import GrowingLog

SERIES = 10
NEW = 1000
ROUNDS = 15


def write_table(path: Path, points: int) -> None:
    rows = np.random.default_rng(0).random((points // SERIES, SERIES))
    names = ",".join(f"metric_{i}" for i in range(SERIES))
    lines = (f"{step}," + ",".join(f"{value:.6g}" for value in row) for step, row in enumerate(rows.tolist()))
    path.write_text(f"step,{names}\n" + "\n".join(lines) + "\n")


def write_lines(path: Path, points: int) -> None:
    rows = np.random.default_rng(0).random((points // SERIES, SERIES))
    with path.open("w") as file:
        for step, row in enumerate(rows.tolist()):
            file.write(json.dumps({"step": step} | {f"metric_{i}": value for i, value in enumerate(row)}) + "\n")


KINDS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "event file": ("events.out.tfevents.1700000000.host", write_event_file),
    "table": ("metrics.csv", write_table),
    "JSON lines": ("metrics.jsonl", write_lines),
}


def cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    _ = work()
    return time.process_time() - began


def measured(path: Path, points: int) -> tuple[float, float, float, float]:
    """Return CPU seconds: the whole file, 1,000 new points, a look that finds nothing, reading the new bytes."""
    data = path.read_bytes()
    cut = len(data) // 2  # in the middle of a record, as a writer with a buffer leaves it
    step = (len(data) - cut) * NEW // (points // 2)
    path.write_bytes(data[:cut])
    log = GrowingLog(str(path))
    whole = cpu(log.more)
    grown, idle, limit = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        with path.open("ab") as file:
            file.write(data[cut : cut + step])
        cut += step
        limit.append(cpu(lambda at=cut - step: _tail(path, at)))
        grown.append(cpu(log.more))
        idle.append(cpu(log.more))
    return whole, statistics.median(grown), statistics.median(idle), statistics.median(limit)


def _tail(path: Path, at: int) -> int:
    with path.open("rb") as file:
        file.seek(at)
        return sum(file.read()[:1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100_000)
    points = parser.parse_args().points
    print(f"{'':12} {'whole ms':>9} {'1,000 new ms':>13} {'nothing new ms':>15} {'limit ms':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, (name, write) in KINDS.items():
            path = Path(folder, name)
            write(path, points)
            figures = (seconds * 1000 for seconds in measured(path, points))
            print(f"{kind:12} " + "{:9.2f} {:13.3f} {:15.3f} {:9.3f}".format(*figures))


if __name__ == "__main__":
    main()
