"""PRB014: a softmax runs over the samples of the batch instead of the classes."""

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
class SoftmaxOverTheBatch(ProbeCheck):
    """A softmax over classes is taken along the wrong axis: over the samples of the batch.

    ## What it looks at
    The loss against that of a softmax over the first axis, and whether a batch with every sample twice costs ln 2 more, as it does where samples compete
    with each other, although the targets are classes.

    ## Why it matters
    Samples of a batch fight for a share of each class. The loss falls, and a sample alone is always answered with certainty 1.

    ## What to try
    - `dim=-1` (or `axis=-1`), or `dim=1` for pictures.

    ## When it is wrong
    Contrastive losses: their softmax runs over the batch on purpose. Tell the objective, and this is not asked.
    """

    meta: ClassVar = RuleMeta(
        code="PRB014",
        name="softmax-over-the-batch",
        since="0.2",
        summary="a softmax runs over the samples instead of the classes",
    )
    needs: ClassVar = ("start",)
    uses: ClassVar = ("doubling", "fit")

    tolerance: float = 0.02
    """Of ln 2: what rounding and a second decimal move."""
    room: float = 0.1
    """Nats: a loss that luck moves by more may be ln 2 higher for no reason."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak where the loss was recognised so, or doubles so."""
        start = subject.start
        if start is None or start.computed is None or subject.told.contrastive:
            return
        found = start.recognised or (subject.fit.again if subject.fit else None)
        known = found is not None and found.flaw == "softmax over the batch"
        if not known and not self._doubles_so(subject):
            return
        doubling = subject.doubling
        evidence = (
            [
                Evidence(
                    label="loss",
                    measured=start.computed.total,
                    formula=found.how if found else "",
                )
            ]
            if known
            else []
        )
        if doubling is not None:
            evidence.append(
                Evidence(
                    label="more with every sample twice",
                    measured=doubling.twice - doubling.once,
                    expected=0.0,
                    unit="nats",
                    note="ln 2 = 0.693 where samples compete",
                )
            )
        yield self.found(
            f"the softmax runs over the {subject.batch.size} samples of the batch: the loss of {n(start.computed.total)} is not that of each sample by itself",
            *evidence,
            severity=Severity.ERROR,
            confidence=0.93 if known else 0.8,
            why="samples fight for a share of each class, and a sample alone is always answered with certainty",
            do=("take the softmax over the classes: dim=-1, or dim=1 for pictures",),
            check="evaluate one sample alone and within the batch: its answer is the same",
            rank=87,
        )

    def _doubles_so(self, subject: Measured) -> bool:
        doubling = subject.doubling
        labels = [leaf for leaf in subject.batch.of_role("target") if leaf.whole and leaf.values.ndim == 1]
        recognised = subject.start.recognised if subject.start else None
        family = subject.told.family or (recognised.family if recognised else "")
        if doubling is None or not labels or family != "cross_entropy":
            return False
        room = self.tolerance + 3 * doubling.noise
        return room <= self.room and abs(doubling.twice - doubling.once - 0.6931) <= room
