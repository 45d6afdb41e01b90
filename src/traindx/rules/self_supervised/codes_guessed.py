"""SSL006: masked speech codes are guessed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import wav2vec_chance
from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, readings_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CodesGuessed(Rule):
    """The contrastive loss over masked speech stands at what guessing among 101 codes costs.

    ## What it looks at
    Training losses beside the perplexity of a codebook, over the first and the last third of the run, against ln 101 = 4.615
    nats, or 6.658 bits: one true code among a hundred distractors.

    ## Why it matters
    The model has not begun to tell codes apart. Such trainings can stand there for some thousand steps; where the codes
    have collapsed, they stay for ever.

    ## What to try
    - Look at the perplexity of the codes: near 1 per group, the codebook has collapsed.
    - Raise the weight of the diversity term, check the temperature of the code choice, normalise the audio.

    ## When it is wrong
    Within the first thousands of steps; other numbers of distractors.
    """

    meta: ClassVar = RuleMeta(
        code="SSL006", name="codes-guessed", since="0.1", summary="masked speech codes are guessed"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("GNR005", "BAS001", "NAN001", "NAN002")

    points: int = 20
    near: float = 0.003
    steps: float = 5_000.0
    """Wav2vec-like trainings usually leave this level within five thousand steps."""

    def check(self, case: Case) -> Iterator[Finding]:
        if not any(r.role.kind == "codebook_perplexity" for r in case[READINGS]):
            return
        for loss in readings_of(case, "loss"):
            level = self._stands_at(loss)
            if level == level:
                yield self._describe(case, loss, level)
                return

    def _stands_at(self, loss: Reading) -> float:
        nats = wav2vec_chance().value
        if loss.held_out or loss.curve is None or loss.curve.count < self.points or not come_far(loss):
            return math.nan
        levels = (level_of(loss, 0.0, 1 / 3), level_of(loss, 2 / 3))
        known = (nats, nats / math.log(2))
        return next((k for k in known if all(abs(v - k) <= self.near * k for v in levels)), math.nan)

    def _describe(self, case: Case, loss: Reading, level: float) -> Finding:
        now, bits = level_of(loss, 2 / 3), level > 5
        series = loss.series
        long = series.has_steps and len(series) > 0 and float(series.steps[-1]) >= self.steps
        return self.finding(
            f"{loss.name} has not left {now:.4g}, what guessing among 101 codes costs",
            across(
                case,
                loss,
                f"{loss.name} over the last third",
                now,
                first=2 / 3,
                expected=level,
                formula="log2 101" if bits else "ln 101",
                unit="bits" if bits else "nats",
            ),
            severity=Severity.ERROR if long else Severity.INFO,
            confidence=0.85 if long else 0.7,
            why="one true code among a hundred distractors is not told apart yet",
            do=(
                "look at the perplexity of the codes: near 1 per group means a collapsed codebook",
                "raise the weight of the diversity term, and normalise the audio",
            ),
            check="the same loss with the mask taken away: it must fall at once",
            rank=82,
        )
