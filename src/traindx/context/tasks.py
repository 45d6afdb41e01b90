"""What kind of training is it? What is a fault in one kind is normal in another."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from traindx.context.case import Case
from traindx.context.curves import TASKS, Reading

# Kinds of training whose loss depends on what a player does: it may rise, fall or stand whatever is learnt.
GAMES = frozenset({"reinforcement", "gan"})

# (task, role kinds that tell it, loss families that tell it)
_SIGNS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    (
        "reinforcement",
        frozenset({"reward", "reward_std", "explained_variance", "clip_fraction"}),
        frozenset({"ppo_policy", "ppo_value", "grpo"}),
    ),
    ("preference", frozenset({"reward_margin"}), frozenset({"dpo", "ipo", "kto", "simpo", "orpo", "reward_model"})),
    ("gan", frozenset(), frozenset({"gan_generator", "gan_discriminator", "cycle"})),
    ("diffusion", frozenset(), frozenset({"diffusion", "flow_matching"})),
    ("variational", frozenset(), frozenset({"elbo", "gaussian_nll", "psnr_loss"})),
    (
        "retrieval",
        frozenset({"recall_at_k", "mrr", "median_rank", "mean_rank", "ndcg"}),
        frozenset({"info_nce", "siglip"}),
    ),
    ("detection", frozenset({"map", "average_precision"}), frozenset({"detr_total", "giou", "iou", "dfl"})),
    ("segmentation", frozenset({"dice", "iou"}), frozenset({"dice"})),
    ("transcription", frozenset({"wer", "cer"}), frozenset({"ctc", "rnnt"})),
    ("language_model", frozenset({"perplexity", "bits_per_byte"}), frozenset({"masked_lm"})),
)

# Implicit rewards of a preference loss are logits, and its loss is an ordinary one; only rollouts make it play.
_ROLLOUTS = frozenset({"explained_variance", "clip_fraction"})


def has_task(case: Case, tasks: AbstractSet[str]) -> bool:
    """Whether the run is of one of these kinds of training. A rule that asks must declare ``TASKS``."""
    return bool((case.get(TASKS) or frozenset()) & tasks)


def tasks(readings: Sequence[Reading]) -> frozenset[str]:
    """Return every kind of training that the names of the series speak of."""
    kinds = {r.role.kind for r in readings}
    families = {r.role.family for r in readings if r.role.family}
    found = frozenset(
        task for task, some_kinds, some_families in _SIGNS if kinds & some_kinds or families & some_families
    )
    if ("preference" in found or _by_one_letter(readings)) and not kinds & _ROLLOUTS:
        found -= {"reinforcement"}
    return found


def _by_one_letter(readings: Sequence[Reading]) -> bool:
    """Whether nothing but an R speaks of rewards, and no length of an episode (L) stands beside it: the recall of a detector."""
    rewards = [r for r in readings if r.role.kind == "reward"]
    letters = all(len(r.name.rsplit("/", 1)[-1]) == 1 for r in rewards)
    return bool(rewards) and letters and not any(r.role.kind == "episode_length" for r in readings)
