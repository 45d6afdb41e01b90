"""What the settings say."""

from __future__ import annotations

import math

import numpy as np

from traindx.causes.feature import Feature, grade
from traindx.causes.sight import Sight

_HALF = ("16", "half", "fp8", "float8")


def _decay(sight: Sight) -> str | None:
    return grade(sight.number("weight_decay"), (1e-12, "none"), (0.25, "usual"), (0.7, "strong"), above="extreme")


def _momentum(sight: Sight) -> str | None:
    return grade(sight.number("momentum"), (0.5, "little"), (0.96, "usual"), above="extreme")


def _precision(sight: Sight) -> str | None:
    name = sight.word("precision")
    if not name:
        return None
    if "bf16" in name or "bfloat" in name:
        return "wide-half"
    return "half" if any(word in name for word in _HALF) else "full"


def _shuffle(sight: Sight) -> str | None:
    name = sight.word("shuffle")
    return None if not name else "off" if name in ("false", "0", "no") else "on"


def _warm_up(sight: Sight) -> str | None:
    steps = sight.number("warmup_steps")
    return None if math.isnan(steps) else "none" if steps == 0 else "some"


def _batch(sight: Sight) -> str | None:
    return grade(sight.number("batch_size"), (1.5, "one"), (8, "few"), above="usual")


def _reduction(sight: Sight) -> str | None:
    name = sight.word("reduction")
    return None if not name else "sum" if "sum" in name else "mean"


def _samples(sight: Sight) -> str | None:
    return grade(sight.number("num_val_samples"), (64, "handful"), (400, "few"), above="many")


def _share_of_plan(sight: Sight) -> str | None:
    """How much of the planned training the log holds."""
    steps, epochs = sight.number("total_steps"), sight.number("total_epochs")
    if sight.train is None or not len(sight.train.values):
        return None
    series = sight.train.reading.whole
    share = math.nan
    if steps > 1 and series.has_steps and not np.array_equal(series.steps, series.epochs, equal_nan=True):
        share = (float(np.nanmax(series.steps)) + 1) / steps
    elif epochs > 1 and bool(np.isfinite(series.epochs).any()):
        share = float(np.nanmax(series.epochs)) / epochs
    return grade(share, (0.5, "cut-short"), (0.9, "most"), above="whole")


FEATURES: tuple[Feature, ...] = (
    Feature("told-weight-decay", {"none": "", "usual": "", "strong": "weight decay is strong", "extreme": "weight decay is extreme"}, _decay),
    Feature("told-momentum", {"little": "", "usual": "", "extreme": "momentum is extreme"}, _momentum),
    Feature("told-precision", {"half": "the run uses half precision", "wide-half": "", "full": ""}, _precision),
    Feature("told-shuffle", {"off": "shuffling is switched off", "on": ""}, _shuffle),
    Feature("told-warm-up", {"none": "there is no warm-up", "some": ""}, _warm_up),
    Feature("told-batch", {"one": "a batch holds one sample", "few": "batches are very small", "usual": ""}, _batch),
    Feature("told-reduction", {"sum": "the loss is summed", "mean": ""}, _reduction),
    Feature("share-of-plan", {"cut-short": "the log ends before half of the planned steps", "most": "", "whole": ""}, _share_of_plan),
    Feature("told-validation", {"handful": "validation has a handful of samples", "few": "", "many": ""}, _samples),
)  # fmt: skip
