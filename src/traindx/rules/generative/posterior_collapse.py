"""GNR004: the latent code carries nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.baselines import posterior_collapse
from traindx.context import READINGS, TASKS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, sample
from traindx.rules.evidence import come_far
from traindx.rules.generative.players import divergence_of, reconstruction_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PosteriorCollapse(Rule):
    """The divergence term of a variational model has gone to zero: the latent code carries nothing.

    ## What it looks at
    The divergence over the last third of the run, against the level that it had held during the first half, and what the
    reconstruction gained after it fell.

    ## Why it matters
    A divergence of d nats lets the code carry at most d nats. At zero, every input has the same code, and the decoder
    works alone.

    ## What to try
    - Warm the factor of the divergence up from zero; give each latent dimension some free nats.
    - Check the reduction: a divergence summed over dimensions beside a reconstruction averaged over pixels is weighted
      by the number of pixels.
    - A weaker decoder, or dropout on its inputs, for text.

    ## When it is wrong
    A printed divergence that is divided by very large numbers; a factor that is still being raised.
    """

    meta: ClassVar = RuleMeta(
        code="GNR004", name="posterior-collapse", since="0.1", summary="the latent code carries nothing"
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("NAN001", "NAN002")

    points: int = 20
    left_share: float = 0.02
    nothing: float = 0.1
    """A tenth of a nat is a seventh of a bit, for the whole code."""

    hardly: float = 0.01
    """A divergence that is averaged over latent dimensions may settle at a few hundredths after a first leap."""

    def check(self, case: Case) -> Iterator[Finding]:
        kl, rebuilt = divergence_of(case), reconstruction_of(case)
        if kl is None or rebuilt is None or kl.curve is None or kl.curve.count < self.points or not come_far(kl):
            return
        held, now = self._held(kl), level_of(kl, 2 / 3)
        if not (held > 0 and 0 <= now <= self.left_share * held and now <= self.nothing):
            return
        level = posterior_collapse().value
        before, after = level_of(rebuilt, 1 / 3, 1 / 2), level_of(rebuilt, 2 / 3)
        yield self.finding(
            f"{kl.name} had been {held:.3g} and is {now:.2g} over the last third of the run: the latent code carries nothing",
            across(
                case,
                kl,
                f"{kl.name} over the last third",
                now,
                first=2 / 3,
                expected=level,
                formula="posterior = prior",
                unit="nats",
            ),
            across(case, rebuilt, f"{rebuilt.name} over the last third", after, first=2 / 3, expected=before),
            severity=Severity.WARNING,
            confidence=0.85,
            why="a divergence of d nats lets the code carry d nats at most: every input has the same code",
            do=(
                "warm the factor of the divergence up from 0, and give each latent dimension some free nats",
                "compare the reductions of both terms: a sum beside a mean is a hidden factor",
            ),
            check="decode codes drawn at random in place of the encoder's: an unchanged reconstruction confirms it",
            rank=56,
        )

    def _held(self, kl: Reading) -> float:
        """The level that was held before; the first one, where all was lost at once, only if hardly anything is left."""
        early = sample(kl, 0.0, 0.5)
        if not len(early):
            return float("nan")
        held, now = float(np.quantile(early, 0.9)), level_of(kl, 2 / 3)
        first = float(np.max(sample(kl, 0.0, 0.05), initial=0.0))
        return max(held, first) if now <= self.hardly else held
