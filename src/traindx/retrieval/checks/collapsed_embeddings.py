"""EMB002: all rows of a side point the same way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CollapsedEmbeddings(Check[Retrieval]):
    """Two random rows of one side have a cosine of nearly one: the encoder gives every input the same answer.

    ## What it looks at
    The mean cosine between different rows of a sample of each side.

    ## Why it matters
    A contrastive loss is at its chance level there, ranks rest on the last digits of the scores, and nearest neighbours mean nothing.

    ## What to try
    - Look at one layer earlier: where do different inputs become the same vector?
    - Check normalisation layers, a dead projection, a learning rate far too high, a loss without negatives.

    ## When it is wrong
    Embeddings with a large common part, as some language models give, rank well after their mean is taken off; below the limit here they are left alone.
    """

    meta: ClassVar = RuleMeta(
        code="EMB002",
        name="collapsed-embeddings",
        since="0.1",
        summary="random rows of one side are nearly the same direction",
    )
    condition: ClassVar = "collapsed"

    alike: float = 0.99
    """Narrow cones of healthy encoders reach 0.9; at 0.99 rows differ by eight degrees at most."""

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        for name, side in (("queries", subject.queries), ("gallery", subject.items)):
            if side is None or side.rows < 3 or not side.mean_cosine > self.alike:
                continue
            hard = subject.at_chance or side.mean_cosine > 1 - (1 - self.alike) / 10
            yield self.finding(
                f"rows of the {name} are nearly one direction: mean cosine {side.mean_cosine:.4f}",
                Evidence(
                    label="mean cosine of random rows",
                    measured=side.mean_cosine,
                    expected=0.0,
                    formula="directions without a preference",
                    note=f"{side.sampled:,} of {side.rows:,} rows",
                ),
                Evidence(
                    label="directions in use",
                    measured=side.participation,
                    expected=float(side.dimension),
                    formula="all of them",
                ),
                severity=Severity.ERROR if hard else Severity.WARNING,
                confidence=0.97,
                why="different inputs get the same vector, so that their order is left to rounding",
                do=(
                    "find the layer after which different inputs become one vector",
                    "look for a loss without negatives, a dead projection, a learning rate far too high",
                ),
                check="subtract the mean row and rank again: recall that comes back was hidden by a common part, not lost",
                decided_by="data",
                rank=35,
            )
