"""AUD001: inputs or targets are far from zero mean and unit deviation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, final

from traindx.dataset.checks.blocks import Block, Part, blocks
from traindx.dataset.checks.constant_features import is_flat
from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject, called
from traindx.dataset.checks.wording import n, share, some
from traindx.dataset.stored import words_of
from traindx.dataset.summary import ArraySummary, ColumnSummary
from traindx.dataset.tails import second_moment, squared
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity

_SOUNDS: Final = frozenset({"audio", "sound", "speech", "wav", "wave", "waveform", "waveforms"})
_QUIET: Final = 0.01  # 16-bit samples that were divided by 32,768 twice end below 1/32,768
_UNIT_FEATURES: Final = 8  # few features may add up to 1 by chance
_UNIT_ERROR: Final = 1e-3  # half precision keeps lengths to so much


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UnscaledValues(DataCheck):
    """Inputs or targets are far from zero mean and unit deviation.

    ## What it looks at
    Mean, deviation and extremes of every feature of every array of numbers, and the ratio of the largest to the smallest deviation.

    ## Why it matters
    A fresh network answers near zero with about unit spread, and its layers keep unit inputs at unit size. Targets with a second moment
    of E[y²] start a squared loss there instead of at 1, and the loss has no meaning until it is divided by their variance. Inputs whose
    deviations differ by a factor r make the loss r² times as steep along one feature as along another: a learning rate that the
    first one bears is r² times too small for the second. It is an error where a target, or a float feature of an array, is a thousandfold off; columns of
    a table keep their natural units until a loader scales them, which is a warning. Embeddings of unit length and waveforms within -1 to 1 are at
    the scale they are made for.

    ## What to try
    - Subtract the mean and divide by the deviation of the training split, per feature; keep both with the model.
    - Pictures in 0 to 255: divide by 255, then subtract the mean and divide by the deviation of each channel.
    - Angles in degrees: use the sine and cosine.

    ## When it is wrong
    Trees, and networks that begin with a normalisation layer, do not mind. Counts and rates may keep their unit where the loss is made for
    them (Poisson). A loader that normalises on the fly hides behind files that are raw: then check what the model sees.
    """

    meta: ClassVar = RuleMeta(
        code="AUD001",
        name="unscaled-values",
        since="0.1",
        summary="inputs or targets are far from zero mean and unit deviation",
    )

    means: float = 3.0
    """A mean of three deviations has the same sign in nearly every row: it acts as a bias, and dominates the first steps."""

    smallest: float = 0.1
    largest: float = 10.0
    """Within a factor of ten of unit deviation an adaptive optimiser and a normal start cope."""

    feature_ratio: float = 1e3
    """Deviations a thousandfold apart make a curvature a million times as steep along one feature: float32 ends there."""

    absurd: float = 1e3
    """A thousandfold scale costs a million in a squared loss: that is beyond what training recovers from in a usual time."""

    picture: float = 100.0
    """Pixels that are still in 0 to 255; scaled ones end near 1 to 3."""

    rows: int = 8
    """Fewer rows do not tell a deviation."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak once of each array or table, of its worst feature."""
        for block in blocks(subject, "values"):
            if _is_unit_length(block.parts[0].array) or _is_sound(block.parts[0].array):
                continue
            live = [p for p in block.parts if p.column.count >= self.rows and not is_flat(p.column)]
            off = [part for part in live if self._is_off(part.column)]
            if off:
                yield self._scale(block, off)
            if block.unit == "feature":
                yield from self._ratio(block, live)
        for array in subject.of_role("image"):
            yield from self._picture(array)

    def _is_off(self, column: ColumnSummary) -> bool:
        deviation = column.deviation
        return abs(column.mean) > self.means * deviation or not self.smallest <= deviation <= self.largest

    def _scale(self, block: Block, off: list[Part]) -> Finding:
        worst = max(off, key=lambda part: _distance(part.column))
        column, target = worst.column, block.target
        several = len(block.parts) > 1
        others = (
            some([part.column.name if block.unit == "feature" else part.name for part in off]) if len(off) > 1 else ""
        )
        return self.finding(
            f"{block.some_of(len(off))} {'are' if len(off) > 1 else 'is'} not scaled: {worst.name if several else 'it'} has mean "
            f"{n(column.mean)} and deviation {n(column.deviation)}",
            Evidence(
                label=f"mean of {worst.name}", measured=column.mean, expected=0.0, formula="scaled values", note=others
            ),
            Evidence(label="standard deviation", measured=column.deviation, expected=1.0, formula="scaled values"),
            Evidence(
                label="largest absolute value",
                measured=max(abs(column.minimum), abs(column.maximum)),
                note=f"rows: {column.count:,}",
            ),
            severity=Severity.ERROR
            if _distance(column) > self.absurd and _is_fed(worst, target=target)
            else Severity.WARNING,
            confidence=0.95 if target else 0.85,
            why=_target_cost(second_moment(column), column) if target else _input_cost(column),
            do=(
                "subtract the mean and divide by the deviation of the training split, per feature, and keep both with the model",
                "or put a normalisation layer first"
                if not target
                else "judge the loss divided by the variance of the targets",
            ),
            check="print mean and deviation of the first batch as the model sees it: if they are 0 and 1, the loader scales already",
            decided_by="data",
            rank=60 if target else 50,
        )

    def _ratio(self, block: Block, live: list[Part]) -> Iterator[Finding]:
        if len(live) < 2:
            return
        low, high = (
            min(live, key=lambda part: part.column.deviation),
            max(live, key=lambda part: part.column.deviation),
        )
        ratio = high.column.deviation / low.column.deviation
        if not ratio > self.feature_ratio:
            return
        yield self.finding(
            f"the features of {block.name} differ {n(ratio)}-fold in scale",
            Evidence(
                label="ratio of the largest deviation to the smallest",
                measured=ratio,
                expected=1.0,
                formula=f"{n(high.column.deviation)} ({high.name}) / {n(low.column.deviation)} ({low.name})",
            ),
            severity=Severity.WARNING,
            confidence=0.9,
            why=f"a linear layer sees a loss {n(squared(ratio))} times as steep along {high.name} as along {low.name}: "
            f"the learning rate that the first one bears is that many times too small for the second",
            do=("divide every feature by its own deviation",),
            check="scale the features and train 200 steps at the same settings: if the loss falls no faster, this was not it",
            decided_by="data",
            rank=45,
        )

    def _picture(self, array: ArraySummary) -> Iterator[Finding]:
        whole = array.whole
        if not array.dtype.startswith("float") or not whole.maximum > self.picture:
            return  # picture files and bytes are the usual way to keep pictures: loaders divide by 255
        yield self.finding(
            f"the pictures of {called(array)} are stored as {array.dtype} from {n(whole.minimum)} to {n(whole.maximum)}",
            Evidence(label="largest pixel", measured=whole.maximum, expected=1.0, formula="pixels scaled to 0 to 1"),
            severity=Severity.WARNING,
            confidence=0.7,
            why=f"floating-point pixels look scaled to a loader and are not: the first layer sees inputs of size {n(whole.maximum)}",
            do=("divide by 255, then subtract the mean and divide by the deviation of each channel",),
            check="print the first batch's mean and deviation as the model sees them",
            decided_by="data",
            rank=50,
        )


def _is_fed(part: Part, *, target: bool) -> bool:
    """Whether a model sees these values as they are: targets, and features that are floats together in one array.

    Columns of a table and whole numbers are chosen, coded and scaled first.
    """
    array = part.array
    return target or (len(array.features) > 1 and array.dtype.startswith("float"))


def _is_unit_length(array: ArraySummary) -> bool:
    """Whether the rows have unit length, as normalised embeddings have: the second moments of the features then add up to 1."""
    square = sum(second_moment(column) for column in array.features)
    return len(array.shape) == 2 and len(array.features) >= _UNIT_FEATURES and abs(square - 1) < _UNIT_ERROR


def _is_sound(array: ArraySummary) -> bool:
    """Whether these are waveforms between -1 and 1, the scale that models of sound are made for."""
    size = max(-array.whole.minimum, array.whole.maximum)
    return bool(set(words_of(array.name)) & _SOUNDS) and _QUIET < size <= 1


def _distance(column: ColumnSummary) -> float:
    """How far a column is from unit scale, as a factor."""
    return max(column.deviation, 1 / column.deviation, abs(column.mean) / column.deviation)


def _target_cost(square: float, column: ColumnSummary) -> str:
    return (
        f"answering zero costs {n(square)} in squared error instead of 1, so that is where the loss begins, and "
        f"{n(column.variance)} is the loss of answering the mean: no loss above it has learnt anything"
    )


def _input_cost(column: ColumnSummary) -> str:
    size = second_moment(column) ** 0.5
    if abs(column.mean) > 3 * column.deviation:
        return (
            f"{share(squared(column.mean) / second_moment(column))} of the square of this input is its constant mean: "
            "the first layer spends its first steps on unlearning a bias"
        )
    factor = n(size) if size >= 1 else f"1/{n(1 / size)}"
    return f"the first layer's outputs and gradients for this input are {factor} times those of a scaled one"
