"""OPT014: weight decay erases the weights faster than they can learn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import LEARNING_RATES, LR, TRAIN_LOSS, WEIGHT_DECAY, Case, is_flat
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.optimiser.rates import course
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WeightDecayTooStrong(Rule):
    """Weight decay forgets within a few steps what the weights have learnt.

    ## What it looks at
    The memory of the weights, 1 / (learning rate x weight decay) steps: decoupled decay multiplies them by
    1 - learning rate x weight decay at every step.

    ## Why it matters
    Ordinary recipes remember 10^4 steps and more (3e-4 and 0.1: 33,000). Where the memory is a few steps long, all
    weights are pulled to zero, and the answers become the same for every input.

    ## What to try
    - Weight decay of 0.1 or less with AdamW, 1e-4 with SGD; none on norms, biases and embeddings.

    ## When it is wrong
    Where the decay is not multiplied by the learning rate in this program.
    """

    meta: ClassVar = RuleMeta(
        code="OPT014",
        name="weight-decay-too-strong",
        since="0.1",
        summary="weight decay erases weights faster than they learn",
    )
    needs: ClassVar = (WEIGHT_DECAY,)
    may_use: ClassVar = (LEARNING_RATES, LR, TRAIN_LOSS)
    condition: ClassVar = None

    least_steps: float = 100.0
    """The shortest memory of a published recipe is some 1,000 steps; a tenth of it is a slip."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the memory is shorter than a hundred steps."""
        logged = course(case.get(LEARNING_RATES) or (), points=1)
        rate = logged.peak if logged is not None else case.get(LR)
        decay = float(case[WEIGHT_DECAY])
        if rate is None or not decay * rate > 1 / self.least_steps:
            return
        loss = case.get(TRAIN_LOSS)
        trouble = loss is not None and loss.curve is not None and loss.curve.count >= 5 and is_flat(loss.curve)
        memory = 1 / (decay * rate)
        yield self.finding(
            f"weight decay {decay:g} at a learning rate of {rate:.3g} forgets within {memory:.2g} steps",
            Evidence(
                label="steps that the weights remember",
                measured=memory,
                expected=1e4,
                formula="1 / (learning rate x weight decay); ordinary recipes have 10^4 and more",
                span=case.span(loss.series) if loss is not None else None,
            ),
            severity=Severity.WARNING if trouble else Severity.INFO,
            confidence=0.8 if trouble else 0.6,
            why="the pull to zero is stronger than what the gradient can build up",
            do=("lower the weight decay to 0.1 or less (AdamW), 1e-4 (SGD)",),
            check="print(sum(p.norm() ** 2 for p in model.parameters()) ** 0.5)  # every 50 steps: it must not fall towards 0",
            decided_by="facts",
            rank=47,
        )
