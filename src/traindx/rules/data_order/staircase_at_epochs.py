"""DAT002: the loss falls at the borders of epochs and stands in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.data_order.epochs import folded, turns_of
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import exponential, running_mean, staircase


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StaircaseAtEpochs(Rule):
    """The training loss drops at the border of every epoch and stands still in between.

    ## What it looks at
    The loss folded by epochs: how much of its fall after the first epoch happens at borders, and how large these drops are beside the
    scatter inside. Whether the series is a running mean that begins anew with every epoch is tested, and said.

    ## Why it matters
    A model that is large for its data remembers a sample from the one time it saw it. The loss drops where samples come again;
    that is memory, not skill, and tells nothing about new data.

    ## What to try
    - Judge by held-out data only; one or two epochs are usually enough for fine-tuning a large model.
    - Lower the learning rate: the stairs become flat.

    ## When it is wrong
    Learning rates that step at epochs; means since the start of the epoch, which the check tells apart.
    """

    meta: ClassVar = RuleMeta(
        code="DAT002",
        name="staircase-at-epochs",
        since="0.1",
        summary="the loss drops at epoch borders and stands in between",
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("LOG003", "LOG001", "DIV001")

    least: float = 0.05
    """Drops of a twentieth: smaller ones change no judgement."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where all progress happens at borders."""
        reading = case[TRAIN_LOSS]
        laid = None if has_task(case, GAMES) else folded(reading)
        found = staircase(laid, least=self.least) if laid is not None else None
        if found is None or laid is None:
            return
        mean = self._is_mean(reading)
        yield self.finding(
            f"{reading.name} drops by {1 - exponential(found.border):.0%} at the border of an epoch, {min(found.border_share, 1.0):.0%} of its fall after the first of {laid.turns} epochs",
            Evidence(
                label="median change at the border of epochs",
                measured=found.border,
                expected=found.inside / 3,
                formula="the share of a smooth curve, in natural logarithms",
                span=case.span(reading.series),
                note="the series is a running mean that begins anew with every epoch" if mean else "",
            ),
            severity=Severity.INFO,
            confidence=0.85,
            why="the log prints the mean since the start of the epoch: the stairs are its work"
            if mean
            else "samples are remembered from the one time they were seen: the loss drops where they come again",
            do=("log the loss of single steps",)
            if mean
            else ("judge by held-out data only, and stop where it no longer improves",),
            check="the loss on held-out data at both sides of a border: it does not drop there if this is memory",
            rank=22,
        )

    def _is_mean(self, reading: Reading) -> bool:
        turns, curve = turns_of(reading), reading.curve
        if turns is None or curve is None or curve.block > 1:
            return False
        starts = np.concatenate(([True], np.diff(np.floor(turns)) > 0))
        first = np.maximum.accumulate(np.where(starts, np.arange(len(turns)), 0))
        return running_mean(curve.levels, (np.arange(len(turns)) - first + 1).astype(np.float64)) is not None
