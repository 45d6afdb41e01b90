"""OPT012: one parameter group has a learning rate of zero while others train."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import LEARNING_RATES, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroupFrozen(Rule):
    """The learning rate of one parameter group is zero at every logged point, while that of another is not.

    ## What it looks at
    All logged learning rates, one per parameter group.

    ## Why it matters
    Frozen on purpose is common; frozen because a group was given no rate, or because the scheduler knows only the first
    group, goes unnoticed: the loss falls, only less far.

    ## What to try
    - Give each group its rate by name, and print the rates once at the start.

    ## When it is wrong
    Backbones that are frozen on purpose, tied weights that train in another group.
    """

    meta: ClassVar = RuleMeta(
        code="OPT012",
        name="parameter-group-frozen",
        since="0.1",
        summary="one parameter group never trains while others do",
    )
    needs: ClassVar = (LEARNING_RATES,)
    condition: ClassVar = None

    points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where a group stands at zero from the first point to the last."""
        groups = [(r, r.series.finite()) for r in case[LEARNING_RATES]]
        groups = [(r, s) for r, s in groups if len(s) >= self.points]
        frozen = [(r, s) for r, s in groups if not s.values.any()]
        moving = [s for _, s in groups if (s.values > 0).any()]
        if not frozen or not moving:
            return
        names = ", ".join(r.name for r, _ in frozen[:3])
        yield self.finding(
            f"{len(frozen)} of {len(groups)} learning rates {'are' if len(frozen) > 1 else 'is'} 0 at every logged point: {names}",
            Evidence(
                label="highest learning rate of the group",
                measured=0.0,
                expected=max(float(s.values.max()) for s in moving),
                formula="highest of another group",
                span=case.span(frozen[0][1]),
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="what stands in this group keeps its first values to the end",
            do=("if it is not frozen on purpose, give the group a learning rate of its own",),
            check="print([(g.get('name'), g['lr'], sum(p.numel() for p in g['params'])) for g in optimizer.param_groups])",
            rank=16,
        )
