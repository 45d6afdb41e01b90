"""SCL001: the loss is a sum where theory expects a mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import Baseline, Factor, factorise
from traindx.context import FACTS, GAMES, LADDER, READINGS, TASKS, TRAIN_LOSS, Case, Fact, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta

# Numbers over which a loss is summed by mistake or by choice.
_COUNTS = ("batch_size", "sequence_length", "grad_accum", "world_size")
# Losses whose level of guessing is the same for each element, so that a multiple of it means a sum.
_PER_ELEMENT = frozenset(
    {"cross_entropy", "masked_lm", "info_nce", "bce", "binary_cross_entropy", "focal", "ctc", "dpo", "reward_model"}
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SummedLoss(Rule):
    """The first losses are the level of guessing times a number that the settings name: a sum, not a mean.

    ## What it looks at
    The first training loss over the level of guessing, against the batch size, the sequence length, the
    accumulation steps, the number of devices, and the products of two of them, within a tenth.

    ## Why it matters
    The loss itself may be sound; its size is not comparable, the gradient is longer by the same factor, and with SGD the
    learning rate is in effect multiplied by it. With Adam only clipping and the printed numbers are off.

    ## What to try
    - `reduction="mean"`; divide by accumulation steps; average over devices before logging.

    ## When it is wrong
    A bad initialisation whose excess happens to equal such a multiple.
    """

    meta: ClassVar = RuleMeta(
        code="SCL001", name="summed-loss", since="0.1", summary="the loss is a sum over a count that the settings name"
    )
    needs: ClassVar = (TRAIN_LOSS, LADDER, FACTS)
    may_use: ClassVar = (TASKS, READINGS)
    condition: ClassVar = "scale"
    explained_by: ClassVar = ("LOG003",)

    least: float = 3.0
    """Twice the level of guessing is what a careless initialisation reaches; from three times on it takes a factor."""

    most_odds: float = 0.2
    """The chance that an arbitrary size would fit one of the counts as well."""

    points: int = 3

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the first level is the level of guessing times one or two known counts."""
        loss, ladder = case[TRAIN_LOSS], case[LADDER]
        chance = ladder.rung("chance")
        if has_task(case, GAMES | {"variational"}) or chance is None:
            return
        if loss.curve is None or loss.curve.count < self.points or ladder.family not in _PER_ELEMENT:
            return
        start = float(loss.series.finite().values[0])  # before the loss has moved away from guessing
        if not (chance.value > 0 and start > self.least * chance.value):
            return
        found = self._factor(start, chance, case[FACTS])
        if found is not None:
            yield self._describe(case, loss, chance, found)

    def _factor(self, start: float, chance: Baseline, facts: Mapping[str, Fact]) -> Factor | None:
        """The simplest explanation by counts alone that were told or read, never inferred from this very loss."""
        counts: dict[str, float] = {}
        for name in _COUNTS:
            fact = facts.get(name)
            if (
                fact is not None
                and fact.origin != "inferred"
                and isinstance(fact.value, int | float)
                and fact.value > 1
            ):
                counts[name] = float(fact.value)
        found = factorise(start, chance.value, counts, limit=20) if counts else ()
        return next(
            (f for f in found if set(f.constants) <= set(counts) and f.odds <= self.most_odds and "/" not in f.formula),
            None,
        )

    def _describe(self, case: Case, loss: Reading, chance: Baseline, found: Factor) -> Finding:
        curve = loss.curve
        assert curve is not None
        first = float(loss.series.finite().values[0])
        still = curve.end.value > 0.97 * first and come_far(loss)
        return self.finding(
            f"{loss.name} starts at {first:,.4g}, near {found.formula} = {found.value:,.4g}: {found.meaning}"
            + (", and has not left it" if still else ""),
            Evidence(
                label=f"first value of {loss.name}",
                measured=first,
                expected=found.value,
                formula=found.formula,
                span=case.span(loss.series, 0, 0),
                note=f"{chance.formula} = {chance.value:.4g} is the level of guessing",
            ),
            severity=Severity.ERROR if still else Severity.WARNING,
            confidence=0.95 - found.odds,
            why="nothing is learnt: the sum stands at guessing for every element"
            if still
            else "the size of this loss says nothing by itself; with SGD the learning rate is multiplied by the same factor",
            do=(
                'set reduction="mean", divide by the accumulation steps, average over devices before logging',
                f"judge this run by loss / {found.value / chance.value:,.4g}",
            ),
            check="print(loss_fn(logits[:1], labels[:1]).item(), loss_fn(logits, labels).item())  # a sum grows with the batch, a mean stays",
            decided_by="facts",
            rank=76,
        )
