"""GEN006: held-out data is answered far better than training data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import FACTS, GAMES, METRICS, TASKS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta

_SHARES = ("accuracy", "balanced_accuracy", "f1", "auroc", "exact_match")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationMetricFarAbove(Rule):
    """The share of right answers is far higher on held-out data than on training data, to the end of the run.

    ## What it looks at
    The last quarter of both: training values after the first epochs lag no more, so a gap of a fifth has another reason. A
    held-out share that is perfect from the first evaluation on, while training never is, is the gravest form.

    ## Why it matters
    Held-out examples may be known from training (copies, overlapping windows, the same persons), may carry their answer in
    the input, or may be so few or so easy that they test nothing.

    ## What to try
    - Count examples and groups that both splits share.
    - Evaluate the training set in evaluation mode, without augmentation: like against like.

    ## When it is wrong
    Mixing augmentations and strong dropout make training far harder than evaluation; then it is told as information.
    """

    meta: ClassVar = RuleMeta(
        code="GEN006",
        name="validation-metric-far-above",
        since="0.1",
        summary="held-out data is answered far better than training data",
    )
    needs: ClassVar = (METRICS,)
    may_use: ClassVar = (FACTS, TASKS)
    condition: ClassVar = "suspicious_val"
    explained_by: ClassVar = ("GEN002", "GEN005", "LOG004")

    gap: float = 0.2
    perfect: float = 0.995
    trained: float = 0.8
    evaluations: int = 4

    def check(self, case: Case) -> Iterator[Finding]:
        mixed = (case.get(FACTS) or {}).get("mixup")
        if has_task(case, GAMES) or (mixed is not None and mixed.value):
            return
        shares = plain(case[METRICS], *_SHARES)
        training = {(r.role.kind, r.role.component, r.role.k): r for r in shares if r.role.split == "train"}
        for held in (r for r in shares if r.held_out):
            train = training.get((held.role.kind, held.role.component, held.role.k))
            if train is None or train.curve is None or held.curve is None:
                continue
            values = held.series.finite().values / held.full
            late = float(np.median(values[3 * len(values) // 4 :]))
            known = train.curve.end.value / train.full
            if len(values) >= self.evaluations and late - known > self.gap and late <= 1:
                always = float(np.min(values)) >= self.perfect and known <= self.trained
                yield self._describe(case, train, held, (known, late), always=always)
                return

    def _describe(
        self, case: Case, train: Reading, held: Reading, found: tuple[float, float], *, always: bool
    ) -> Finding:
        known, late = found
        since = " from the first evaluation on" if always else ""
        return self.finding(
            f"{held.name} is {100 * late:.3g} %{since} while {train.name} ends at {100 * known:.3g} %",
            Evidence(
                label=f"{held.name} over the last quarter",
                measured=round(100 * late, 6),
                expected=round(100 * known, 6),
                formula=f"{train.name}; held-out data is no easier",
                unit="%",
                span=case.span(held.series, 3 * len(held.series) // 4, -1),
            ),
            severity=Severity.WARNING if always else Severity.INFO,
            confidence=0.85 if always else 0.6,
            why="held-out examples are known from training, carry their answer in the input, or test nothing"
            if always
            else "augmentation and dropout make training harder; beyond them, examples that both splits share explain it",
            do=(
                "count examples and groups that both splits share",
                "evaluate the training set in evaluation mode without augmentation",
            ),
            check="the training share in evaluation mode: near the held-out one, it clears the data",
            rank=36,
        )
