"""What the probe says of models with a planted fault, and of healthy ones: python benchmarks/probe_faults.py [--seeds N] [--healthy] [NAME...]

Prints one row for each fault: the codes that were expected, and what was said at warning or above; then one row for each healthy model, over seeds and batch
sizes, with what was said wrongly. Needs torch and transformers, and jax with flax and optax for those in JAX.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that this file runs from anywhere

import torch
from benchmarks.probing.faults import FAULTS
from benchmarks.probing.healthy import HEALTHY
from benchmarks.probing.in_jax import JAX_FAULTS, JAX_HEALTHY

from traindx import probe
from traindx.diagnosis import Report, Severity

SIZES = (8, 32)


def grave(report: Report) -> list[str]:
    return [f.code for f in report.findings if f.severity is not Severity.INFO]


def faults(names: list[str], seeds: int) -> int:
    print(f"{'planted fault':<34}{'expected':<20}{'found':<8}{'s':>5}  what the probe said")
    missed = 0
    for name, (make, expected) in (FAULTS | JAX_FAULTS).items():
        if names and name not in names:
            continue
        hits, said, began = 0, "", time.perf_counter()
        for seed in range(seeds):
            torch.manual_seed(seed)
            report = probe.run(**make(), seed=seed)
            hits += any(code in expected for code in grave(report))
            lead = next((f for f in report.findings if f.code in expected), None)
            said = said or (
                f"{lead.code}: {lead.headline}" if lead else ", ".join(grave(report)) or report.verdict.summary
            )
        missed += hits < seeds
        print(
            f"{name:<34}{'/'.join(expected):<20}{f'{hits}/{seeds}':<8}{(time.perf_counter() - began) / seeds:>5.1f}  {said[:150]}",
            flush=True,
        )
    return missed


def healthy(names: list[str], seeds: int, sizes: Sequence[int], first: int) -> int:
    print(f"\n{'healthy model':<24}{'runs':>5}{'healthy':>9}{'s':>6}  said at warning or above")
    wrong = 0
    for name, make in (HEALTHY | JAX_HEALTHY).items():
        if names and name not in names:
            continue
        said: list[str] = []
        states: list[str] = []
        began = time.perf_counter()
        for seed in range(seeds):
            for size in sizes:
                torch.manual_seed(first + seed)
                report = probe.run(**make(size), seed=seed)
                states.append(report.verdict.state)
                said += [
                    f"{f.code} ({size}, {seed}) {f.headline}"
                    for f in report.findings
                    if f.severity is not Severity.INFO
                ]
                for limit in report.limits:
                    said += [f"limit: {limit}"] if "failed" in limit else []
        wrong += len(said)
        count = len(states)
        print(
            f"{name:<24}{count:>5}{states.count('healthy'):>9}{(time.perf_counter() - began) / count:>6.1f}  {'; '.join(said)[:400]}",
            flush=True,
        )
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="batch sizes of healthy models")
    parser.add_argument("--from-seed", type=int, default=100, help="seed of the first healthy model")
    parser.add_argument("--healthy", action="store_true", help="healthy models only")
    parser.add_argument("--faults", action="store_true", help="faults only")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    missed = 0 if asked.healthy else faults(asked.names, asked.seeds)
    wrong = 0 if asked.faults else healthy(asked.names, asked.seeds, asked.sizes, asked.from_seed)
    print(f"\n{missed} faults missed for some seed, {wrong} findings on healthy models")
    return int(missed + wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
