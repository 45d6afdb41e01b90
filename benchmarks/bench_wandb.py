"""W&B offline files: CPU seconds against the protobuf path and the page cache, memory, and growth.

Usage: python benchmarks/bench_wandb.py [--growth]
"""

from __future__ import annotations

import argparse
import json
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from measuring import Way, growth_table, interleaved, peak_table, touched
from traindx.readers import LogFile
from traindx.readers.wandb_offline import READER
from wandb_files import write_wandb_file

_BLOCK = 1 << 15


def ours(path: Path, data: memoryview) -> int:
    (run,) = READER.read(LogFile(path=str(path), data=data))
    return sum(len(one) for one in run.series.values())


def peer(path: Path, data: memoryview) -> int:
    """wandb's own message classes on every record, without checksums."""
    from wandb.proto import wandb_internal_pb2

    del path
    columns: dict[str, list[float]] = {}
    for payload in _payloads(data):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(payload)
        for item in record.history.item if record.HasField("history") else ():
            columns.setdefault(item.key or item.nested_key[0], []).append(json.loads(item.value_json))
    return sum(len(np.array(values)) for name, values in columns.items() if not name.startswith("_"))


def _payloads(data: memoryview) -> Iterator[bytes]:
    at, parts = 7, b""
    while at + 7 <= len(data):
        if _BLOCK - at % _BLOCK < 7:
            at += _BLOCK - at % _BLOCK
            continue
        _, size, kind = struct.unpack_from("<IHB", data, at)
        piece = bytes(data[at + 7 : at + 7 + size])
        parts = piece if kind in (1, 2) else parts + piece
        at += 7 + size
        if kind in (1, 4):
            yield parts


def peers() -> list[Way]:
    try:
        import wandb.proto.wandb_internal_pb2  # noqa: F401 - is it there?
    except ImportError:
        print("peer not installed: pip install wandb, to compare with its protobuf classes")
        return []
    return [Way("wandb's protobuf classes", peer, repeats=2)]


def main() -> None:
    options = argparse.ArgumentParser()
    _ = options.add_argument("--growth", action="store_true", help="also 10^4 to 10^7 points")
    _ = options.add_argument("--points", type=int, default=1_000_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "run-made.wandb"
        write_wandb_file(path, chosen.points)
        print(f"\n{chosen.points} scalars, {path.stat().st_size / 1e6:.0f} MB")
        ways = [Way("limit: map and sum", touched, repeats=5), Way("traindx", ours, repeats=5), *peers()]
        interleaved(ways, path)
        peak_table(ours, path, chosen.points)
        path.unlink()
        if chosen.growth:
            growth_table(ours, folder, write_wandb_file)


if __name__ == "__main__":
    main()
