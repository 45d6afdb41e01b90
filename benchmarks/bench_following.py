"""A followed run: milliseconds of CPU for a look at 1,000 new points beside 10^6 known ones, and for a look that finds none.

Run: ``python benchmarks/bench_following.py`` (``--points``). The path is a directory with settings beside the log, as a
training leaves it; ``afresh`` is what ``traindx.read`` of it costs. The goal: a few milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from bench_growing import KINDS, NEW, ROUNDS, cpu
from traindx import read
from traindx.live import Following

SETTINGS = "".join(f"optimiser.setting_{at}: {at / 7}\n" for at in range(40))


def measured(folder: Path, log: Path, points: int) -> tuple[float, float, float]:
    """Return CPU seconds: reading afresh, a look at 1,000 new points, a look that finds nothing."""
    data = log.read_bytes()
    step = len(data) * NEW // points
    cut = len(data) - ROUNDS * step
    log.write_bytes(data[:cut])
    following = Following(folder, share=0)
    following.look()
    grown, idle = list[float](), list[float]()
    for _ in range(ROUNDS):
        with log.open("ab") as file:
            file.write(data[cut : cut + step])
        cut += step
        grown.append(cpu(following.look))
        idle.append(cpu(following.look))
    return cpu(lambda: read(folder)), statistics.median(grown), statistics.median(idle)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    points = parser.parse_args().points
    print(f"{'':12} {'afresh ms':>10} {'1,000 new ms':>13} {'nothing new ms':>15}")
    for kind, (name, write) in KINDS.items():
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            folder.joinpath("hparams.yaml").write_text(SETTINGS)
            write(folder / name, points)
            figures = (seconds * 1000 for seconds in measured(folder, folder / name, points))
            print(f"{kind:12} " + "{:10.2f} {:13.3f} {:15.3f}".format(*figures))


if __name__ == "__main__":
    main()
