"""Train small programs under every schedule and keep their curves: what the library of forecasts is made from.

    python benchmarks/forecast_curves.py CURVES.npz [--seed N] [--only PROGRAM]

About six minutes on one core. Curves are float32: training losses of every step, 100 validation losses.
"""

from __future__ import annotations

import argparse
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.forecasts.programs import all_programs
from benchmarks.forecasts.stacked import train

from traindx.forecast.schedule import FAMILIES, GRID, made

LENGTHS = (300, 1000, 4000)
RATES = 6
EVALUATIONS = 100


def schedule_for(family: str, rng: np.random.Generator) -> np.ndarray:
    """The relative rates of one schedule of the family, with warm-up, end and milestones drawn anew."""
    milestones = ((0.5, 0.75), (0.3, 0.6, 0.9), (1 / 3, 2 / 3), (0.6, 0.85))[rng.integers(4)]
    return made(
        family,
        warmup=float(rng.choice([0.0, 0.02, 0.05, 0.1])),
        final=float(rng.choice([0.0, 0.0, 0.1])) if family != "exponential" else float(rng.choice([0.01, 0.05, 0.2])),
        decay=float(rng.choice([0.1, 0.2, 0.3])),
        milestones=milestones,
        factor=float(rng.choice([0.1, 0.2, 0.5])),
    ).rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    torch.set_num_threads(1)
    kept: dict[str, np.ndarray] = {}
    for program in all_programs():
        if given.only and given.only != program.name:
            continue
        for optimiser, (low, high) in program.rates.items():
            for steps in LENGTHS:
                began = time.process_time()
                key = f"{program.name}/{optimiser}/{steps}"
                rng = np.random.default_rng([given.seed, zlib.crc32(key.encode())])
                families = [f for f in FAMILIES for _ in range(RATES)]
                shapes = np.stack([schedule_for(f, rng) for f in families])
                # A longer run is given a lower rate, as people do: by the square root of its length.
                peaks = np.exp(rng.uniform(np.log(low), np.log(high), len(families))) * (800 / steps) ** 0.25
                places = (np.arange(steps) + 0.5) / steps
                rates = np.stack([np.interp(places, GRID, s) for s in shapes]) * peaks[:, None]
                seed = given.seed * 1000 + zlib.crc32(key.encode()) % 1000
                loss, held = train(program, optimiser, rates, seed=seed, evaluations=EVALUATIONS)
                kept[f"{key}/train"], kept[f"{key}/val"] = loss.astype(np.float32), held.astype(np.float32)
                kept[f"{key}/shapes"], kept[f"{key}/peaks"] = shapes.astype(np.float32), peaks
                print(
                    f"{key:32s} {time.process_time() - began:6.1f} s  "
                    f"{np.nanmedian(loss[:, :5]):.3g} -> {np.nanmedian(loss[:, -30:]):.3g}  val {np.nanmedian(held[:, -1]):.3g}",
                    flush=True,
                )
    np.savez_compressed(given.output, **kept)


if __name__ == "__main__":
    main()
