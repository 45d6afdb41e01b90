"""DET002: every matched object gets the wrong class, from the first step to the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta

_PROBE = "print(model.class_embed.out_features, [t['labels'].min().item() for t in targets], [t['labels'].max().item() for t in targets])"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClassErrorStaysFull(Rule):
    """The class error of a set-prediction detector stays at 100 %.

    ## What it looks at
    The class error of the objects that the matching assigned: at least 99.9 % at every logged point.

    ## Why it matters
    Even a wrong guess is right now and then. A share of exactly nothing means that the labels lie where the classifier has
    no output for them, or that the background class takes their place: `num_classes` is the largest id plus one, and the
    class after it is "no object".

    ## What to try
    - Set the number of classes to the largest label id plus one; print ids and outputs once.
    - Start the classifier head anew when the number of classes of a checkpoint differs.

    ## When it is wrong
    In the first few hundred steps, while everything is answered with "no object".
    """

    meta: ClassVar = RuleMeta(
        code="DET002", name="class-error-stays-full", since="0.1", summary="every matched object gets the wrong class"
    )
    needs: ClassVar = (READINGS, TASKS)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("NAN001", "NAN002", "DET005")

    points: int = 20
    full: float = 0.999

    def check(self, case: Case) -> Iterator[Finding]:
        matched = any(r.role.kind == "cardinality_error" or r.role.family == "giou" for r in case[READINGS])
        if "detection" not in case[TASKS] and not matched:
            return
        for reading in plain(case[READINGS], "error_rate"):
            values = reading.series.finite().values / reading.full
            named = "class" in reading.name.lower()
            if named and len(values) >= self.points and float(np.min(values)) >= self.full and come_far(reading):
                yield self._describe(case, reading)
                return

    def _describe(self, case: Case, reading: Reading) -> Finding:
        return self.finding(
            f"{reading.name} is 100 % at all of {len(reading.series)} points: no object ever gets its class",
            Evidence(
                label=f"lowest {reading.name}",
                measured=float(np.min(reading.series.finite().values)),
                expected=0.9 * reading.full,
                formula="below nine tenths within an epoch",
                span=case.span(reading.series),
            ),
            severity=Severity.ERROR,
            confidence=0.85,
            why="even guessing is right now and then: the labels lie where the classifier has no output, or background stands in their place",
            do=(
                "set the number of classes to the largest label id plus one",
                "start the classifier head anew where a checkpoint has another number of classes",
            ),
            check=_PROBE,
            decided_by="log",
            rank=66,
        )
