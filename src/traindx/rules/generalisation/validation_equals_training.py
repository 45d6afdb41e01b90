"""GEN005: validation shows the very numbers of training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain, side_by_side
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationEqualsTraining(Rule):
    """Training and validation show the same numbers, digit for digit.

    ## What it looks at
    Losses and metrics of one meaning on both splits, at the points that both have: how many are exactly equal,
    where the values have three digits or more behind the point and change.

    ## Why it matters
    One of the two is a copy: the validation set is the training set, or one variable is logged under both names. Nothing is
    known about new data.

    ## What to try
    - Print the first file names or ids of both sets.
    - Look for one variable in both log calls.

    ## When it is wrong
    Never, beyond a few points: two sets of data do not cost the same to the last digit.
    """

    meta: ClassVar = RuleMeta(
        code="GEN005",
        name="validation-equals-training",
        since="0.1",
        summary="validation shows the very numbers of training",
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = "suspicious_val"

    points: int = 5
    share: float = 0.8
    distinct: int = 5

    def check(self, case: Case) -> Iterator[Finding]:
        judged = plain(case[READINGS], "loss", "accuracy", "f1", "map", "dice", "iou", "perplexity")
        training = {_meaning(r): r for r in judged if r.role.split == "train"}
        for held in (r for r in judged if r.held_out):
            train = training.get(_meaning(held))
            if train is not None and (found := self._equal(train, held)):
                yield self._describe(case, train, held, found)
                return

    def _equal(self, train: Reading, held: Reading) -> tuple[int, int] | None:
        a, b = side_by_side(train, held)
        if len(a) < self.points:
            return None
        equal = a == b
        same = a[equal][:2_000]
        fine = np.abs(same - np.round(same, 2)) > 1e-9
        enough = np.count_nonzero(equal) >= len(equal) * self.share and len(np.unique(same)) >= self.distinct
        return (int(equal.sum()), len(a)) if enough and float(np.mean(fine)) >= 0.5 else None

    def _describe(self, case: Case, train: Reading, held: Reading, found: tuple[int, int]) -> Finding:
        return self.finding(
            f"{held.name} equals {train.name} to the last digit at {found[0]} of {found[1]} common points",
            Evidence(
                label="points with equal values",
                measured=float(found[0]),
                expected=0.0,
                formula="two sets of data never cost the same",
                span=case.span(held.series),
            ),
            severity=Severity.WARNING,
            confidence=0.95,
            why="the validation set is the training set, or one variable is logged twice: nothing is known about new data",
            do=("print the first ids of both sets", "look for one variable in both log calls"),
            check="evaluate ten samples that training has never seen",
            rank=58,
        )


def _meaning(reading: Reading) -> tuple[str, str | None, str | None, int | None, str]:
    role = reading.role
    return role.kind, role.component, role.family, role.k, role.part
