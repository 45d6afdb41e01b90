"""What it costs to record a step: python benchmarks/bench_monitor.py [--quick].

Hot: call after call. Cold: with some milliseconds of other work between calls, as in a training, so that nothing of the recorder
is left in the processor's caches. CPU is that of the whole process, with all its threads and children. Times are of the training thread.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recording_ways import WAYS, Values

CALLS, COLD_CALLS = 20_000, 300
QUICK = "--quick" in sys.argv
NAMES = ("loss", "lr", "grad_norm", "accuracy", "step_time")


def rows(count: int, names: tuple[str, ...] = NAMES) -> list[dict[str, float]]:
    numbers = np.random.default_rng(0).random((count, len(names))).tolist()
    return [dict(zip(names, row, strict=True)) for row in numbers]


def cold_work() -> Callable[[], object]:
    """Some milliseconds that leave little of a recorder in the caches: 32 MB read, and a list of many objects sorted."""
    large = np.random.default_rng(0).random(4_000_000)
    return lambda: (large.sum(), sorted(range(20_000)))


def nanoseconds(
    call: Callable[[int, Values], object],
    told: list[dict[str, float]],
    between: Callable[[], object] | None,
    first: int,
) -> list[int]:
    spent: list[int] = []
    clock = time.perf_counter_ns
    for step, values in enumerate(told, first):
        if between is not None:
            between()
        start = clock()
        call(step, values)
        spent.append(clock() - start)
    return spent


def cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measured(name: str) -> str:
    """Return a row of the table; measured in a process of its own, so that no way's threads disturb another's."""
    share = 10 if QUICK else 1
    between = cold_work()
    with tempfile.TemporaryDirectory() as folder:
        log, end = WAYS[name](Path(folder))
        told = rows(CALLS // share)
        _ = nanoseconds(log, told[:200], None, 0)
        start = cpu()
        hot = nanoseconds(log, told, None, 200)
        used = (cpu() - start) / len(told) * 1e6
        cold = nanoseconds(log, told[: COLD_CALLS // (3 if share > 1 else 1)], between, 200 + len(told))
        end()
    figures = [
        statistics.median(hot),
        np.percentile(hot, 99),
        used * 1000,
        statistics.median(cold),
        np.percentile(cold, 99),
    ]
    return f"{name:<38}" + "".join(f"{figure / 1000:>10.2f}" for figure in figures)


def growth() -> None:
    print(f"\n{'traindx.Monitor, scalars a step':<38}{'hot us':>10}{'cold us':>10}{'bytes':>10}")
    between = cold_work()
    for name in ("traindx.Monitor", "the same, checksums in Python"):
        for count in (1, 5, 20, 100):
            with tempfile.TemporaryDirectory() as folder:
                log, end = WAYS[name](Path(folder))
                told = rows(2_000, tuple(f"train/metric_{index}" for index in range(count)))
                hot = nanoseconds(log, told, None, 0)
                cold = nanoseconds(log, told[: 30 if QUICK else 150], between, len(told))
                size = sum(path.stat().st_size for path in Path(folder).glob("*tfevents*")) / (len(hot) + len(cold))
                end()
            print(
                f"{name + ', ' + str(count):<38}{statistics.median(hot) / 1000:>10.2f}{statistics.median(cold) / 1000:>10.2f}{size:>10.0f}"
            )


def in_a_child(name: str) -> str:
    """Run one row in a forked process; a way whose package is missing is left out by name."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        try:
            line = measured(name)
        except ImportError as missing:
            line = f"{name:<38}  not installed: {missing}"
        os.write(into, line.encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as answer:
        line = answer.read().decode()
    os.waitpid(child, 0)
    return line or f"{name:<38}  failed"


def main() -> None:
    print(f"{'5 scalars a step, microseconds':<38}{'median':>10}{'p99':>10}{'CPU':>10}{'cold':>10}{'cold p99':>10}")
    for name in WAYS:
        print(in_a_child(name), flush=True)
    growth()


if __name__ == "__main__":
    main()
