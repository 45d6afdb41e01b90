"""PRB005: labels of the batch that name no class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.batch import Leaf
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import some
from traindx.probe.measured import Measured

_IGNORED = -100  # torch's and transformers' default
_VOID = 255  # of segmentation masks stored as bytes


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsOutOfRange(ProbeCheck):
    """Labels of the batch lie outside the classes, are all ignored, or are all the same.

    ## What it looks at
    Whole-number targets against the number of classes that the outputs have, or that was told; -100 counts as ignored, and 255 where there are fewer classes.

    ## Why it matters
    A label of C or more reads beyond the logits: an error on the CPU, garbage on a GPU, the last class in JAX. Where every label is ignored the mean is
    0/0. A batch of one class teaches a constant.

    ## What to try
    - Map labels to 0 to C - 1; shuffle the samples.

    ## When it is wrong
    Whole numbers that are counted or regressed, and are no classes.
    """

    meta: ClassVar = RuleMeta(
        code="PRB005",
        name="labels-out-of-range",
        since="0.2",
        summary="labels outside the classes, all ignored or all one",
    )
    needs: ClassVar = ("batch", "start")

    samples: int = 16
    """Of so many samples of three classes or more, all have the same label by luck once in millions."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of each array of labels."""
        start = subject.start
        classes = subject.told.whole("num_classes", "vocab_size") or (start.classes if start else None)
        for leaf in subject.batch.of_role("target"):
            if leaf.whole and leaf.values.size and classes is not None:
                yield from self._outside(leaf, classes)
                yield from self._alike(leaf, classes)

    def _outside(self, leaf: Leaf, classes: int) -> Iterator[Finding]:
        ignored = leaf.values == _IGNORED
        if classes < _VOID:
            ignored |= leaf.values == _VOID
        above = (leaf.values >= classes) & ~ignored
        below = (leaf.values < 0) & ~ignored
        if ignored.all():
            yield self.found(
                f"all {leaf.values.size:,} labels of {leaf.path} are ignored",
                Evidence(label="labels that count", measured=0.0, expected=float(leaf.values.size)),
                severity=Severity.ERROR,
                confidence=0.9,
                why="the mean over no label is 0/0",
                do=("look where the labels are masked: a truncated answer leaves none",),
                rank=90,
            )
        if above.any() or below.any():
            count = int(above.sum() + below.sum())
            values = [str(v) for v in np.unique(leaf.values[above | below]).tolist()]
            yield self.found(
                f"{count:,} of {leaf.values.size:,} labels of {leaf.path} lie outside 0 to {classes - 1}: {some(values)}",
                Evidence(label="labels outside", measured=float(count), expected=0.0, formula=f"0 to {classes - 1}"),
                severity=Severity.ERROR if above.any() else Severity.WARNING,
                confidence=0.95 if above.any() else 0.6,
                why="the loss reads beyond the logits: an error on the CPU, garbage on a GPU, the last class in JAX",
                do=("map the labels to 0 to C - 1", "give the model one output for each class"),
                rank=93,
            )

    def _alike(self, leaf: Leaf, classes: int) -> Iterator[Finding]:
        values = leaf.values
        if classes < 3 or values.ndim != 1 or len(values) < self.samples or len(np.unique(values)) > 1:
            return
        yield self.found(
            f"all {len(values)} samples of the batch have the label {int(values[0])}",
            Evidence(
                label="different labels",
                measured=1.0,
                expected=float(min(classes, len(values))),
                note=f"of {classes} classes",
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="the samples come in the order of their classes: each batch unlearns the one before",
            do=("shuffle the samples before they are batched",),
            check="draw another batch: it has other labels",
            rank=62,
        )
