"""Reading metrics from plain text: this reader, which knows no form beforehand, beside ways that were told it.

Run ``python benchmarks/bench_text.py [rows]``. Every figure is the median of CPU seconds over interleaved runs in one process;
memory is the growth of the resident peak in a fresh process.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from traindx.readers import LogFile
from traindx.readers.text_log import READER

NAMES = ("loss", "lr", "gnorm", "acc", "ppl", "tok/s", "mem", "mfu", "dt", "ent")
LINE = "step {}/{} | loss {:.4f} | lr {:.3e} | gnorm {:.3f} | acc {:.4f} | ppl {:.2f} | tok/s {} | mem {:.2f} | mfu {:.3f} | dt {:.2f} | ent {:.4f}\n"
STAMPED = "2024-01-02 12:34:56,123 - trainer - INFO - "
FIXED = re.compile(r"step (\d+)/\d+ " + " ".join(rf"\| {name} (\S+)" for name in NAMES))
GENERIC = re.compile(r"([a-z/]+) ([-+\d.e]+)")


def text_of(rows: int, prefix: str = "") -> str:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(rows, 2))
    return "".join(
        prefix + LINE.format(i, rows, 3 + a, 1e-4, 1.2, 0.5, 20.0, 12345, 30.0, 0.4, 12.3, b)
        for i, (a, b) in enumerate(noise.tolist())
    )


def ours(text: str) -> int:
    (run,) = READER.read(LogFile(path="train.log", data=text.encode()))
    return sum(len(series) for series in run.series.values())


def fixed_pattern(text: str) -> int:
    rows = [match.groups() for line in text.splitlines() if (match := FIXED.search(line))]
    return np.array(rows, dtype=np.float64)[:, 1:].size


def split_lines(text: str) -> int:
    rows = [[float(cell.rsplit(" ", 1)[1]) for cell in line.split(" | ")[1:]] for line in text.splitlines()]
    return np.array(rows).size


def generic_finditer(text: str) -> int:
    series: dict[str, list[float]] = {}
    for match in GENERIC.finditer(text):
        series.setdefault(match[1], []).append(float(match[2]))
    return sum(len(values) for name, values in series.items() if name != "step")


WAYS: dict[str, Callable[[str], int]] = {
    "traindx, form unknown": ours,
    "fixed regex per line": fixed_pattern,
    "str.split per line": split_lines,
    "one generic finditer": generic_finditer,
}


def compare(text: str, rounds: int = 5) -> None:
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, read in WAYS.items():
            start = time.process_time()
            count = read(text)
            times[way].append(time.process_time() - start)
            assert count == 10 * text.count("\n"), (way, count)
    for way, taken in times.items():
        print(f"{way:<24} {statistics.median(taken):7.3f} CPU s")


def growth() -> None:
    for rows in (1_000, 10_000, 100_000, 1_000_000):
        text = text_of(rows)
        start = time.process_time()
        count = ours(text)
        print(f"{count:>10} scalars {time.process_time() - start:8.3f} CPU s")


def peak_kb() -> int:
    """The resident peak of this process (Linux); getrusage would report the parent's after fork and exec."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


def memory(rows: int) -> None:
    text = text_of(rows // 100) * 100  # built in small pieces, so that the peak is the reader's
    before = peak_kb()
    ours(text)
    after = peak_kb()
    print(f"text {len(text) / 1e6:.1f} MB, resident peak grew by {(after - before) / 1e3:.1f} MB")


def main() -> None:
    if sys.argv[1:] == ["memory"]:
        memory(100_000)
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{10 * rows} scalars, {len(text_of(rows)) / 1e6:.1f} MB")
    compare(text_of(rows))
    print("with a clock, a logger and a level before each line:")
    stamped = text_of(rows, STAMPED)
    start = time.process_time()
    ours(stamped)
    print(f"{'traindx, form unknown':<24} {time.process_time() - start:7.3f} CPU s")
    growth()
    subprocess.run([sys.executable, __file__, "memory"], check=True)


if __name__ == "__main__":
    main()
