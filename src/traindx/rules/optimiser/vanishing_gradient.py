"""OPT009: the gradient is zero, or next to nothing, and nothing is learnt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, final

import numpy as np

from traindx.context import GAMES, GRAD_NORM, TASKS, TRAIN_LOSS, Case, Reading, has_task, is_flat
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import change

_State = Literal["dead", "learns", "unclear"]
_WHY: Mapping[_State, str] = {
    "dead": "without a gradient no parameter moves",
    "learns": "the loss falls, so gradients exist: the norm was logged after they were set to zero, or of other parameters",
    "unclear": "no gradient, or a norm logged after the gradients were set to zero: the loss does not tell yet",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class VanishingGradient(Rule):
    """The gradient norm is zero, or far below what moves a weight, while there is still something to learn.

    ## What it looks at
    Gradient norms at or below 1e-7, from the start on or from some point to the end, beside a loss that does not
    fall meanwhile and is not near zero.

    ## Why it matters
    No gradient, no learning: parameters that are frozen, a loss computed on detached tensors or under `no_grad`, an argmax or a
    rounding on the way, units that died, labels that are all masked.

    ## What to try
    - Follow the gradient backwards from the loss: which is the last tensor that still requires one?
    - Unfreeze; take the loss from the model's own output; keep argmax and `.item()` out of the path.

    ## When it is wrong
    Norms taken after the gradients were set to zero (the loss then falls all the same: a remark); losses that reach zero
    when all margins are met.
    """

    meta: ClassVar = RuleMeta(
        code="OPT009", name="vanishing-gradient", since="0.1", summary="the gradient is zero and nothing is learnt"
    )
    needs: ClassVar = (GRAD_NORM, TRAIN_LOSS)
    may_use: ClassVar = (TASKS,)
    condition: ClassVar = None
    explained_by: ClassVar = ("OPT001", "NAN001", "NAN002")

    least: float = 1e-7
    """Spread over any model, each weight's part lies below 1e-8, where Adam's epsilon swallows it."""

    share: float = 0.9
    last_share: float = 1 / 3
    points: int = 5
    visible: float = 0.05
    """Norms printed with two decimals show this much before they vanish."""

    sure_z: float = 4.0
    """A descent under loud noise that is sure by this much comes from gradients, whatever the log prints."""

    solved: float = 0.05
    """A loss under a twentieth of its start may have no gradient because it is solved."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the gradient is gone, from the start or from some point to the end."""
        if has_task(case, GAMES | {"preference"}):
            return
        norm, loss = case[GRAD_NORM].series.finite(), case[TRAIN_LOSS]
        if len(norm) < self.points or loss.curve is None or loss.curve.count < self.points:
            return
        gone = np.abs(norm.values) <= self.least
        if float(gone.mean()) >= self.share:
            yield self._from_the_start(case, loss, gone)
        elif self._gone_for_good(norm.values, gone) and self._stopped(loss, self._first(gone), len(norm)):
            yield self._from_some_point(case, loss, self._first(gone))

    def _first(self, gone: np.ndarray) -> int:
        """Index from which on every norm is gone."""
        return int(len(gone) - np.argmin(gone[::-1]))

    def _gone_for_good(self, values: Floats, gone: np.ndarray) -> bool:
        first = self._first(gone)
        if len(values) - first < max(self.points, round(self.last_share * len(values))):
            return False
        before = values[:first]
        usual, finest = float(np.median(before)), float(np.min(before[before > 0], initial=np.inf))
        return usual >= self.visible or usual > 20 * finest  # else it may have been rounded to zero in printing

    def _stopped(self, loss: Reading, first: int, size: int) -> bool:
        """Whether the loss stands still since the gradient went, at a level that leaves something to learn."""
        curve, values = loss.curve, loss.series.finite().values
        assert curve is not None
        since = values[round(first / size * len(values)) :]
        if len(since) < self.points or not curve.end.value > self.solved * abs(curve.start.value):
            return False
        half = len(since) // 2
        fallen = float(np.median(since[:half]) - np.median(since[half:]))
        return not fallen > max(0.02 * abs(curve.end.value), 3 * curve.error)

    def _from_the_start(self, case: Case, loss: Reading, gone: np.ndarray) -> Finding:
        curve = loss.curve
        assert curve is not None
        slow = change(loss.series.finite().values)
        learns = not is_flat(curve) or (slow is not None and slow.z < -self.sure_z)
        silent = bool(has_task(case, {"diffusion"})) or not come_far(loss)
        dead = not learns and not silent and curve.end.value > 0
        return self._describe(
            case,
            f"the gradient norm is {'0' if self._exact(case) else f'below {self.least:g}'} at {int(gone.sum())} of {len(gone)} logged steps"
            + (f", while {loss.name} fell to {curve.end.value:.4g}: it is taken at the wrong place" if learns else ""),
            0,
            "dead" if dead else "learns" if learns else "unclear",
        )

    def _from_some_point(self, case: Case, loss: Reading, first: int) -> Finding:
        curve = loss.curve
        assert curve is not None
        step = case[GRAD_NORM].series.finite().steps[first]
        return self._describe(
            case,
            f"the gradient norm is gone from step {step:g} on, with {loss.name} at {curve.end.value:.4g}",
            first,
            "dead",
        )

    def _exact(self, case: Case) -> bool:
        return bool(np.median(case[GRAD_NORM].series.finite().values) == 0)

    def _describe(self, case: Case, headline: str, first: int, state: _State) -> Finding:
        series, error = case[GRAD_NORM].series.finite(), state == "dead"
        return self.finding(
            headline,
            Evidence(
                label="typical gradient norm",
                measured=float(np.median(series.values[first:])),
                expected=self.least,
                formula="below it Adam's epsilon swallows what each weight gets",
                span=case.span(series, first, -1),
            ),
            severity=Severity.ERROR if error else Severity.INFO,
            confidence=0.9 if error else 0.7,
            why=_WHY[state],
            do=(
                "find the last tensor on the way from the loss to the weights that requires a gradient",
                "check for frozen parameters, detach(), no_grad, argmax and .item() in the forward pass",
            )
            if error
            else ("log the norm between backward() and zero_grad()",),
            check="loss.backward(); print([(n, p.requires_grad, None if p.grad is None else p.grad.norm().item()) for n, p in model.named_parameters()])",
            decided_by="data" if error else "log",
            rank=84,
        )
