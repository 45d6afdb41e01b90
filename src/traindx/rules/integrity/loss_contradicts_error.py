"""LOG005: the column called loss moves against the error that it should measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import LOSSES, METRICS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossContradictsError(Rule):
    """The series called loss rises while the error of the same split falls.

    ## What it looks at
    A loss that ends above its start, beside a squared or absolute error of the same split that fell by half or more.

    ## Why it matters
    They cannot both be what their names say. Typical: a CSV logger appended a run with other columns under the old header,
    so that every value stands under its neighbour's name.

    ## What to try
    - Compare the number and order of columns before and after the last restart of the file.

    ## When it is wrong
    Where the loss has a further term that grows (a regulariser, a divergence).
    """

    meta: ClassVar = RuleMeta(
        code="LOG005", name="loss-contradicts-error", since="0.1", summary="the loss rises while its error falls"
    )
    needs: ClassVar = (LOSSES, METRICS)
    condition: ClassVar = "mixed_streams"

    fallen_share: float = 0.5
    """Halving the error is far beyond what a regulariser could hide in an honest loss."""

    def check(self, case: Case) -> Iterator[Finding]:
        errors = [r for r in case[METRICS] if r.role.kind in ("mse", "rmse", "mae") and self._fell(r)]
        for error in errors:
            loss = next((r for r in case[LOSSES] if r.role.split == error.role.split and _rose(r)), None)
            if loss is not None:
                yield self._describe(case, loss, error)
                return

    def _fell(self, reading: Reading) -> bool:
        curve = reading.curve
        return (
            curve is not None
            and curve.count >= 5
            and curve.gained > self.fallen_share * abs(curve.start.value)
            and curve.lost <= 0.1 * curve.gained
        )

    def _describe(self, case: Case, loss: Reading, error: Reading) -> Finding:
        assert loss.curve is not None
        assert error.curve is not None
        return self.finding(
            f"{loss.name} rose from {loss.curve.start.value:.4g} to {loss.curve.end.value:.4g} while {error.name} fell to {error.curve.end.value:.4g}: one of them is not what its name says",
            at_level(
                case,
                loss,
                loss.curve.end,
                f"{loss.name} at the end",
                expected=loss.curve.start.value,
                formula="its start; a loss falls with its error",
            ),
            at_level(
                case,
                error,
                error.curve.end,
                f"{error.name} at the end",
                expected=error.curve.start.value,
                formula="its start",
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="a logger that appends under an old header puts values under their neighbours' names",
            do=(
                "check the order of columns where the file was appended to",
                "correct the names with --role, for example --role 'loss=ignore'",
            ),
            check="recompute both from one saved batch of predictions",
            undermines=True,
            rank=56,
        )


def _rose(reading: Reading) -> bool:
    curve = reading.curve
    return curve is not None and curve.count >= 5 and curve.end.value > 1.2 * abs(curve.start.value)
