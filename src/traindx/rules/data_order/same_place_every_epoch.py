"""DAT003: the loss is high at the same place of every epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.data_order.epochs import folded, points_per_epoch
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import exponential, robust_sd, same_place


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SamePlaceEveryEpoch(Rule):
    """The training loss is high at the same place of every epoch.

    ## What it looks at
    Each epoch cut into up to forty parts: which part is the highest? In shuffled data every part is as likely, so that the
    same one in five epochs out of five is one in two million.

    ## Why it matters
    The order of the data does not change from epoch to epoch, and one stretch of it is hard or broken: a bad shard, wrong
    labels, another source.

    ## What to try
    - Look at the samples of that stretch.
    - Shuffle the index anew in every epoch.

    ## When it is wrong
    A fixed order by plan, with a harder source in it.
    """

    meta: ClassVar = RuleMeta(
        code="DAT003",
        name="same-place-every-epoch",
        since="0.1",
        summary="the loss is high at the same place of every epoch",
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("LOG003", "LOG001", "DIV001")

    parts: int = 40
    fewest: int = 4
    chance: float = 1e-4
    least: float = 0.05
    loud: float = 0.4
    """A stretch that costs half more than the others is worth a look at its samples."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where one part is the highest again and again."""
        reading = case[TRAIN_LOSS]
        inside = points_per_epoch(reading)
        if has_task(case, GAMES) or not inside >= 12:
            return
        parts = min(self.parts, int(inside / 1.5))
        laid = folded(reading, parts)
        if laid is None or laid.turns < self.fewest:
            return
        found = same_place(laid)
        scatter = robust_sd(np.diff(laid.cells, axis=1).ravel())
        if not found.chance < self.chance or not found.height > max(self.least, 1.5 * scatter):
            return
        place = (found.bin + 0.5) / parts
        yield self.finding(
            f"{reading.name} is {exponential(found.height) - 1:.0%} higher at {place:.0%} of an epoch, in {found.hits} of {laid.turns} epochs",
            Evidence(
                label="epochs in which that part is the highest",
                measured=float(found.hits),
                expected=laid.turns / (parts - 2),
                formula="every part as likely as another",
                span=case.span(reading.series),
                note=f"by chance once in {1 / max(found.chance, 1e-300):.0e}",
            ),
            severity=Severity.WARNING if found.height > self.loud else Severity.INFO,
            confidence=0.9,
            why="the data come in the same order every time, and one stretch of them is hard or broken",
            do=(
                f"look at the samples at {place:.0%} of the order of an epoch",
                "shuffle the index anew in every epoch",
            ),
            check="the loss of these samples at a fixed checkpoint, beside as many others",
            rank=46,
        )
