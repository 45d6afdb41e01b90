"""PRF002: at the first step, the policy is not its reference."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.baselines import preference_chance
from traindx.context import READINGS, TASKS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.choosing import sample
from traindx.rules.preference.pairs import chosen_of, is_preference, rejected_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StartDiffersFromReference(Rule):
    """At the first step the policy already differs from the reference that it is compared with.

    ## What it looks at
    The first logged loss against ln 2, and the first rewards of chosen and rejected answers against zero: both hold
    before the first update, whatever the data.

    ## Why it matters
    Rewards are measured from the reference. Where that is another model (another checkpoint, template, precision, or one
    with dropout switched on), training spends its steps on the difference between the two models, not on preferences.

    ## What to try
    - Load policy and reference from the same checkpoint, in the same precision, with dropout at zero.
    - Recompute stored log-probabilities of the reference with the tokeniser and template of this run.

    ## When it is wrong
    Losses without a reference (SimPO, ORPO, CPO); a second round that keeps the first reference on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="PRF002",
        name="start-differs-from-reference",
        since="0.1",
        summary="the policy is not its reference at the first step",
    )
    needs: ClassVar = (READINGS, TASKS, TRAIN_LOSS)

    first_step: float = 1.0
    """Only a log that begins with the first update shows the start; ten steps later the policy has moved."""

    loss_off: float = 0.10
    reward_off: float = 0.30
    """Dropout and half precision move both by some hundredths; ten times that is another model."""

    reward_alone: float = 1.0
    """Both answers may have moved alike, which leaves the loss at ln 2: a reward of 1 is ten nats at a beta of 0.1."""

    proportional: float = 0.02
    """Rewards that are a fixed multiple of the log-probabilities (to 2 %) are those of a loss without a reference."""

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[TRAIN_LOSS]
        pair = (chosen_of(case, "reward"), rejected_of(case, "reward")) if is_preference(case) else (None, None)
        if pair[0] is None or pair[1] is None or not _at_start(loss, self.first_step):
            return
        rewards = [float(r.series.values[0]) for r in pair if r is not None and _at_start(r, self.first_step)]
        level, start = preference_chance().value, float(loss.series.values[0])
        off = max((abs(reward) for reward in rewards), default=0.0)
        both = abs(start - level) > self.loss_off and off > self.reward_off
        if not (both or off > self.reward_alone) or self._without_reference(case):
            return
        yield self.finding(
            f"{loss.name} starts at {start:.4g} where a policy equal to its reference has {level:.4f}, and rewards at {off:.3g} where it has 0",
            Evidence(
                label=f"first {loss.name}",
                measured=start,
                expected=level,
                formula="ln 2",
                unit="nats",
                span=case.span(loss.series, 0, 0),
            ),
            Evidence(
                label="largest first reward",
                measured=off,
                expected=0.0,
                formula="beta (log p - log p ref)",
                span=case.span(pair[0].series, 0, 0),
            ),
            severity=Severity.WARNING,
            confidence=0.75,
            why="the first steps then undo the difference between two models instead of learning preferences",
            do=(
                "load policy and reference from one checkpoint, in one precision, without dropout",
                "recompute stored reference log-probabilities with this run's tokeniser and template",
            ),
            check="the log-probability of one answer under both models before the first update: they must agree",
            rank=60,
        )

    def _without_reference(self, case: Case) -> bool:
        """Whether rewards are the log-probabilities themselves, times a constant: or nothing tells that they are not."""
        rewards, logs = chosen_of(case, "reward"), chosen_of(case, "log_probability")
        if rewards is None or logs is None:
            return True
        one, other = sample(rewards), sample(logs)
        if len(one) != len(other) or len(one) < 3 or not bool((np.abs(other) > 0).all()):
            return len(one) != len(other) or len(one) < 3
        ratios = one / other
        middle = float(np.median(ratios))
        return math.isfinite(middle) and float(np.max(np.abs(ratios - middle))) <= self.proportional * abs(middle)


def _at_start(reading: Reading, first_step: float) -> bool:
    """Whether the first point stands at the first step; steps that only repeat the epochs count none."""
    series = reading.series
    if not len(series) or not series.has_steps or float(series.steps[0]) == float(series.epochs[0]):
        return False
    return bool(series.steps[0] <= first_step) and bool(np.isfinite(series.values[0]))
