"""From answers to probabilities: weights added up, and made to sum to one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from traindx.causes.table import Table
from traindx.run import Floats

_UNFIT = 4.0
"""What a cause loses in a kind of training that cannot have it: kinds are told by names, which may mislead, so it is no veto."""
_UNTOLD = 1.0
"""What a cause of one kind of training loses where nothing tells the kind,"""
_HIDDEN = 3.0
"""and where that kind hardly ever fails to tell itself by the names of its series."""
_UNSUPPORTED = 1.6
"""What a cause loses that needs something unusual where nothing shows it: a factor of five."""
_TELLING = frozenset({"gan", "reinforcement", "preference", "detection", "variational", "quantised", "segmentation",
                      "mixture", "diffusion", "transcription"})  # fmt: skip

_GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("classes", frozenset({"cross_entropy", "bce", "focal", "masked_lm", "softmax"})),
    ("regression", frozenset({"mse", "l1", "smooth_l1", "huber", "gaussian_nll", "quantile", "reconstruction"})),
    ("contrastive", frozenset({"info_nce", "siglip", "triplet", "supcon"})),
    ("language_model", frozenset({"masked_lm"})),
    ("transcription", frozenset({"ctc", "rnnt"})),
    ("sequence", frozenset({"ctc", "rnnt", "masked_lm"})),
    ("self_supervised", frozenset({"dino", "ibot", "barlow_twins", "simsiam", "vicreg"})),
    ("distillation", frozenset({"distillation"})),
    ("variational", frozenset({"elbo"})),
    ("detection", frozenset({"detr_total", "giou", "ciou", "iou", "dfl"})),
    ("segmentation", frozenset({"dice"})),
    ("diffusion", frozenset({"diffusion", "flow_matching"})),
    ("preference", frozenset({"dpo", "reward_model"})),
    ("mixture", frozenset({"moe_balance", "expert_load", "expert_overflow", "expert_imbalance", "unused_experts"})),
    ("quantised", frozenset({"codebook_perplexity", "codebook_usage"})),
)


def kinds_of(tasks: frozenset[str], seen: frozenset[str]) -> frozenset[str]:
    """Return every kind of training that the tasks of a run tell, and what is ``seen``: loss families and kinds of series."""
    return tasks | {group for group, members in _GROUPS if seen & members}


def fitness(kinds: frozenset[str], only: tuple[str, ...]) -> float:
    """Return what a cause loses (0 or less) in a training of ``kinds`` where ``only`` some can have it."""
    if not only or kinds.intersection(only):
        return 0.0
    if kinds:
        return -_UNFIT
    return -_HIDDEN if _TELLING.issuperset(only) else -_UNTOLD


def support(evidence: tuple[str, ...], answers: Mapping[str, str]) -> float:
    """Return what a cause loses (0 or less) that needs ``evidence`` and has none of it.

    >>> support(("told-momentum=extreme",), {"told-momentum": "usual"})
    -1.6
    """
    seen = {f"{feature}={answer}" for feature, answer in answers.items()}
    return 0.0 if not evidence or seen.intersection(evidence) else -_UNSUPPORTED


def weigh(table: Table, answers: Mapping[str, str]) -> dict[str, Floats]:
    """Return what each answer that the table knows adds to each cause, times the sharpness."""
    known = {name: table.weights.get(name, {}).get(answer) for name, answer in answers.items()}
    return {name: table.sharpness * row for name, row in known.items() if row is not None}


def probabilities(table: Table, added: Mapping[str, Floats], unfit: Floats) -> Floats:
    """Return the probability of each cause of the table; ``unfit`` is what each loses for the kind of training.

    A small share (``table.floor``) is handed out by the prior alone: no cause that fits the training ever reaches zero.
    """
    before = _normal(table.prior + unfit)
    after = _normal(table.sharpness * (table.prior + unfit) + sum(added.values(), np.zeros(len(table.causes))))
    return (1 - table.floor) * after + table.floor * before


def _normal(scores: Floats) -> Floats:
    raised = np.exp(scores - np.max(scores))
    return np.asarray(raised / raised.sum(), dtype=np.float64)
