"""Which facts would change the answer, and how."""

from __future__ import annotations

from traindx.context import FACTS, JUDGED_LOSS, LADDER, LOSS_FAMILY, METRICS, READINGS, Case, has_task
from traindx.diagnosis import MissingFact
from traindx.engine.learnt import FEW_POINTS, points_of

_MOST = 3

# What to ask for each loss family, the most decisive first.
_QUESTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "cross_entropy": (
        (
            "num_classes",
            "tell the level of guessing (ln of the number of classes), and whether the first loss is right",
        ),
        ("vocab_size", "tell the level of guessing for a language model (ln of the vocabulary)"),
    ),
    "info_nce": (
        ("batch_size", "tell the level of guessing (ln of the batch, or of batch x devices if negatives are gathered)"),
        ("num_samples", "correct that level for the short last batch"),
    ),
    "mse": (("target_std", "tell the loss of always answering the mean (its square)"),),
    "l1": (("target_std", "tell the loss of always answering the median"),),
    "triplet": (("margin", "tell the loss of embeddings that are all alike (the margin itself)"),),
    "dino": (("num_prototypes", "tell the level of a uniform output (ln of the prototypes)"),),
    "bce": (("positive_rate", "tell the loss of always answering the prior"),),
    "detr_total": (
        ("num_classes", "tell the budget of a model that knows nothing"),
        ("image_size", "tell boxes in pixels from other faults of scale"),
    ),
}
_THE_LOSS = (
    "loss",
    "name the loss (cross_entropy, info_nce, mse, ...), so that its level of guessing can be computed",
)
# ln of two hundred million: no mean over a softmax that people train starts above it by guessing.
_NO_MEAN_ENTROPY = 19.0
_OF_SMALL = (
    ("vocab_size", "tell the level of guessing if it is a language model (ln of the vocabulary)"),
    ("num_classes", "tell the level of guessing if it is a classifier (ln of the classes)"),
)
_OF_LARGE = (
    ("batch_size", "tell a sum over the batch from a mean"),
    ("target_std", "tell the loss of always answering the mean target (its square), if it is a regression"),
)
_RETRIEVAL = frozenset({"recall_at_k", "mrr", "hit_rate", "median_rank", "mean_rank"})


def missing_facts(case: Case) -> tuple[MissingFact, ...]:
    """Return at most three facts that nobody gave, could be read or inferred, each with what it would tell."""
    known = case[FACTS]
    asked: list[tuple[str, str]] = []
    family = case.get(LOSS_FAMILY)
    if JUDGED_LOSS in case and LADDER not in case:
        if family is None:
            asked += _of_an_unknown_loss(case)
        asked += _QUESTIONS.get(family or "", ())
    elif family == "info_nce" and any(known[k].origin == "inferred" for k in ("batch_size",) if k in known):
        asked.append(("batch_size", "confirm what was inferred from the level of the loss"))
    if any(r.role.kind in _RETRIEVAL for r in case.get(METRICS) or ()):
        origin = known["gallery_size"].origin if "gallery_size" in known else None
        if origin is None:
            asked.append(("gallery_size", "tell what a random ranking scores (K over the gallery)"))
        elif origin == "inferred":
            asked.append(("gallery_size", "confirm the size inferred from the hit percentages"))
    measured = {r.role.kind for r in case.get(READINGS) or ()}
    asked = [(key, would) for key, would in asked if key == "loss" or key not in measured]
    fresh = [(key, would) for key, would in asked if key not in known or known[key].origin == "inferred"]
    return tuple(MissingFact(key, would) for key, would in dict(fresh).items())[:_MOST]


def _of_an_unknown_loss(case: Case) -> tuple[tuple[str, str], ...]:
    """What to ask where nothing tells the loss: its name, and what would tell it and its level at once."""
    curve = case[JUDGED_LOSS].curve
    large = curve is not None and abs(curve.start.value) > _NO_MEAN_ENTROPY
    return (_THE_LOSS, *(_OF_LARGE if large else _OF_SMALL))


def what_to_log(case: Case) -> str:
    """What the next log should hold, where no fact but only more measurements would decide this one."""
    points = points_of(case)
    if points == 0:
        return "log a training loss at regular steps, and a validation metric beside it"
    if points < FEW_POINTS:
        return "log oftener, or wait: a curve of five points is the least that tells learning from noise"
    if has_task(case, {"reinforcement"}):
        return (
            "wait for as many points again, and log the mean return of more episodes at once: its noise hides any trend"
        )
    if has_task(case, {"gan"}) and METRICS not in case:
        return "log a measure of the samples (FID, or a few pictures at every thousand steps): losses of two rivals tell no progress"
    return "log the mean loss of many batches, or a validation loss at regular steps: the noise of single batches hides any trend"
