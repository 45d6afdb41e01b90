"""PRB003: what the model is given is far from mean 0 and deviation 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.batch import Leaf
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class InputsNotScaled(ProbeCheck):
    """The first layer is given numbers far from mean 0 and standard deviation 1, or features of very different size.

    ## What it looks at
    What reaches the first layer with weights, where layers can be watched: a division by 255 within the model counts. Elsewhere the floating-point
    inputs of the batch. For tables, the standard deviations of the columns against each other.

    ## Why it matters
    Initial weights and usual learning rates assume inputs of unit scale. Pixels from 0 to 255 make the first outputs a hundred times too large; a column in
    thousands beside a column in fractions leaves the second one unlearnt.

    ## What to try
    - Subtract the mean and divide by the standard deviation of the training set, per channel or column.

    ## When it is wrong
    Where the first layer was made for such inputs, or is followed at once by a normalisation that takes the scale away.
    """

    meta: ClassVar = RuleMeta(
        code="PRB003", name="inputs-not-scaled", since="0.2", summary="inputs are far from mean 0 and deviation 1"
    )
    needs: ClassVar = ("batch",)
    uses: ClassVar = ("layers",)
    condition: ClassVar = "scale"

    offset: float = 5.0
    """Deviations that the mean may lie from 0: pixels from 0 to 1 lie at 1 to 3, pictures of mostly white paper at 5."""
    deviation: float = 10.0
    """Ten times unit scale: bytes have 40 to 80, what was standardised has 1."""
    largest: float = 100.0
    """Farther out than any standardised value that is no error."""
    ratio: float = 1000.0
    """Columns whose scales differ by more cannot share a learning rate."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of the first layer, and of columns."""
        layers = subject.layers or ()
        first = next((layer for layer in layers if layer.first), None)
        if first is not None:
            yield from self._judged(
                first.mean, first.deviation, first.largest, f"the first layer ({first.name or 'itself'})"
            )
        for leaf in subject.batch.of_role("input"):
            if leaf.real and leaf.values.ndim > 1 and leaf.values.size and np.isfinite(leaf.values).all():
                if first is None and not layers:
                    values = leaf.values.astype(np.float64)
                    yield from self._judged(
                        float(values.mean()), float(values.std()), float(np.abs(values).max()), leaf.path
                    )
                if first is not None or not layers:
                    yield from self._columns(leaf)

    def _judged(self, mean: float, deviation: float, largest: float, what: str) -> Iterator[Finding]:
        away = abs(mean) / deviation if deviation > 0 else 0.0
        if not (away > self.offset or deviation > self.deviation or largest > self.largest):
            return
        yield self.found(
            f"{what} is given numbers of mean {n(mean)} and standard deviation {n(deviation)}, up to {n(largest)}",
            Evidence(label="standard deviation", measured=deviation, expected=1.0, formula="standardised inputs"),
            Evidence(label="mean", measured=mean, expected=0.0, formula="standardised inputs"),
            severity=Severity.WARNING,
            confidence=0.9 if deviation > self.deviation else 0.75,
            why="initial weights and usual learning rates assume unit scale: what is larger dominates the first steps",
            do=("subtract the mean and divide by the standard deviation of the training set, per channel or column",),
            check="train ten steps with standardised inputs at the same learning rate: the loss falls no faster",
            rank=60,
        )

    def _columns(self, leaf: Leaf) -> Iterator[Finding]:
        if leaf.values.ndim != 2 or len(leaf.values) < 8:
            return
        spread = leaf.values.astype(np.float64).std(axis=0)
        live = spread[spread > 0]
        if len(live) < 2 or not live.max() > self.ratio * live.min():
            return
        small = int(np.argmin(np.where(spread > 0, spread, np.inf)))
        yield self.found(
            f"column {int(spread.argmax())} of {leaf.path} varies {n(live.max() / live.min())} times as much as column {small}",
            Evidence(
                label="ratio of deviations",
                measured=float(live.max() / live.min()),
                expected=1.0,
                formula="standardised columns",
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why="one learning rate cannot suit both: the small column stays unlearnt or the large one diverges",
            do=("standardise every column by itself",),
            rank=58,
        )
