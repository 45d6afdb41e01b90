"""How the benchmarks of binary logs measure: CPU seconds of interleaved repeats, and peak memory in a child."""

from __future__ import annotations

import mmap
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Reading = Callable[[Path, memoryview], int]


@dataclass(frozen=True)
class Way:
    """One way to read a file; returns the number of points."""

    name: str
    read: Reading
    repeats: int


def mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def touched(path: Path, data: memoryview) -> int:
    """The limit of the page cache: map the file, and add up its bytes as words."""
    del path
    words = np.frombuffer(data[: len(data) // 8 * 8], dtype=np.uint64)
    return int(words.sum() >= 0)


def cpu_of(work: Callable[[], object]) -> float:
    start = time.process_time()
    _ = work()
    return time.process_time() - start


def interleaved(ways: list[Way], path: Path) -> None:
    """Print the median CPU seconds of each way (with those of programs that it ran), taken in turns, and their ratios."""
    spent: dict[str, list[float]] = {way.name: [] for way in ways}
    points: dict[str, int] = {}
    for turn in range(max(way.repeats for way in ways)):
        for way in ways:
            if turn < way.repeats:
                start = _cpu_with_children()
                points[way.name] = way.read(path, mapped(path))
                spent[way.name].append(_cpu_with_children() - start)
    medians = {name: statistics.median(times) for name, times in spent.items()}
    limit, own = medians[ways[0].name], medians["traindx"]
    print(f"{'way':<36}{'CPU s':>9}{'x limit':>9}{'x traindx':>11}{'points':>11}")
    for name, median in medians.items():
        print(f"{name:<36}{median:>9.3f}{median / limit:>9.0f}{median / own:>11.1f}{points[name]:>11}")


def _cpu_with_children() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_table(read: Reading, path: Path, points: int) -> None:
    """Print how far reading lifts the peak of a fresh process, against the size of the arrays that it makes."""
    arrays = points * 4 * 8 / 1e6  # values, steps, wall times, records
    lifted = _in_child(read, path)[1]
    print(
        f"peak memory over the imports: {lifted:.0f} MB, {lifted / arrays:.2f} x the arrays of {arrays:.0f} MB (goal 3)"
    )


def growth_table(read: Reading, folder: Path, write: Callable[[Path, int], None]) -> None:
    print(f"\n{'points':>10}{'CPU s':>9}{'us/point':>10}{'peak MB over imports':>22}")
    for points in (10_000, 100_000, 1_000_000, 10_000_000):
        path = folder / f"grown-{points}"
        write(path, points)
        seconds, lifted = _in_child(read, path)
        print(f"{points:>10}{seconds:>9.3f}{seconds / points * 1e6:>10.3f}{lifted:>22.0f}")
        path.unlink()


def _in_child(read: Reading, path: Path) -> tuple[float, float]:
    """Return CPU seconds, and the rise of the peak memory in MB."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measured, (read, path))


def _measured(read: Reading, path: Path) -> tuple[float, float]:
    before = _peak()
    start = time.process_time()
    _ = read(path, mapped(path))
    spent = time.process_time() - start
    return spent, _peak() - before


def _peak() -> float:
    """The largest resident size of this process so far, in MB (Linux; getrusage would count its parent's)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
