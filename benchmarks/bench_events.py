"""Event files: CPU seconds against TensorBoard's EventAccumulator and the page cache, memory, and growth.

Usage: python benchmarks/bench_events.py [--growth]
"""

from __future__ import annotations

import argparse
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from data_server import points_by_data_server
from event_files import write_event_file
from measuring import Way, cpu_of, growth_table, interleaved, peak_table, touched
from traindx.readers import LogFile
from traindx.readers.tensorboard import READER

_FORMS = (("simple", False), ("simple", True), ("tensor", False), ("tensor", True))


def ours(path: Path, data: memoryview) -> int:
    (run,) = READER.read(LogFile(path=str(path), data=data))
    return sum(len(one) for one in run.series.values())


def peer(path: Path, data: memoryview) -> int:
    """EventAccumulator, told to keep every point."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    del data
    accumulator = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    kept = [np.array([e.value for e in accumulator.Scalars(tag)]) for tag in tags["scalars"]]
    kept += [np.array([e.step for e in accumulator.Tensors(tag)]) for tag in tags["tensors"]]
    return sum(len(values) for values in kept)


def peers() -> list[Way]:
    try:
        import tensorboard  # noqa: F401 - is it there?
    except ImportError:
        print("peer not installed: pip install tensorboard, to compare with its EventAccumulator")
        return []
    found = [Way("tensorboard EventAccumulator", peer, repeats=1)]
    if find_spec("tensorboard_data_server"):
        found.append(Way("tensorboard's Rust data server", points_by_data_server, repeats=3))
    return found


def small_files(folder: Path, count: int = 500, points: int = 2000) -> None:
    made = folder / "small.tfevents"
    write_event_file(made, points)
    data = made.read_bytes()
    spent = min(cpu_of(lambda: [ours(made, memoryview(data)) for _ in range(count)]) for _ in range(3))
    print(f"{count} files of {points} points: {spent:.2f} CPU s (goal 0.5)")


def main() -> None:
    options = argparse.ArgumentParser()
    _ = options.add_argument("--growth", action="store_true", help="also 10^4 to 10^7 points")
    _ = options.add_argument("--points", type=int, default=1_000_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ways = [Way("limit: map and sum", touched, repeats=5), Way("traindx", ours, repeats=5), *peers()]
        for form, irregular in _FORMS:
            path = folder / f"{form}-{irregular}.tfevents"
            write_event_file(path, chosen.points, form=form, irregular=irregular)
            print(f"\n{chosen.points} scalars, form {form}, {'irregular' if irregular else 'regular'}")
            interleaved(ways, path)
            peak_table(ours, path, chosen.points)
            path.unlink()
        small_files(folder)
        if chosen.growth:
            growth_table(ours, folder, write_event_file)


if __name__ == "__main__":
    main()
