"""What the policy earns, and whether that rose: what every other number of reinforcement learning is weighed against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from traindx.context import READINGS, Case, Reading, has_task
from traindx.rules.choosing import longest_of, sample
from traindx.signals import change, level

Course = Literal["rose", "flat", "fell", "unknown"]

_SURE_Z = 4.0
_GAINED = 5.0
_LOST = 0.6
_Z = 6.0
_USUAL_STEPS = 4.0
_FEWEST = 20
# Terms of a reward that are no part of the task, and rewards of pairs of answers.
_NO_RETURN = frozenset({"non", "chosen", "rejected", "reject", "kl"})
_GROUPS = frozenset({"zero_std_fraction", "completion_length", "truncation_rate"})


def is_playing(case: Case) -> bool:
    """Whether a policy is trained on what it earns."""
    return has_task(case, {"reinforcement"})


def in_groups(case: Case) -> bool:
    """Whether a language model is rewarded for answers: several to one prompt, advantages relative to their mean."""
    return any(r.role.kind in _GROUPS for r in case[READINGS])


def reward_of(case: Case) -> Reading | None:
    """The series of what the policy earns in training: the whole before a term, rewards before scores."""
    whole = longest_of(case, "reward") or longest_of(case, "score")
    if whole is not None:
        return whole
    terms = {r.role.component for r in case[READINGS] if r.role.kind == "reward"} - _NO_RETURN
    return longest_of(case, "reward", terms) if terms else None


def course_of(case: Case) -> Course:
    """Whether the reward rose, fell back after it had risen, or did neither; unknown where too little is logged."""
    reward = reward_of(case)
    return course(reward) if reward is not None else "unknown"


def course(reward: Reading) -> Course:
    """The same for one series of rewards.

    It rose where its outer thirds differ by four standard errors, or its best level beats its start by five.
    """
    curve = reward.curve
    if curve is None or curve.count < _FEWEST:
        return "unknown"
    if fall_of(reward) is not None:
        return "fell"
    moved = change(sample(reward))
    if (moved is not None and moved.z > _SURE_Z) or curve.gained > _GAINED * curve.gain_error:
        return "rose"
    return "flat"


@final
@dataclass(frozen=True, slots=True)
class Fall:
    """Levels of tenths of a run: the first, the best, and the last, after most of what had been gained was lost again."""

    first: float
    best: float
    last: float

    @property
    def share(self) -> float:
        """How much of the gain was lost; above one where the end is worse than the start."""
        return (self.best - self.last) / (self.best - self.first)


def fall_of(reward: Reading) -> Fall | None:
    """The fall of a reward that had risen and lost most of it, and stayed down for the last two tenths; else None.

    Gain and loss must both be six standard errors of the levels, and four times what neighbouring tenths usually
    differ by: returns that come and go are no fall.
    """
    values = sample(reward)
    if len(values) < _FEWEST:
        return None
    tenths = [level(part, 0, len(part) - 1) for part in np.array_split(values, 10)]
    middles = np.array([tenth.value for tenth in tenths])
    best = int(np.argmax(middles))
    found = Fall(float(middles[0]), float(middles[best]), float(middles[-1]))
    steps = np.sort(np.abs(np.diff(middles)))[:-2]  # the rise and the fall themselves left out
    error = max(_Z * float(np.hypot(tenths[best].error, tenths[-1].error)), _USUAL_STEPS * float(np.median(steps)))
    gained, lost = found.best - found.first, found.best - float(np.max(middles[-2:]))
    return found if gained > error and lost > max(error, _LOST * gained) else None
