"""SCL002: training and validation loss differ by one and the same factor all along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import FACTS, GAMES, TASKS, TRAIN_LOSS, VAL_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.choosing import fact_number
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import block_medians

# Counts that a training loss is summed over and a validation loss is not.
_COUNTS: Mapping[str, str] = {
    "grad_accum": "accumulation steps",
    "world_size": "devices",
    "batch_size": "samples of a batch",
    "aux_layers": "decoder layers with a copy of the loss",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossesAreDifferentSums(Rule):
    """Training and validation loss have fallen together at a constant ratio: the same quantity, summed differently.

    ## What it looks at
    The ratio at every evaluation after the first quarter, while the validation loss itself changed by a seventh and more: how far it
    moves, and whether it is a whole number or a count among the settings.

    ## Why it matters
    A gap that is a constant factor is no generalisation gap: overfitting, dropout and averaging change it over time. It is
    a loss added up over accumulation steps, devices or decoder layers on one side only.

    ## What to try
    - Divide by the count on the one side; compare the two only then.

    ## When it is wrong
    A whole number below three may come about by accident; so it is told as information unless a setting names it.
    """

    meta: ClassVar = RuleMeta(
        code="SCL002",
        name="losses-are-different-sums",
        since="0.1",
        summary="training and validation loss differ by a constant factor",
    )
    needs: ClassVar = (TRAIN_LOSS, VAL_LOSS)
    may_use: ClassVar = (FACTS, TASKS)
    condition: ClassVar = "scale"
    explained_by: ClassVar = ("DIV001", "DIV002", "NAN001", "LOG003")

    evaluations: int = 6
    least: float = 1.8
    moved: float = 0.15
    """Only a ratio that survives a change of both says that they are one quantity."""

    constant: float = 0.03
    """Between the thirds of the run: generalisation gaps, dropout and averaging change the ratio by more."""

    scatter: float = 0.1
    near: float = 0.02
    """Means over two data sets differ by a per cent or two; whole numbers up to eight then fit by accident in one of eight."""

    near_known: float = 0.06
    """A count that the settings name may be off by as much as held-out data cost more: a twentieth is usual."""

    largest: float = 64.0

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the ratio stands still at a whole number or a known count."""
        train, val = case[TRAIN_LOSS], case[VAL_LOSS]
        if has_task(case, GAMES | {"variational"}):
            return
        ratios, seen = _ratios(train, val)
        if len(ratios) < self.evaluations or not bool((ratios > 0).all()):
            return
        begun, ended = (float(np.median(part)) for part in (seen[: len(seen) // 4 + 1], seen[-(len(seen) // 4 + 1) :]))
        typical = float(np.median(ratios))
        parts = [float(np.median(part)) for part in np.array_split(ratios, 3)]
        if not (
            abs(begun - ended) >= self.moved * max(begun, ended) and max(parts) <= (1 + self.constant) * min(parts)
        ):
            return
        if not float(np.std(ratios)) <= self.scatter * typical:
            return
        factor = max(typical, 1 / typical)
        if not self.least <= factor <= self.largest:
            return
        name, count = self._count(case, factor)
        if count:
            yield self._describe(case, typical, name, count)

    def _count(self, case: Case, factor: float) -> tuple[str, float]:
        """The known count that the factor equals, else the whole number up to eight, else nothing."""
        for key, meaning in _COUNTS.items():
            value = fact_number(case, key)
            if value > 1 and abs(factor / value - 1) <= self.near_known:
                return meaning, value
        whole = round(factor)
        return ("", float(whole)) if whole <= 8 and abs(factor / whole - 1) <= self.near else ("", 0.0)

    def _describe(self, case: Case, typical: float, name: str, count: float) -> Finding:
        train, val = case[TRAIN_LOSS], case[VAL_LOSS]
        larger = train if typical > 1 else val
        factor = max(typical, 1 / typical)
        return self.finding(
            f"{larger.name} has been {factor:.4g} times the other loss all along, while both fell: "
            + (f"{count:g} is the number of {name}" if name else f"a whole number, {count:g}"),
            Evidence(
                label=f"{train.name} / {val.name}",
                measured=typical,
                expected=count if typical > 1 else 1 / count,
                formula=name or "a whole number",
                span=case.span(val.series),
            ),
            severity=Severity.WARNING if name else Severity.INFO,
            confidence=0.85 if name else 0.6,
            why="a constant factor is no generalisation gap: one of the two is added up over something",
            do=(f"divide {larger.name} by {count:g} before comparing the two",),
            check="model.eval(); print(loss of one and the same batch, computed by the training code and by the evaluation code)",
            decided_by="facts" if name else "log",
            rank=37,
        )


def _ratios(train: Reading, val: Reading) -> tuple[Floats, Floats]:
    """Training over validation loss at the evaluations after the first quarter, and the validation losses there.

    The training loss is its median over the stretch around each evaluation.
    """
    nothing = np.zeros(0), np.zeros(0)
    ours, theirs = train.series.finite(), val.series.finite()
    if len(ours) < 6 or len(theirs) < 6 or not bool((np.diff(ours.steps) >= 0).all()):
        return nothing
    ours = ours.take(slice(None, None, max(1, len(ours) // 40_000)))
    blocks = min(len(ours), 4 * len(theirs), 2_000)
    levels, width = block_medians(ours.values, most=blocks)
    middles = ours.steps[np.minimum(np.arange(len(levels)) * width + width // 2, len(ours) - 1)]
    late = theirs.take(slice(len(theirs) // 4, None))
    inside = (late.steps >= middles[0]) & (
        late.steps <= middles[-1] + (middles[-1] - middles[-2] if len(middles) > 1 else 0)
    )
    values = late.values[inside]
    with np.errstate(all="ignore"):
        ratios = np.interp(late.steps[inside], middles, levels) / values
    return (ratios, values) if bool(np.isfinite(ratios).all()) else nothing
