"""PRB013: outputs that already are probabilities are given to a loss that takes logits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import double_softmax_floor
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured

_SAID = {
    "softmax twice": (
        "a softmax is applied twice",
        "the loss can never fall below ln(1 + (C - 1)/e): a perfect answer still costs that",
    ),
    "sigmoid twice": (
        "a sigmoid is applied twice",
        "answers cannot leave 0.5 to 0.73, and a negative never gets below 0.69",
    ),
    "no logarithm": (
        "the logarithm of the softmax is missing",
        "minus a probability has no gradient where the model is most wrong, and minus a logit falls without an end",
    ),
    "not probabilities": (
        "a logarithm is taken of what are no probabilities",
        "raising all outputs together lowers the loss without choosing any",
    ),
}
_TAKE_OUT = "take the softmax or sigmoid out of the model: cross_entropy and binary_cross_entropy_with_logits take logits, nll_loss log-probabilities"
_PUT_IN = "give nll_loss log-probabilities, as log_softmax makes them of logits; or give the logits to cross_entropy"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SoftmaxTwice(ProbeCheck):
    """A softmax or sigmoid is applied twice, or its logarithm is missing.

    ## What it looks at
    The loss against every loss that outputs and targets could give: it equals, to five digits, that of probabilities taken for logits. Looked at before the
    first step and after one batch was learnt, since logits near 0 hide the difference.

    ## Why it matters
    Probabilities lie between 0 and 1, so taken for logits they never differ by more than 1: for 10 classes a perfect answer costs 1.46, gradients are small
    everywhere, and the training stalls at a level that looks like a hard problem.

    ## What to try
    - Remove the softmax at the end of the model: `cross_entropy` and `BCEWithLogitsLoss` take logits. `nll_loss` takes log-probabilities.

    ## When it is wrong
    Where logits happen to be positive and sum to 1 for every sample; no training keeps them so.
    """

    meta: ClassVar = RuleMeta(
        code="PRB013", name="softmax-twice", since="0.2", summary="probabilities are given to a loss that takes logits"
    )
    needs: ClassVar = ("start",)
    uses: ClassVar = ("fit",)
    condition: ClassVar = "plateau"

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak where the loss was recognised as one of these."""
        start, fit = subject.start, subject.fit
        # Trained outputs tell better: a head that starts at 0 gives the same loss either way.
        found = (fit.again if fit else None) or (start.recognised if start else None)
        if found is None or found.flaw not in _SAID or start is None or start.computed is None:
            return
        what, why = _SAID[found.flaw]
        floor = double_softmax_floor(found.classes) if found.flaw == "softmax twice" and found.classes else None
        least = (
            (
                Evidence(
                    label="the lowest that it can fall",
                    measured=floor.value,
                    expected=0.0,
                    formula=f"{floor.formula} instead",
                    unit="nats",
                ),
            )
            if floor is not None
            else ()
        )
        missing = found.flaw == "no logarithm"
        yield self.found(
            f"{what}: the loss of {n(found.value)} is {found.how}"
            if missing
            else f"{what}: the loss of {n(found.value)} is the {found.how}, where the outputs are no logits",
            Evidence(label="loss", measured=found.value, formula=found.how, note="equal to five digits"),
            *least,
            severity=Severity.ERROR,
            confidence=0.95,
            why=why,
            do=(_PUT_IN if missing else _TAKE_OUT,),
            check="print the sum of one sample's outputs: logits do not sum to 1",
            rank=88,
        )
