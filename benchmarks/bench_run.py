"""A program that prints as fast as it can, under ``traindx run`` and under others: megabytes a second that pass through.

Run: ``python benchmarks/bench_run.py`` (``--megabytes``). All print to /dev/null at the end. ``tee`` keeps all of the output in a
file; ``traindx run`` keeps its first 128 MiB and judges them meanwhile, in another process. Starting and the last judgement are
told apart from passing through. The goal: a program that prints 100 MB/s is not slowed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FLOOD = """
import os, sys, time
line = b"step 12345 | loss 1.2345 | lr 1.0e-04 | " + b"x" * 59 + b"\\n"
block = line * 640
begun = time.perf_counter()
for _ in range(int(sys.argv[1]) * 1_000_000 // len(block)):
    os.write(1, block)
os.write(2, f"\\nPRINTED {time.perf_counter() - begun}\\n".encode())
"""
RUN = "from traindx.cli import main; main()"


def seconds(command: str, folder: Path) -> tuple[float, float]:
    """Return how long the program took to print, and the whole command to end."""
    begun = time.perf_counter()
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=600
    )
    whole = time.perf_counter() - begun
    told = next(line for line in done.stderr.splitlines() if line.startswith(b"PRINTED"))
    return float(told.split()[1]), whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2000)
    megabytes = parser.parse_args().megabytes
    python = shlex.quote(sys.executable)
    print(f"{'':14} {'MB/s':>8} {'whole s':>8}")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.joinpath("flood.py").write_text(FLOOD)
        flood = f"{python} flood.py {megabytes}"
        ways = {
            "to /dev/null": f"{flood} >/dev/null",
            "| cat": f"{flood} | cat >/dev/null",
            "| tee FILE": f"{flood} | tee all.log >/dev/null",
            "traindx run": f"{python} -c {shlex.quote(RUN)} run --no-config --log kept.log -- {flood} >/dev/null",
        }
        for name, command in ways.items():
            printed, whole = min(seconds(command, folder) for _ in range(3))
            print(f"{name:14} {megabytes / printed:8.0f} {whole:8.2f}")
            for log in folder.glob("*.log"):
                os.unlink(log)


if __name__ == "__main__":
    main()
