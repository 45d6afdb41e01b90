"""CPU seconds that all rules take on a run of ten series of 100,000 points, and of each part of the way.

usage: bench_rules.py [POINTS_PER_SERIES]
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections.abc import Callable

import numpy as np

from traindx.context import build_case
from traindx.engine import diagnose_run, examine, select_rules
from traindx.run import Run, Series, floats

BOUND_S = 0.5


def main(points: int) -> None:
    run, rules = long_run(points), select_rules()
    facts = {"num_classes": 10, "loss": "cross_entropy"}
    with np.errstate(all="ignore"):
        case = build_case(run, given=facts)
        print(f"{len(run.series)} series of {points:,} points")
        print(f"  building the case  {best_of(lambda: build_case(run, given=facts)):.3f} CPU s")
        print(f"  asking all rules   {best_of(lambda: examine(case, rules)):.3f} CPU s")
    whole = best_of(lambda: diagnose_run(run, rules, facts=facts))
    print(f"  the whole diagnosis {whole:.3f} CPU s (bound {BOUND_S} s)")
    profile = cProfile.Profile()
    profile.runcall(diagnose_run, run, rules, facts=facts)
    pstats.Stats(profile).sort_stats("tottime").print_stats(12)


def long_run(points: int, seed: int = 0) -> Run:
    """Two losses, two terms, accuracies, learning rate and gradient norm, all noisy, with a few spikes."""
    rng = np.random.default_rng(seed)
    time_done = np.linspace(0, 1, points)
    clean = 0.4 + 1.9 * (1 + 40 * time_done) ** -0.8

    def noisy(level: np.ndarray, spread: float = 0.05) -> np.ndarray:
        return level * np.exp(spread * rng.standard_t(4, points))

    columns = {
        "train/loss": noisy(clean),
        "val/loss": noisy(1.05 * clean, 0.02),
        "train/loss_ce": noisy(0.7 * clean),
        "train/loss_aux": noisy(0.3 * clean),
        "train/accuracy": np.clip(noisy(np.exp(-clean), 0.02), 0, 1),
        "val/accuracy": np.clip(noisy(np.exp(-1.05 * clean), 0.02), 0, 1),
        "learning_rate": 3e-4 * (0.5 + 0.5 * np.cos(np.pi * time_done)),
        "grad_norm": noisy(np.full(points, 0.8), 0.3),
        "throughput": noisy(np.full(points, 12_000.0)),
        "gpu_memory": np.full(points, 39.2),
    }
    steps = floats(np.arange(points) * 10.0)
    series = {name: Series(name=name, values=floats(values), steps=steps) for name, values in columns.items()}
    return Run(name="long", series=series, sources=())


def best_of(call: Callable[[], object], times: int = 3) -> float:
    found = []
    for _ in range(times):
        started = time.process_time()
        call()
        found.append(time.process_time() - started)
    return min(found)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
