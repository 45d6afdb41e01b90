"""MET010: one metric is in per cent on one split and a fraction on the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta

_SHARES = (
    "accuracy",
    "balanced_accuracy",
    "recall_at_k",
    "hit_rate",
    "map",
    "f1",
    "precision",
    "recall",
    "dice",
    "iou",
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SplitScalesDiffer(Rule):
    """One metric is printed from 0 to 100 on one split and from 0 to 1 on the other.

    ## What it looks at
    The last levels of the same share of right answers on training and held-out data: one beyond 1.5 and the
    other at most one, and within a factor of three of each other once both are fractions.

    ## Why it matters
    A plot of both shows one curve and a line at zero; a comparison of the two by a program is always wrong.

    ## What to try
    - Log both as fractions.

    ## When it is wrong
    Where one split stands at under one per cent.
    """

    meta: ClassVar = RuleMeta(
        code="MET010",
        name="split-scales-differ",
        since="0.1",
        summary="a metric is in per cent on one split only",
    )
    needs: ClassVar = (METRICS,)
    condition: ClassVar = "metric_arithmetic"

    apart: float = 3.0
    """Training and held-out data rarely differ threefold in a share of right answers; the scale makes it a hundredfold."""

    least: float = 0.1
    """A value at most one is a fraction for certain where it would be under a per cent of a tenth otherwise."""

    def check(self, case: Case) -> Iterator[Finding]:
        shares = plain(case[METRICS], *_SHARES)
        training = {_meaning(r): r for r in shares if r.role.split == "train"}
        for held in (r for r in shares if r.held_out):
            train = training.get(_meaning(held))
            if train is not None and train.in_percent != held.in_percent and self._same(train, held):
                yield self._describe(case, train, held)
                return

    def _same(self, train: Reading, held: Reading) -> bool:
        large, small = (train, held) if train.in_percent else (held, train)
        assert large.curve is not None
        assert small.curve is not None
        high, low = large.curve.end.value / 100, small.curve.end.value
        return self.least < low <= 1.0 and 1 / self.apart < high / low < self.apart

    def _describe(self, case: Case, train: Reading, held: Reading) -> Finding:
        assert train.curve is not None
        assert held.curve is not None
        return self.finding(
            f"{train.name} ends at {train.curve.end.value:.4g} and {held.name} at {held.curve.end.value:.4g}: one is in per cent",
            Evidence(
                label=f"{train.name} / {held.name}",
                measured=train.curve.end.value / max(held.curve.end.value, 1e-12),
                expected=1.0,
                formula="near one on one scale",
                span=case.span(held.series),
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="a plot of both shows one of them as a line at zero, and a gap computed from them means nothing",
            do=("log both as fractions",),
            check="the two lines of the program that compute them",
            rank=9,
        )


def _meaning(reading: Reading) -> tuple[str, str | None, int | None]:
    return reading.role.kind, reading.role.component, reading.role.k
