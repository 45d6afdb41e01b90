"""The batch size of a contrastive loss that stands at chance, from the level itself."""

from __future__ import annotations

import math
from collections.abc import Mapping

from traindx.baselines import info_nce_epoch_chance
from traindx.context.curves import TRAIN_LOSS, VAL_LOSS, Reading
from traindx.context.keys import Fact
from traindx.signals import scale_noise

# People choose batch sizes among powers of two, halves between them, and round numbers.
_SIZES = tuple(
    sorted({2**k for k in range(1, 17)} | {3 * 2**k for k in range(2, 12)} | {50, 100, 200, 250, 300, 400, 500, 1000})
)
# Shares of the data that people hold out for validation.
_SHARES = (0.01, 0.02, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3)
# A start a little above chance is usual: random logits of variance s add s/2. Below chance nothing but the short last
# batch and rounding can put a model that knows nothing.
_ABOVE = 0.015


def infer_batch_size(values: Mapping[str, object], facts: Mapping[str, Fact]) -> list[Fact | None]:
    """Return batch size (and validation size) where the losses stand at the chance level of exactly one of them.

    With the number of training samples known, the short last batch of training and validation is part of the prediction.
    Powers of two are preferred where several sizes fit; two powers of two that fit mean no answer.
    """
    train, val = values.get(TRAIN_LOSS.name), values.get(VAL_LOSS.name)
    if not isinstance(train, Reading) or train.curve is None or not _barely_moved(train):
        return []
    samples = _number(facts, "num_samples")
    exact = _matches(train, val if isinstance(val, Reading) else None, samples, _number(facts, "num_val_samples"), 0.0)
    found = exact or _matches(train, val if isinstance(val, Reading) else None, samples, None, _ABOVE)
    chosen = _unique(found)
    if chosen is None:
        return []
    size, held_out = chosen
    level = train.curve.end.value
    facts_found: list[Fact | None] = [
        Fact("batch_size", size, "inferred", f"training stands at {level:.4g}, and ln {size} = {math.log(size):.4g}")
    ]
    if held_out and "num_val_samples" not in facts:
        why = f"validation equals guessing over {held_out} samples in batches of {size}"
        facts_found.append(Fact("num_val_samples", held_out, "inferred", why))
    return facts_found


def _barely_moved(reading: Reading) -> bool:
    """Whether the curve has gained under three per cent of its level since the start."""
    curve = reading.curve
    return curve is not None and curve.gained <= 0.03 * abs(curve.start.value)


def _number(facts: Mapping[str, Fact], key: str) -> int | None:
    fact = facts.get(key)
    return int(fact.value) if fact is not None and isinstance(fact.value, int | float) else None


def _matches(
    train: Reading, val: Reading | None, samples: int | None, val_samples: int | None, above: float
) -> list[tuple[int, int | None]]:
    """(batch size, validation size or None) whose predicted chance levels agree with both end levels."""
    found: list[tuple[int, int | None]] = []
    for size in _SIZES:
        if not _agrees(train, _chance(size, samples), above):
            continue
        if val is None or val.curve is None:
            found.append((size, None))
        elif samples is None and val_samples is None:
            if _agrees(val, math.log(size), above or 0.01):
                found.append((size, None))
        else:
            sizes = [val_samples] if val_samples else [round(share * (samples or 0)) for share in _SHARES]
            found += [(size, n) for n in sizes if n and n >= size and _agrees(val, _chance(size, n), above)][:1]
    return found


def _chance(size: int, samples: int | None) -> float:
    """Mean over batches of the log of their size, the last one short."""
    if samples is None or samples < size:
        return math.log(size)
    return info_nce_epoch_chance(samples, size).value


def _agrees(reading: Reading, predicted: float, above: float) -> bool:
    curve = reading.curve
    if curve is None:
        return False
    slack = max(_rounding(reading), 3 * curve.end.error if curve.end.error == curve.end.error else 0.0)
    return -slack <= curve.end.value - predicted <= slack + above * predicted


def _rounding(reading: Reading) -> float:
    """Half a unit of the last printed decimal, judged by the coarsest grid that all values lie on."""
    for decimals in range(5):
        if all(abs(v - round(v, decimals)) < 1e-9 for v in reading.series.values[:50].tolist()):
            return 0.5 * 10.0**-decimals
    return max(1e-4, scale_noise(reading.series.values[:50]))


def _unique(found: list[tuple[int, int | None]]) -> tuple[int, int | None] | None:
    powers = [pair for pair in found if pair[0] & (pair[0] - 1) == 0]
    if len(powers) == 1:
        return powers[0]
    return found[0] if len(found) == 1 else None
