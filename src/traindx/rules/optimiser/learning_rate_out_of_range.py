"""OPT013: the learning rate is absurd for this optimiser, and the loss shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import GAMES, LEARNING_RATES, LORA, LR, OPTIMIZER, TASKS, TRAIN_LOSS, Case, has_task, is_flat
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.optimiser.rates import course
from traindx.rules.rule import Rule, RuleMeta

# (optimiser, lowest and highest peak rate that recipes use): a factor of ten beyond the widest published ones.
_RANGES: tuple[tuple[str, float, float], ...] = (
    ("adafactor", 1e-7, 0.5),
    ("adamw", 1e-7, 0.05),
    ("adam", 1e-7, 0.05),
    ("lion", 1e-8, 5e-3),
    ("sgd", 1e-6, 10.0),
    ("rmsprop", 1e-7, 0.1),
)
# Adapters of low rank start at zero and want about ten times the rate of full fine-tuning.
_LORA_LOWEST = 1e-6


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRateOutOfRange(Rule):
    """The highest learning rate lies far outside what this optimiser is ever used with, and the run shows trouble.

    ## What it looks at
    The peak of the logged learning rate (or the one among the settings), the optimiser, and whether the loss never
    moved or lost most of what it had gained.

    ## Why it matters
    Adam moves every weight by about the learning rate per step: 0.1 replaces weights of ordinary size at once. SGD
    at 1e-7 would take years. A factor of ten either way is the most common slip of the pen.

    ## What to try
    - Adam 1e-5 to 3e-3, SGD 1e-3 to 1, Lion a tenth of Adam; adapters of low rank about ten times full fine-tuning.

    ## When it is wrong
    Tiny models and losses that are sums bear unusual rates; where the loss falls, the rule keeps quiet.
    """

    meta: ClassVar = RuleMeta(
        code="OPT013",
        name="learning-rate-out-of-range",
        since="0.1",
        summary="the learning rate is absurd for this optimiser",
    )
    needs: ClassVar = (OPTIMIZER, TRAIN_LOSS)
    may_use: ClassVar = (LEARNING_RATES, LR, LORA, TASKS)
    condition: ClassVar = None
    explained_by: ClassVar = ("OPT001",)

    points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the rate is out of range and the loss is flat or fell apart."""
        loss, name = case[TRAIN_LOSS], str(case[OPTIMIZER]).lower()
        if has_task(case, GAMES) or loss.curve is None:
            return
        bounds = next(((low, high) for known, low, high in _RANGES if name.startswith(known)), None)
        logged = course(case.get(LEARNING_RATES) or (), points=1)
        peak = logged.peak if logged is not None else case.get(LR)
        if bounds is None or peak is None or loss.curve.count < self.points or not come_far(loss):
            return
        low, high = (_LORA_LOWEST if case.get(LORA) and name.startswith("adam") else bounds[0]), bounds[1]
        flat = is_flat(loss.curve)
        fell_apart = loss.curve.lost > 0.5 * max(loss.curve.gained, 0.0) + 5 * loss.curve.error
        if (peak > high and (flat or fell_apart)) or (0 < peak < low and flat):
            yield self._describe(case, name, peak, high if peak > high else low)

    def _describe(self, case: Case, name: str, peak: float, limit: float) -> Finding:
        loss = case[TRAIN_LOSS]
        assert loss.curve is not None
        high = peak > limit
        return self.finding(
            f"the learning rate peaks at {peak:.3g}, {'above' if high else 'below'} {limit:g}, the {'most' if high else 'least'} that {name} is used with, and {loss.name} went from {loss.curve.start.value:.4g} to {loss.curve.end.value:.4g}",
            Evidence(
                label="highest learning rate",
                measured=peak,
                expected=limit,
                formula=f"{'upper' if high else 'lower'} end of what {name} is used with",
                span=case.span(loss.series),
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why="each step moves every weight by more than its size" if high else "the steps are too short to be seen",
            do=(f"try {'a hundredth' if high else 'a hundred times'} of it for 200 steps",),
            check="three runs of 200 steps at a tenth, once and ten times the rate: the loss says which way to go",
            decided_by="facts",
            rank=58,
        )
