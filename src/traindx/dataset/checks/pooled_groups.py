"""AUD005: groups of different scale or level share one scaling."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject, called
from traindx.dataset.checks.wording import n, share, some
from traindx.dataset.summary import ArraySummary, ColumnSummary
from traindx.dataset.tails import second_moment, squared
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True)
class Spread:
    """How groups differ in one feature: the between-group share of the variance, and the deviations of the widest and narrowest group."""

    between: float
    widest: float
    narrowest: float

    @property
    def ratio(self) -> float:
        """Deviation of the widest group over that of the narrowest."""
        return self.widest / self.narrowest if self.narrowest > 0 else math.nan


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PooledGroups(DataCheck):
    """Groups of different scale or level are pooled under one mean and deviation.

    ## What it looks at
    The mean and deviation of every feature inside each group (`--group COLUMN`): the share of the variance that lies between groups, corrected for
    the number of groups, and the ratio of the deviations of the widest and the narrowest group.

    ## Why it matters
    A squared loss weighs each group by its second moment. If one system's targets are ten times as wide as another's, its errors
    count a hundredfold: the loss is that of a few groups, and the model may answer zero to all others at no cost. Scaling all groups by one
    deviation changes the units and none of this.

    ## What to try
    - Scale each group by its own mean and deviation, and keep them with the model: `Normalizer` takes a group.
    - Or squash with asinh or a logarithm, where the group is unknown when predicting.
    - Log the loss of every group, divided by the group's variance.

    ## When it is wrong
    Where errors must count in common units, as of money; and where the group is not known at prediction time.
    """

    meta: ClassVar = RuleMeta(
        code="AUD005", name="pooled-groups", since="0.1", summary="groups of different scale or level share one scaling"
    )
    needs: ClassVar = "groups"

    between: float = 0.5
    """Over half the variance is the group's level: knowing the group explains more than all the rest can."""

    ratio: float = 10.0
    """Ten times the deviation is a hundred times the weight in a squared loss."""

    rows: int = 30
    """Below thirty rows a group's own deviation is known to no better than a quarter."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak once of each array with groups, of the feature in which they differ most."""
        for array in subject.of_role("values"):
            groups = {name: parts for name, parts in array.groups.items() if parts and parts[0].rows >= self.rows}
            if len(groups) < 2:
                continue
            spreads = {
                i: s
                for i in range(len(array.features))
                if (s := spread_of([g[i] for g in groups.values()])) is not None
            }
            off = {i: s for i, s in spreads.items() if s.between > self.between or s.ratio > self.ratio}
            if off:
                worst = max(off, key=lambda i: (off[i].ratio if off[i].ratio == off[i].ratio else 0, off[i].between))
                yield self._found(subject, array, groups, worst, off[worst])

    def _found(
        self,
        subject: Subject,
        array: ArraySummary,
        groups: Mapping[str, tuple[ColumnSummary, ...]],
        feature: int,
        spread: Spread,
    ) -> Finding:
        weights = _weights(groups)
        heavy = _carrying(weights, 0.9)
        silent = sum(1 for weight in weights.values() if weight * len(weights) < 0.1)
        name = called(array, array.features[feature])
        differ = (
            f"deviations of {name} from {n(spread.narrowest)} to {n(spread.widest)}, {n(spread.ratio)}-fold"
            if spread.ratio > self.ratio
            else f"{share(spread.between)} of the variance of {name} between them"
        )
        rows = sum(parts[0].rows for parts in groups.values())
        ratio = Evidence(
            label=f"widest over narrowest group, deviation of {name}",
            measured=spread.ratio,
            expected=1.0,
            formula="groups of one scale",
            note=f"{len(groups)} groups",
        )
        level = Evidence(
            label="share of the variance between groups",
            measured=spread.between,
            expected=0.0,
            formula="groups of one level",
        )
        held = Evidence(
            label=f"share of the sum of squares in {len(heavy)} of {len(groups)} groups",
            measured=sum(weights[g] for g in heavy),
            expected=sum(groups[g][0].rows for g in heavy) / rows,
            formula="their share of the rows",
        )
        evidence = (ratio, held, level) if spread.ratio > self.ratio else (level, held, ratio)
        return self.finding(
            f"{len(groups)} groups share one scaling, with {differ}",
            *evidence,
            severity=Severity.WARNING,
            confidence=0.95 if spread.ratio > 2 * self.ratio or spread.between > 0.7 else 0.85,
            why=f"{len(heavy)} of {len(groups)} groups ({some(heavy)}) carry {share(sum(weights[g] for g in heavy))} of the sum of squares: "
            f"a squared loss is theirs, and answering zero to the {silent} groups that weigh under a tenth of their share costs next to nothing"
            if subject.is_target(array)
            else _input_cost(spread, apart=spread.ratio > self.ratio),
            do=(
                "scale each group by its own mean and deviation",
                "log the loss of every group divided by its variance",
            ),
            check="fit one group alone: if its skill is no better than in the mixture, the pooling was not to blame",
            decided_by="data",
            rank=78,
        )


def _input_cost(spread: Spread, *, apart: bool) -> str:
    if apart:
        return f"scaled together, the narrowest group varies by {n(1 / spread.ratio)} of the widest one's deviation: a network sees a constant there"
    inside = math.sqrt(max(1 - spread.between, 0.0))
    return f"scaled together, values vary by {n(inside)} inside a group instead of 1: the network sees which group it is, and little else"


def spread_of(groups: list[ColumnSummary]) -> Spread | None:
    """Return how groups differ in one feature; groups in which it is constant (as padding is) are left out.

    The between-group share is omega squared: (B - (G-1) W) / (T + W), where B, W and T are the sum of squares between groups, the mean square
    within and the total. It is 0 on average where all groups have one mean. Source: W. L. Hays 1963.
    """
    live = [g for g in groups if g.count > 1 and g.deviation > 0]
    rows = sum(g.count for g in live)
    if len(live) < 2 or rows <= len(live):
        return None
    mean = sum(g.count * g.mean for g in live) / rows
    between = sum(g.count * squared(g.mean - mean) for g in live)
    inside = sum(g.m2 for g in live)
    square = inside / (rows - len(live))
    deviations = [g.deviation for g in live]
    omega = (between - (len(live) - 1) * square) / (between + inside + square)
    return Spread(max(omega, 0.0), max(deviations), min(deviations))


def _weights(groups: Mapping[str, tuple[ColumnSummary, ...]]) -> dict[str, float]:
    """Return the share of the sum of squares that each group holds, about zero: what answering zero costs."""
    squares = {name: sum(second_moment(c) * c.count for c in parts if c.count) for name, parts in groups.items()}
    total = sum(squares.values())
    return {name: square / total if total > 0 else 0.0 for name, square in squares.items()}


def _carrying(weights: Mapping[str, float], wanted: float) -> list[str]:
    """Return the fewest groups that hold ``wanted`` of all, the heaviest first."""
    held, kept = 0.0, list[str]()
    for name in sorted(weights, key=lambda g: -weights[g]):
        kept.append(name)
        held += weights[name]
        if held >= wanted:
            break
    return kept
