"""GEN004: the metric is far better on training data than on held-out data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import GAMES, METRICS, TASKS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta

_SHARES = ("accuracy", "balanced_accuracy", "f1", "auroc", "map", "dice", "iou", "exact_match")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TrainMetricFarAbove(Rule):
    """Nearly everything is right on training data, and far less on held-out data.

    ## What it looks at
    The last levels of the same share of right answers on both splits.

    ## Why it matters
    The training set is known by heart: more epochs cannot help, because there is nothing left to learn from it. The gap says
    what data, augmentation and regularisation could win.

    ## What to try
    - More or more varied data first, then augmentation, weight decay, dropout, a smaller model.
    - Compare with a checkpoint from before the training share reached its end.

    ## When it is wrong
    Where held-out data is harder by design (another source, another time): the gap is then no memorisation.
    """

    meta: ClassVar = RuleMeta(
        code="GEN004",
        name="train-metric-far-above",
        since="0.1",
        summary="the metric is far better on training data",
    )
    needs: ClassVar = (METRICS,)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("GEN001", "DIV001", "DIV002", "BAS004", "BAS007", "NAN001", "NAN002")

    gap: float = 0.15
    large_gap: float = 0.35
    """99 % against 64 %: a third of what was learnt does not carry over."""

    right: float = 0.95
    errors: float = 4.0
    """Held-out errors four times as frequent: less is what most well-tuned models show."""

    evaluations: int = 3

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, GAMES):
            return
        shares = plain(case[METRICS], *_SHARES)
        training = {_meaning(r): r for r in shares if r.role.split == "train"}
        for held in (r for r in shares if r.held_out):
            train = training.get(_meaning(held))
            if train is None or train.curve is None or held.curve is None or held.curve.count < self.evaluations:
                continue
            known, new = train.curve.end.value / train.full, held.curve.end.value / held.full
            apart = self.right <= known <= 1 and 1 - new > self.errors * (1 - known) and known - new > self.gap
            if apart and new >= 0:
                yield self._describe(case, train, held, (known, new))
                return

    def _describe(self, case: Case, train: Reading, held: Reading, found: tuple[float, float]) -> Finding:
        known, new = found
        return self.finding(
            f"{train.name} is {100 * known:.3g} % and {held.name} {100 * new:.3g} %: {100 * (known - new):.2g} points do not carry over",
            Evidence(
                label=f"last {held.name}",
                measured=round(100 * new, 6),
                expected=round(100 * known, 6),
                formula=train.name,
                unit="%",
                span=case.span(held.series),
            ),
            severity=Severity.WARNING if known - new > self.large_gap else Severity.INFO,
            confidence=0.85,
            why="the training set is known by heart: there is nothing left to learn from it",
            do=(
                "more or more varied data first, then augmentation, weight decay, dropout",
                "compare with the checkpoint from before training reached its end",
            ),
            check="the same metric on a held-out part of the training data: if it is high there, the other set is of another kind",
            rank=30,
        )


def _meaning(reading: Reading) -> tuple[str, str | None, int | None]:
    return reading.role.kind, reading.role.component, reading.role.k
