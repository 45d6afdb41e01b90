"""OPT004: one term makes up nearly all of the total loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import COMPONENTS, FACTS, GAMES, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OneTermCarriesTotal(Rule):
    """One term makes up nearly all of the total loss, so that the total says nothing of the others.

    ## What it looks at
    The share of each logged term in the total, at the end of the run; with the weights, where they are known.

    ## Why it matters
    A total that falls by its largest term hides that another term never moved. A share that
    grows out of all proportion is a unit problem in that term.

    ## What to try
    - Judge every term against its own baseline; choose weights by gradient norm, not by size of the loss.

    ## When it is wrong
    Regularisers are meant to be small.
    """

    meta: ClassVar = RuleMeta(
        code="OPT004", name="one-term-carries-total", since="0.1", summary="one term makes up nearly all of the total"
    )
    needs: ClassVar = (COMPONENTS,)
    may_use: ClassVar = (TRAIN_LOSS, FACTS, TASKS)
    condition: ClassVar = None

    share: float = 0.85
    """With two or more terms, six sevenths in one leave the others too small to be seen in the total."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, GAMES):
            return
        parts = self._weighted(case)
        total = sum(abs(v) for v, _ in parts.values())
        if len(parts) < 2 or not total > 0:
            return
        name, (value, reading) = max(parts.items(), key=lambda item: abs(item[1][0]))
        if not abs(value) >= self.share * total:
            return
        rest = ", ".join(f"{n} {100 * abs(v) / total:.2g} %" for n, (v, _) in parts.items() if n != name)
        yield self.finding(
            f"{name} makes up {100 * abs(value) / total:.0f} % of the total loss: the total says nothing of the other {len(parts) - 1}",
            Evidence(
                label=f"share of {name} at the end",
                measured=abs(value) / total,
                expected=1 / len(parts),
                formula="an equal share",
                span=case.span(reading.series),
                note=rest[:120],
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="watching the total, one would not see whether the other terms learn at all",
            do=(
                "judge every term by itself, against its own baseline",
                "set weights by the gradient that each term sends, not by its size",
            ),
            check="the gradient norm of each term alone, on one batch",
            rank=18,
        )

    def _weighted(self, case: Case) -> dict[str, tuple[float, Reading]]:
        """End level of each term times its weight where one is known; the total joins where it is itself one of the terms."""
        facts = case.get(FACTS) or {}
        found: dict[str, tuple[float, Reading]] = {}
        for reading in case[COMPONENTS]:
            if (
                reading.curve is None
                or reading.role.weighted is False
                or (reading.role.component or "").rsplit("_", 1)[-1].isdigit()
            ):
                continue
            weight = facts.get(f"weight.{reading.role.component}")
            factor = float(weight.value) if weight is not None and isinstance(weight.value, int | float) else 1.0
            found[reading.name] = (factor * reading.curve.end.value, reading)
        main = case.get(TRAIN_LOSS)
        if main is not None and main.curve is not None and len(found) >= 1:
            parts = sum(abs(v) for v, _ in found.values())
            if main.curve.end.value < 0.99 * parts or any(key.startswith("weight.") for key in facts):
                found[main.name] = (main.curve.end.value, main)
        return {n: (v, r) for n, (v, r) in found.items() if np.isfinite(v)}
