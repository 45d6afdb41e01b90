"""SCL003: a regression on targets in raw units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

from traindx.context import (
    GAMES,
    JUDGED_LOSS,
    LOSS_FAMILY,
    READINGS,
    TARGET_MEAN,
    TARGET_STD,
    TARGET_VARIANCE,
    TASKS,
    Case,
    Reading,
    has_task,
)
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta

_SQUARED = frozenset({"mse"})
_PLAIN = frozenset({"l1", "mae", "huber", "smooth_l1"})
_OTHER_TASKS = GAMES | frozenset({"diffusion", "variational", "detection", "retrieval"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsNotNormalised(Rule):
    """The targets of a regression are far from zero mean and unit deviation.

    ## What it looks at
    Mean and standard deviation of the targets where they are known; else the first level of a squared or absolute error,
    which is one or two for a fresh network on targets of unit deviation.

    ## Why it matters
    A fresh network answers near zero with unit spread. Targets of a thousand give gradients a thousand times too long
    (clipping then hides the data), targets of a thousandth vanish beside weight decay and epsilon. And a loss in raw
    units has no meaning until it is divided by the variance.

    ## What to try
    - Subtract the mean and divide by the deviation of the training targets; store both with the model.

    ## When it is wrong
    Rates, counts and energies whose scale has been chosen for a reason; networks whose last bias starts at the mean.
    """

    meta: ClassVar = RuleMeta(
        code="SCL003",
        name="targets-not-normalised",
        since="0.1",
        summary="regression targets are far from zero mean and unit deviation",
    )
    needs: ClassVar = (JUDGED_LOSS, LOSS_FAMILY)
    may_use: ClassVar = (READINGS, TARGET_MEAN, TARGET_STD, TARGET_VARIANCE, TASKS)
    condition: ClassVar = "scale"
    explained_by: ClassVar = ("BAS005", "BAS006", "SCL001")

    smallest: float = 0.1
    largest: float = 10.0
    means: float = 3.0
    """A mean of three deviations dominates the first thousand steps of learning."""

    squared_start: float = 25.0
    plain_start: float = 5.0
    """A fresh network on normalised targets starts at one to three; five deviations are out of reach of any initialisation."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak of known statistics first, of the first level where none is known."""
        loss, family = case[JUDGED_LOSS], case[LOSS_FAMILY]
        if family not in _SQUARED | _PLAIN or has_task(case, _OTHER_TASKS) or loss.curve is None:
            return
        std, mean = self._std(case), self._mean(case)
        limit = self.squared_start if family in _SQUARED else self.plain_start
        if std is not None:
            if not self.smallest <= std <= self.largest or (mean is not None and abs(mean) > self.means * std):
                yield self._known(case, loss, std, mean)
        elif loss.curve.start.value > limit:
            yield self._unknown(case, loss, limit)

    def _std(self, case: Case) -> float | None:
        told, variance = case.get(TARGET_STD), case.get(TARGET_VARIANCE)
        if told is not None:
            return float(told)
        return float(variance) ** 0.5 if variance is not None and variance >= 0 else _logged(case, "target_std")

    def _mean(self, case: Case) -> float | None:
        told = case.get(TARGET_MEAN)
        return float(told) if told is not None else _logged(case, "target_mean")

    def _known(self, case: Case, loss: Reading, std: float, mean: float | None) -> Finding:
        off = f" and mean {mean:.4g}" if mean is not None else ""
        return self.finding(
            f"the targets have standard deviation {std:.4g}{off}: a loss of {case[LOSS_FAMILY]} in raw units",
            Evidence(
                label="standard deviation of the targets",
                measured=std,
                expected=1.0,
                formula="normalised targets",
                span=case.span(loss.series),
                note=off.strip(),
            ),
            **self._advice(0.8),
        )

    def _unknown(self, case: Case, loss: Reading, limit: float) -> Finding:
        assert loss.curve is not None
        return self.finding(
            f"{loss.name} starts at {loss.curve.start.value:.4g}, and a fresh network on normalised targets at 1 to 3",
            at_level(
                case,
                loss,
                loss.curve.start,
                f"first level of {loss.name}",
                expected=limit,
                formula="beyond any initialisation on targets of unit deviation",
            ),
            **self._advice(0.6),
        )

    def _advice(self, confidence: float) -> dict[str, Any]:
        return {
            "severity": Severity.INFO,
            "confidence": confidence,
            "why": "without the variance of the targets, nobody can say how good this loss is",
            "do": (
                "normalise the targets by mean and deviation of the training set, and store both with the model",
                "tell traindx the deviation: --set target_std=...",
            ),
            "check": "y = torch.cat([b[1].float().flatten() for b in loader]); print(y.mean(), y.std(), y.abs().max())",
            "decided_by": "data",
            "rank": 17,
        }


def _logged(case: Case, kind: str) -> float | None:
    """The first level of a logged statistic of the targets."""
    found = next((r for r in case.get(READINGS) or () if r.role.kind == kind and r.curve is not None), None)
    return found.curve.start.value if found is not None and found.curve is not None else None
