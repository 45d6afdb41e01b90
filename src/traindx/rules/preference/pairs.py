"""The series of a preference loss: what chosen and rejected answers earn, and how likely they are."""

from __future__ import annotations

from traindx.context import READINGS, Case, Reading, has_task
from traindx.rules.choosing import longest_of

_CHOSEN = ("chosen", "accepted", "preferred")
_REJECTED = ("rejected", "reject", "dispreferred")
_WORDS = ("reward", "chosen", "reject")


def is_preference(case: Case) -> bool:
    """Whether pairs of answers are compared: a margin alone may lie between classes or embeddings."""
    told = has_task(case, {"preference"})
    return told and any(word in r.name.lower() for r in case[READINGS] for word in _WORDS)


def chosen_of(case: Case, kind: str) -> Reading | None:
    """The series of a kind (``reward``, ``log_probability``) for chosen answers."""
    return longest_of(case, kind, _CHOSEN)


def rejected_of(case: Case, kind: str) -> Reading | None:
    """The series of a kind for rejected answers."""
    return longest_of(case, kind, _REJECTED)


def margin_of(case: Case) -> Reading | None:
    """The training margin: the reward of the chosen answer less that of the rejected one."""
    margin = longest_of(case, "reward_margin", None)
    return None if margin is not None and margin.held_out else margin
