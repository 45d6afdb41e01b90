"""What knowing nothing of the input scores on the targets of this very batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from traindx.probe.batch import Batch
from traindx.probe.told import Levels, Told


def levels_of_targets(told: Told, batch: Batch, levels: Levels | None) -> Levels | None:
    """Return the told levels with the trivial one worked out from the batch, where the family and the targets allow it."""
    targets = batch.of_role("target")
    if len(targets) != 1:
        return levels
    values = targets[0].values
    base = levels or Levels(family=told.family, floor=0.0)
    if told.family == "cross_entropy" and targets[0].whole:
        counts = np.unique(values[values >= 0], return_counts=True)[1].astype(np.float64)
        if not counts.size:
            return levels
        shares = counts / counts.sum()
        found, formula = float(-(shares * np.log(shares)).sum()), "entropy of the batch's labels"
    elif told.family == "mse" and targets[0].real:
        found, formula = float(values.astype(np.float64).var(axis=0).mean()), "variance of the targets"
    elif told.family == "l1" and targets[0].real:
        found = float(np.abs(values - np.median(values, axis=0)).mean())
        formula = "mean distance from the median"
    else:
        return levels
    return replace(base, trivial=found, trivial_formula=formula) if np.isfinite(found) else levels
