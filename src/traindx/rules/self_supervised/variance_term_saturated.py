"""SSL005: the term that should keep embeddings apart stands at its worst."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta

_VARIANCE = re.compile(r"(?:^|[^a-z])(?:var|std|variance)_loss$|loss[_/](?:var|std|variance)$")
_COVARIANCE = re.compile(r"(?:^|[^a-z])(?:cov|covariance)")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceTermSaturated(Rule):
    """The variance term of a VICReg loss stands at its largest value: the embeddings have no spread.

    ## What it looks at
    The variance (standard deviation) term beside a covariance term, over the last half of the run, against 0.99 for one
    branch or the mean of two, and 1.98 for the sum of two: max(0, 1 - sqrt(0 + 0.0001)).

    ## Why it matters
    The term is there to prevent collapse. At its largest value it has failed: every embedding is the same, and the
    invariance term is zero for that reason.

    ## What to try
    - Raise its weight, lower the learning rate, check that it is computed before the embeddings are normalised.

    ## When it is wrong
    Embeddings that are normalised to length one have a standard deviation of 1/sqrt(d): there the term is always near one.
    """

    meta: ClassVar = RuleMeta(
        code="SSL005", name="variance-term-saturated", since="0.1", summary="the variance term stands at its worst"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = "collapsed"
    explained_by: ClassVar = ("SSL002", "NAN001", "NAN002")

    points: int = 20
    worst: float = 0.99
    near: float = 0.005

    def check(self, case: Case) -> Iterator[Finding]:
        if not any(_COVARIANCE.search(r.name.lower()) for r in case[READINGS] if r.role.kind == "loss"):
            return
        for term in case[READINGS]:
            factor = self._saturated(term)
            if factor:
                yield self._describe(case, term, factor)
                return

    def _saturated(self, term: Reading) -> int:
        """How many branches are added up where all of them are at their worst, else 0."""
        if term.role.kind != "loss" or term.held_out or not _VARIANCE.search(term.name.lower()):
            return 0
        if term.curve is None or term.curve.count < self.points or not come_far(term):
            return 0
        levels = (level_of(term, 0.5), level_of(term, 0.9))
        return next(
            (n for n in (1, 2) if all(abs(v - n * self.worst) <= n * self.near for v in levels)),
            0,
        )

    def _describe(self, case: Case, term: Reading, factor: int) -> Finding:
        now = level_of(term, 0.5)
        return self.finding(
            f"{term.name} stands at {now:.4g}, its largest value: the embeddings have no spread",
            across(
                case,
                term,
                f"{term.name} over the last half",
                now,
                first=0.5,
                expected=factor * self.worst,
                formula="1 - sqrt(0 + 0.0001)" + (", twice" if factor == 2 else ""),
            ),
            severity=Severity.ERROR,
            confidence=0.9,
            why="the term that should prevent collapse is at its worst: every embedding is the same",
            do=(
                "compute it before embeddings are normalised, and raise its weight",
                "lower the learning rate and warm up",
            ),
            check="the standard deviation of each dimension over a batch",
            rank=85,
        )
