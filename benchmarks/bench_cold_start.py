"""From the shell to a reading, cold: what importing costs, and the first look at a small log.

Run: ``python benchmarks/bench_cold_start.py``. Wall and CPU seconds are medians of fresh interpreters, interleaved, so
that noise of a shared machine hits all rows alike. The goals: ``import traindx`` at most 60 ms over ``import numpy``; a
verdict on a small log within 0.5 s on an idle core.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
ROWS = {
    "python alone": "pass",
    "import numpy": "import numpy",
    "import traindx": "import traindx",
    "import traindx and numpy": "import numpy, traindx",
    "import all readers": "import traindx.readers",
    "read a small CSV": "from traindx.readers import read_path; read_path(PATH)",
    "judge a small CSV": "import traindx; traindx.diagnose(PATH)",
    "traindx check small.csv": (
        "import sys; sys.argv = ['traindx', 'check', PATH]\nfrom traindx.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    sys.exit(0 if end.code in (None, 0, 1) else end.code)"
    ),
}


def small_log(folder: Path) -> Path:
    path = folder / "metrics.csv"
    rows = (f"{i},{2.3026 * 0.98**i + 0.3:.4f},{0.1 + 0.004 * i:.4f}" for i in range(200))
    path.write_text("step,loss,accuracy\n" + "\n".join(rows) + "\n")
    return path


def measured(code: str) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=False)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        return float("nan"), float("nan")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = small_log(Path(folder))
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in ROWS}
        for _ in range(ROUNDS):
            for name, code in ROWS.items():
                times[name].append(measured(code.replace("PATH", repr(str(path)))))
    print(f"{'':28} {'wall ms':>8} {'CPU ms':>8}")
    for name, pairs in times.items():
        wall, cpu = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
        print(f"{name:28} {wall:8.0f} {cpu:8.0f}")


if __name__ == "__main__":
    main()
