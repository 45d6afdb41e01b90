"""AUD011: labels that are no class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import share, some
from traindx.dataset.counts import ValueCounts, ignored_in
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LabelIds(DataCheck):
    """Labels lie outside the classes 0 to C - 1, or are no whole numbers.

    ## What it looks at
    Every distinct label, against the number of classes (`--num-classes`, or the range of the labels); labels below zero; fractions and missing
    labels in files that store them as floating point; and classes in the range that never occur.

    ## Why it matters
    A label of C or more reads beyond the logits: an error on the CPU, a device-side assertion or silent garbage on a GPU. Labels from 1 to C are the
    usual cause. A label of -1 that the loss does not ignore is the last class in some libraries. A class without examples gets logits that only fall.

    ## What to try
    - Map labels to 0 to C - 1 once, and store the table with the model.
    - Say which label the loss ignores (`ignore_index`).

    ## When it is wrong
    Where a negative label is ignored on purpose, as -100 is by default in torch: those are not counted.
    """

    meta: ClassVar = RuleMeta(
        code="AUD011",
        name="label-ids",
        since="0.1",
        summary="labels that lie outside the classes or are no whole numbers",
    )
    needs: ClassVar = "labels"

    gaps: float = 0.5
    """Identifiers leave gaps: where over half the range never occurs, labels were not renumbered."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each array of labels, once for each kind of fault."""
        for labels in subject.labels:
            outside = tuple(self._outside(labels, subject.num_classes))
            yield from outside
            yield from self._fractions(labels)
            if (
                not outside and labels.name not in subject.token_labels
            ):  # classes that seem to be missing may only be misnumbered
                yield from self._gaps(labels, subject.num_classes)
                yield from self._from_one(labels, subject.num_classes)

    def _outside(self, labels: ValueCounts, classes: int | None) -> Iterator[Finding]:
        ignored = np.isin(labels.values, list(ignored_in(labels, classes)))
        above = (labels.values >= classes) & ~ignored if classes else np.zeros(len(labels.values), bool)
        wrong = (labels.values < 0) & ~ignored | above
        if not wrong.any():
            return
        count, total = int(labels.counts[wrong].sum()), labels.total
        values = [str(v) for v in labels.values[wrong].tolist()]
        shifted = (
            bool(above.any()) and classes is not None and int(labels.values.max()) == classes and 0 not in labels.values
        )
        yield self.finding(
            f"{share(count / total)} of {labels.name or 'the labels'} lie outside the classes"
            + (f" 0 to {classes - 1}" if classes else "")
            + f": {some(values)}",
            Evidence(
                label="labels outside",
                measured=float(count),
                expected=0.0,
                formula=f"0 to {classes - 1}" if classes else "labels from 0",
                note=f"of {total:,}",
            ),
            severity=Severity.ERROR,
            confidence=0.97 if classes else 0.8,
            why="they run from 1, so that every one of them names the next class, and the last one none"
            if shifted
            else "the loss reads beyond the logits: an error on the CPU, a device-side assertion or garbage on a GPU",
            do=("subtract 1 from the labels",)
            if shifted
            else ("map the labels to 0 to C - 1, and tell the loss which one to ignore",),
            check="print the smallest and the largest label of a batch as the loss sees it",
            decided_by="data",
            rank=88,
        )

    def _fractions(self, labels: ValueCounts) -> Iterator[Finding]:
        odd = labels.fractional + labels.missing
        if not odd or not labels.is_float:
            return
        total = labels.total + odd
        kinds = " and ".join(
            filter(
                None,
                (
                    f"{labels.fractional:,} fractions" if labels.fractional else "",
                    f"{labels.missing:,} missing" if labels.missing else "",
                ),
            )
        )
        yield self.finding(
            f"{labels.name or 'the labels'} hold {kinds} among {total:,}, and classes are whole numbers",
            Evidence(label="share that is no class", measured=odd / total, expected=0.0, formula="whole numbers"),
            severity=Severity.ERROR if labels.missing else Severity.WARNING,
            confidence=0.9,
            why="cast to whole numbers, fractions are cut off and NaN becomes the smallest integer: both name another class",
            do=("keep labels as whole numbers, and leave out rows without one",),
            check="soft labels or a regression target would refute it: then say --target instead of --labels",
            decided_by="data",
            rank=84,
        )

    def _from_one(self, labels: ValueCounts, classes: int | None) -> Iterator[Finding]:
        values = labels.classes(classes).values
        if (
            classes is not None
            or len(values) < 2
            or not labels.complete
            or values.tolist() != [*range(1, len(values) + 1)]
        ):
            return
        yield self.finding(
            f"{labels.name + ' runs' if labels.name else 'the labels run'} from 1 to {len(values):,}, and losses count classes from 0",
            Evidence(label="smallest label", measured=1.0, expected=0.0, formula="classes from 0 to C - 1"),
            severity=Severity.WARNING,
            confidence=0.7,
            why=f"with {len(values):,} logits, label {len(values):,} reads beyond them; with one more, class 0 can never be right",
            do=("subtract 1 from the labels",),
            check="print the smallest label of a batch as the loss sees it: at 0, the loader counts anew; ratings that are regressed are no classes",
            decided_by="data",
            rank=55,
        )

    def _gaps(self, labels: ValueCounts, classes: int | None) -> Iterator[Finding]:
        values = labels.values[(labels.values >= 0) & ~np.isin(labels.values, list(ignored_in(labels, classes)))]
        if len(values) < 2 or not labels.complete:
            return
        size = classes or int(values.max()) + 1
        absent = size - int((values < size).sum())
        if not absent or (not classes and absent <= self.gaps * size):
            return
        yield self.finding(
            f"{absent:,} of {size:,} classes never occur in {labels.name or 'the labels'}",
            Evidence(
                label="classes that occur",
                measured=float(size - absent),
                expected=float(size),
                formula="num_classes" if classes else "largest label + 1",
            ),
            severity=Severity.WARNING,
            confidence=0.9 if classes else 0.7,
            why="a class without examples takes part in the softmax and can never be right: ln C is not the level of guessing, and its recall is undefined",
            do=("renumber the labels, or add examples of the classes that are missing",),
            check="count the classes in the other splits",
            decided_by="data",
            rank=55,
        )
