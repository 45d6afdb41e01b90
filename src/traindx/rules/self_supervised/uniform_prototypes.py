"""SSL001: student and teacher agree on nothing but the uniform distribution."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.baselines import prototypes_chance
from traindx.context import FACTS, READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, fact_number, level_of, readings_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta

_FAMILIES = frozenset({"dino", "ibot"})
# Numbers of prototypes in use; a loss between them fits none.
_USUAL = (4_096, 8_192, 16_384, 32_768, 65_536, 98_304, 131_072, 262_144)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UniformPrototypes(Rule):
    """A self-distillation loss stands at ln K: the teacher spreads every picture evenly over all prototypes.

    ## What it looks at
    Losses of the DINO and iBOT kind over the first and the last third of the run, against ln K of the known number of
    prototypes, or of the usual numbers (ln 4096 = 8.3178, ln 65536 = 11.0904).

    ## Why it matters
    A loss of exactly ln K means that the student matches a uniform teacher: one of the two ways to collapse, against which
    sharpening with a low teacher temperature works. The loss of a healthy run leaves ln K in its first epochs.

    ## What to try
    - Lower the temperature of the teacher (0.04), and warm it up only if that is stable.
    - Check the centring: its momentum, and that it is reduced over all devices. Lower the learning rate.

    ## When it is wrong
    In the first epoch, where such runs stay near ln K for a while; terms that are printed times a factor.
    """

    meta: ClassVar = RuleMeta(
        code="SSL001", name="uniform-prototypes", since="0.1", summary="self-distillation stands at ln K"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS,)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("NAN001", "NAN002")

    points: int = 20
    near: float = 1e-3
    """A teacher with any preference is further below ln K than a thousandth: 0.011 nats for 65,536 prototypes."""

    steps: float = 5_000.0
    epochs: float = 2.0
    """Healthy runs stay near ln K for most of their first epoch."""

    def check(self, case: Case) -> Iterator[Finding]:
        told = fact_number(case, "num_prototypes")
        for loss in readings_of(case, "loss", None, _FAMILIES):
            count = self._stands_at(loss, (int(told),) if told >= 2 else _USUAL)
            if count:
                yield self._describe(case, loss, count, known=told >= 2)
                return

    def _stands_at(self, loss: Reading, counts: tuple[int, ...]) -> int:
        """The number of prototypes whose logarithm the loss has not left, or 0."""
        if loss.held_out or loss.curve is None or loss.curve.count < self.points or not come_far(loss):
            return 0
        levels = (level_of(loss, 0.0, 1 / 3), level_of(loss, 2 / 3))
        fits = (
            count for count in counts if all(abs(v - math.log(count)) <= self.near * math.log(count) for v in levels)
        )
        return next(fits, 0)

    def _long(self, loss: Reading) -> bool:
        series = loss.series
        epochs = float(np.fmax.reduce(series.epochs, initial=0.0))
        steps = float(np.ptp(series.steps)) if series.has_steps else 0.0
        return epochs >= self.epochs or steps >= self.steps

    def _describe(self, case: Case, loss: Reading, count: int, *, known: bool) -> Finding:
        level, now = prototypes_chance(count), level_of(loss, 2 / 3)
        return self.finding(
            f"{loss.name} has not left {now:.4f} = ln {count}: the teacher spreads every picture evenly over all prototypes",
            across(
                case,
                loss,
                f"{loss.name} over the last third",
                now,
                first=2 / 3,
                expected=level.value,
                formula=level.formula,
                unit="nats",
            ),
            severity=Severity.ERROR if self._long(loss) else Severity.INFO,
            confidence=0.95 if known else 0.88,
            why="student and teacher agree on the uniform distribution: nothing is told apart",
            do=(
                "lower the temperature of the teacher, without warm-up",
                "check centring: its momentum, and the mean over all devices; lower the learning rate",
            ),
            check="the entropy of the teacher's mean output: ln K confirms it",
            decided_by="facts" if known else "log",
            rank=87,
        )
