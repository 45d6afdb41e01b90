"""Reading JSON lines: CPU seconds per million scalars, beside what others take for the same file in the same run.

Ways are interleaved and medians are given, with the ratio to the limit (map the file, add up its bytes). Files: every
metric in every row; three kinds of row in turn; every row with other keys; one row in a hundred with NaN. Memory and
growth are those of a fresh process. Run as ``python benchmarks/bench_json.py [--grow]``; orjson and polars are compared
where they are installed.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from measuring import Way, growth_table, interleaved, peak_table, touched
from traindx.readers import LogFile
from traindx.readers.json_lines import READER

SERIES = 10
Rows = Iterator[dict[str, Any]]
Loads = Callable[[bytes], Any]


def dense(rows: int) -> Rows:
    for step in range(rows):
        yield {"step": step} | {f"metric_{i}": random.random() for i in range(SERIES)}


def alternating(rows: int) -> Rows:
    kinds = [range(4), range(4, 7), range(7, 10)]
    for step in range(3 * rows):
        yield {"step": step // 3} | {f"metric_{i}": random.random() for i in kinds[step % 3]}


def scattered(rows: int) -> Rows:
    for step in range(rows * 2):
        yield {"step": step} | {f"metric_{i}": random.random() for i in range(SERIES) if random.random() < 0.5}


def with_nan(rows: int) -> Rows:
    for step, row in enumerate(dense(rows)):
        yield row | ({"metric_3": math.nan} if step % 100 == 0 else {})


def written(path: Path, rows: Rows) -> Path:
    with path.open("w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def write_dense(path: Path, points: int) -> None:
    _ = written(path, dense(points // SERIES))


def traindx(path: Path, data: memoryview) -> int:
    (run,) = READER.read(LogFile(path=str(path), data=data))
    return sum(map(len, run.series.values()))


def looped(loads: Loads, data: memoryview) -> int:
    """Append each value to the list of its name, then make arrays: what a script does."""
    columns: dict[str, list[float]] = {}
    for line in bytes(data).splitlines():
        for name, value in loads(line).items():
            columns.setdefault(name, []).append(value)
    return sum(len(np.array(values)) for name, values in columns.items() if name != "step")


def json_loop(path: Path, data: memoryview) -> int:
    del path
    return looped(json.loads, data)


def msgspec_loop(path: Path, data: memoryview) -> int:
    del path
    return looped(msgspec.json.Decoder[Any]().decode, data)


def orjson_loop(path: Path, data: memoryview) -> int:
    import orjson  # pyright: ignore[reportMissingImports]

    del path
    return looped(orjson.loads, data)


def polars_frame(path: Path, data: memoryview) -> int:
    import polars as pl  # pyright: ignore[reportMissingImports]

    del data
    frame = pl.read_ndjson(path)
    return sum(len(frame[name].drop_nulls().to_numpy()) for name in frame.columns if name != "step")


def ways(*, strict: bool) -> list[Way]:
    """The ways to read; those that refuse a bare NaN only where the file has none."""
    chosen = [Way("limit: map and sum", touched, 5), Way("traindx", traindx, 5), Way("json loop", json_loop, 3)]
    if strict:
        chosen.append(Way("msgspec loop", msgspec_loop, 3))
        chosen += [Way("orjson loop", orjson_loop, 3)] if find_spec("orjson") else []
        chosen += [Way("polars", polars_frame, 3)] if find_spec("polars") else []
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--rows", type=int, default=100_000)
    _ = parser.add_argument("--grow", action="store_true", help="also 10^4 to 10^7 points")
    options = parser.parse_args()
    random.seed(0)
    with tempfile.TemporaryDirectory() as folder:
        for make in (dense, alternating, scattered, with_nan):
            path = written(Path(folder) / f"{make.__name__}.jsonl", make(options.rows))
            print(f"\n{make.__name__}: {path.stat().st_size / 1e6:.0f} MB")
            interleaved(ways(strict=make is not with_nan), path)
            peak_table(traindx, path, options.rows * SERIES)
        if options.grow:
            growth_table(traindx, Path(folder), write_dense)


if __name__ == "__main__":
    main()
