"""Which loss is it? From what was said, from its name, from its companions, from its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.context.curves import Reading
from traindx.context.keys import Fact

# Companion metrics that tell the loss family, the surest first: (kinds of which one must be there, family).
_COMPANIONS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"reward_margin"}), "dpo"),
    (frozenset({"logit_scale", "recall_at_k", "mrr", "median_rank", "mean_rank"}), "info_nce"),
    (frozenset({"wer", "cer"}), "transcription"),
    (frozenset({"perplexity", "bits_per_byte"}), "cross_entropy"),
    (frozenset({"token_accuracy"}), "cross_entropy"),
    (frozenset({"accuracy", "error_rate", "balanced_accuracy", "f1", "auroc"}), "cross_entropy"),
)


@final
@dataclass(frozen=True, slots=True)
class FamilyGuess:
    """A loss family, how sure it is, and why."""

    family: str
    confidence: float
    origin: str  # "given" | "read" | "inferred"
    because: str


def loss_family(loss: Reading, readings: Sequence[Reading], facts: Mapping[str, Fact]) -> FamilyGuess | None:
    """Return the family of the judged loss, or None where nothing tells it."""
    told = facts.get("loss")
    if told is not None:
        return FamilyGuess(str(told.value), 1.0, told.origin, told.source or "given")
    if loss.role.family is not None:
        return FamilyGuess(loss.role.family, loss.role.confidence, "inferred", f"the name {loss.series.logged_as!r}")
    twin = _from_twin_metric(loss, readings)
    if twin is not None or _is_sum(loss, readings):
        return twin  # the classes of a detector tell nothing of a sum of classes, boxes and masks
    return _from_facts(facts) or _from_companions(readings)


def _is_sum(loss: Reading, readings: Sequence[Reading]) -> bool:
    """Whether two terms or more are logged beside the loss: then no single family is its own."""
    terms = {r.role.component for r in readings if r.role.kind == "loss" and r.role.component and not r.held_out}
    return len(terms - {loss.role.component}) >= 2


def _from_twin_metric(loss: Reading, readings: Sequence[Reading]) -> FamilyGuess | None:
    """A metric that equals the loss point by point (Keras prints the loss again under its own name)."""
    for other in readings:
        same = other.role.family or {"mse": "mse", "mae": "l1"}.get(other.role.kind)
        if other is loss or same is None or other.role.split != loss.role.split:
            continue
        if len(other.series) == len(loss.series) and np.allclose(other.series.values, loss.series.values, rtol=1e-3):
            return FamilyGuess(same, 0.95, "inferred", f"it equals {other.name!r} at every step")
    return None


def _from_facts(facts: Mapping[str, Fact]) -> FamilyGuess | None:
    if {"vocab_size", "unigram_entropy"} <= facts.keys():
        return FamilyGuess("lm", 0.7, "inferred", "vocab_size and unigram_entropy are known")
    for key, family in (("vocab_size", "cross_entropy"), ("negatives", "info_nce"), ("margin", "triplet")):
        if key in facts:
            return FamilyGuess(family, 0.7, "inferred", f"{key} is known")
    for key in ("target_std", "target_variance"):
        if key in facts:
            return FamilyGuess("mse", 0.7, "inferred", f"{key} is known")
    return FamilyGuess("cross_entropy", 0.7, "inferred", "num_classes is known") if "num_classes" in facts else None


def _preferences(readings: Sequence[Reading]) -> bool:
    """Whether anything is logged of rewards or of chosen answers: a margin alone may lie between classes or embeddings."""
    return any(word in r.name.lower() for r in readings for word in ("reward", "chosen", "reject"))


def _from_companions(readings: Sequence[Reading]) -> FamilyGuess | None:
    kinds = {r.role.kind: r.name for r in readings}
    for needed, family in _COMPANIONS:
        found = sorted(needed & kinds.keys())
        if found and (family != "dpo" or _preferences(readings)):
            return FamilyGuess(family, 0.6, "inferred", f"{kinds[found[0]]!r} is logged beside it")
    return None
