"""PRB053: a model of tokens predicts another token than the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TokensMisaligned(ProbeCheck):
    """A model of tokens is trained to predict a token that it sees, or one too far ahead.

    ## What it looks at
    The model is trained for some 200 steps on fresh random chains whose entropy is known: a token repeats the one before with probability 0.9. Predicting one ahead
    costs 0.467 nats at best, two ahead 0.773, a token in sight nothing. Labels keep the shift that they have in the batch.

    ## Why it matters
    Without a shift, or without a causal mask, the model copies its input, and the loss falls to 0 within minutes. Shifted twice (in the batch and again in the
    model) it learns to skip a token, writes nonsense, and the loss looks merely high.

    ## What to try
    - Shift once: Hugging Face models shift within, so labels are a copy of input_ids. Check is_causal.

    ## When it is wrong
    Models that are to predict several tokens ahead. Where the loss did not come near any level in the time given, nothing is said.
    """

    meta: ClassVar = RuleMeta(
        code="PRB053",
        name="tokens-misaligned",
        since="0.2",
        summary="tokens are predicted that are in sight, or too far ahead",
    )
    needs: ClassVar = ("alignment",)
    condition: ClassVar = "suspicious_val"

    below: float = 0.12
    """Nats below what one ahead costs. The chains' own luck is taken out: what is left moves the loss by under 0.04 at batches of eight rows of six tokens."""
    near: float = 0.12
    """Nats around the level of a distance: under half of the least difference between two."""
    falling: float = 0.05
    """Nats between the last 30 steps and the 30 before: what falls more has not arrived."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Name the distance whose level was reached."""
        found = subject.alignment
        if found is None:
            return
        one = found.levels[0]
        evidence = Evidence(
            label=f"loss after {found.steps} steps on chains",
            measured=found.reached,
            expected=one,
            formula="entropy of the next token",
            unit="nats",
        )
        if found.reached < one - self.below:
            yield self.found(
                f"the loss falls to {n(found.reached)} on random chains whose next token cannot be guessed below {n(one)}",
                evidence,
                severity=Severity.ERROR,
                confidence=0.95,
                why="the model sees the token that it predicts: no shift, or no causal mask",
                do=("shift the labels by one, once; and mask attention to later tokens",),
                check="train on random tokens: the loss stays at ln of their number",
                rank=88,
            )
            return
        for ahead, level in enumerate(found.levels[1:], 2):
            if abs(found.reached - level) <= self.near and found.falling < self.falling:
                yield self.found(
                    f"the loss settles at {n(found.reached)} on random chains: that is {ahead} tokens ahead, not the next",
                    evidence,
                    Evidence(label=f"entropy {ahead} tokens ahead", measured=level, unit="nats"),
                    severity=Severity.ERROR,
                    confidence=0.85,
                    condition="plateau",
                    why="labels are shifted in the batch and again in the model or the loss",
                    do=("shift once: give labels that are a copy of the tokens to a model that shifts by itself",),
                    rank=83,
                )
                return
