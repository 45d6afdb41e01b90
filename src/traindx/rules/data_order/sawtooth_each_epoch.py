"""DAT001: the loss rises inside every epoch and drops at its border."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.data_order.epochs import folded
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import exponential, sawtooth


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SawtoothEachEpoch(Rule):
    """The training loss rises inside every epoch and drops at its border.

    ## What it looks at
    The steps of the loss folded by epochs: the change from the first to the last quarter of each epoch, and from there to the
    next. Epochs are the repetitions that tell the error.

    ## Why it matters
    Order is showing: samples are not shuffled through (a shuffle buffer smaller than the data set, files read one after the other,
    sorted lengths), so that the model fits the part at hand and forgets the others.

    ## What to try
    - Shuffle the whole index anew in every epoch; set the epoch of a distributed sampler.
    - Shuffle files and not only inside a buffer; enlarge the buffer.

    ## When it is wrong
    Small teeth come from Adam with a long memory even on well-shuffled data, after many epochs. Losses sorted by length on
    purpose (bucketing) rise as well.
    """

    meta: ClassVar = RuleMeta(
        code="DAT001",
        name="sawtooth-each-epoch",
        since="0.1",
        summary="the loss rises inside every epoch and drops at its border",
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("LOG003", "LOG001", "DIV001")

    least: float = 0.02
    """Smaller teeth are no harm, whatever made them."""

    loud: float = 0.15
    """Teeth of a seventh of the level are beyond what an optimiser's memory was seen to do."""

    fewest: int = 4

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where every epoch has a tooth."""
        reading = case[TRAIN_LOSS]
        laid = None if has_task(case, GAMES) else folded(reading)
        found = sawtooth(laid) if laid is not None else None
        if found is None or laid is None or not min(found.inside, -found.border) > self.least:
            return
        loud = laid.turns >= self.fewest and min(found.inside, -found.border) > self.loud
        yield self.finding(
            f"{reading.name} rises by {exponential(found.inside) - 1:.0%} inside an epoch and drops by {1 - exponential(found.border):.0%} at its border, in {laid.turns} epochs",
            Evidence(
                label="change from the first to the last quarter of an epoch",
                measured=found.inside,
                expected=0.0,
                formula="shuffled data, in natural logarithms",
                span=case.span(reading.series),
                note=f"{found.inside_z:.1f} errors among {laid.turns} epochs",
            ),
            Evidence(
                label="change at the border of epochs",
                measured=found.border,
                expected=0.0,
                formula="shuffled data, in natural logarithms",
                span=case.span(reading.series),
                note=f"{-found.border_z:.1f} errors",
            ),
            severity=Severity.WARNING if loud else Severity.INFO,
            confidence=float(np.clip(0.6 + 0.03 * found.inside_z, 0.6, 0.95)),
            why="a period of one epoch in the loss of single steps means that the order of the data is not random",
            do=(
                "shuffle the whole index anew in every epoch, and set the epoch of a distributed sampler",
                "shuffle files, not only inside a buffer; enlarge the buffer",
            ),
            check="print the sample ids of the first batches of two epochs: they must differ, and come from all parts of the data",
            rank=44,
        )
