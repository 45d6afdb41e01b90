"""The values of single batches, from the running means that Keras reports of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, final

# What a float32 mean and the float32 total behind it may be off by, as a share of the mean.
_ROUNDING: Final = 2**-23
# The share of the mean that rounding may add to one value: a tenth of the one per cent that curves are read to.
_TOLERATED: Final = 1e-3


@final
class BatchValues:
    """Undoes one running mean, value by value.

    x = m_before + (W / w)(m - m_before) for a value of weight w that brings the total to W: the form of
    ``traindx.signals.undo_running_mean`` that subtracts two close means instead of two large sums, and that, where the weights are
    not quite known, gives a value on the right side of the mean. A float32 mean hides what a single batch adds once some
    4,000 have come before it: from there on, the value returned is that of as many batches together as rounding needs.
    A value that rounding does not tell from a whole number is that number: no accuracy is just below 0 or above 1.
    """

    __slots__ = ("_mean", "_waiting", "_weight")

    def __init__(self) -> None:
        self._mean, self._weight, self._waiting = 0.0, 0.0, 0.0

    def take(self, mean: float, weight: float, *, last: bool = False) -> float | None:
        """Return the mean of the items behind ``mean`` since the value before; None where they must wait for more.

        ``weight`` is how many items came with this mean; ``last`` lets none wait. Once a mean is not finite nothing can be undone, and it is
        returned as it is.
        """
        self._waiting += weight
        total = self._weight + self._waiting
        if not math.isfinite(mean) or not self._waiting > 0:
            return mean
        if not self._weight > 0:
            value = mean
        elif not math.isfinite(self._mean):
            return mean
        elif total * 2 * _ROUNDING > _TOLERATED * self._waiting and not last:
            return None
        else:
            value = self._mean + total / self._waiting * (mean - self._mean)
            blurred = 2 * _ROUNDING * total / self._waiting * max(abs(mean), abs(self._mean))
            if abs(value - round(value)) <= blurred:
                value = float(round(value))
        self._mean, self._weight, self._waiting = mean, total, 0.0
        return value


# What a metric of the model counted in one execution: None where it is no plain mean.
Counts = Mapping[str, float | None]
Row = tuple[int, dict[str, float]]


@final
class EpochMeans:
    """The reports of one epoch, which may arrive in any order, as values of single executions.

    ``stride`` batches are one execution; ``steps`` is how many batches the epoch has, None where Keras does not know. The last
    execution may be shorter, so it waits for the end of the epoch.
    """

    def __init__(self, steps: int | None, stride: int) -> None:
        self.counts: Counts | None = None  # of the first execution; until then all metrics are taken for means
        self.executions = 0
        self.batches = 0  # from the first to the last that was taken
        self._steps, self._stride = steps, stride
        self._next = stride - 1
        self._arrived: dict[int, Mapping[str, Any]] = {}
        self._undone: dict[str, BatchValues] = {}

    def add(self, batch: int, logs: Mapping[str, Any]) -> Iterator[Row]:
        """Take the report that ends at ``batch``; yield batch and values of all that are complete with it."""
        self._arrived[batch] = dict(logs)
        while self._next in self._arrived and not self._may_be_last(self._next):
            yield self._take(self._arrived.pop(self._next), {}, last=False)

    def finish(self, totals: Counts) -> Iterator[Row]:
        """Yield what waited; ``totals`` is what each metric counted in the whole epoch."""
        for batch in sorted(self._arrived):
            self._next = batch
            last = len(self._arrived) == 1
            yield self._take(self._arrived.pop(batch), totals if last else {}, last=last)

    def _may_be_last(self, batch: int) -> bool:
        return batch + self._stride not in self._arrived if self._steps is None else batch >= self._steps - 1

    def _take(self, logs: Mapping[str, Any], totals: Counts, *, last: bool) -> Row:
        batch, self._next = self._next, self._next + self._stride
        values: dict[str, float] = {}
        for name, mean in logs.items():
            if not isinstance(mean, float):
                continue
            value = self._value(name, mean, totals.get(name), last=last)
            if value is not None:
                values[name] = value
        self.executions += 1
        shown = batch if self._steps is None else min(batch, self._steps - 1)
        self.batches = shown + 1
        return shown, values

    def _value(self, name: str, mean: float, total: float | None, *, last: bool) -> float | None:
        counts = self.counts
        counted = 1.0 if counts is None else counts.get(name, 0.0)
        if counted is None:  # no mean: it speaks of the epoch so far
            return None
        if not counted > 0:  # what the training step returns is no metric of the model, so it is of this batch
            return mean
        weight = 1.0 if total is None else (total - self.executions * counted) / counted
        undone = self._undone.setdefault(name, BatchValues())
        return undone.take(mean, weight if 0 < weight < 1 else 1.0, last=last)


@final
class CountedMeans:
    """Running means whose counts are known each time, so that nothing has to be assumed of the batches."""

    __slots__ = ("_totals", "_undone")

    def __init__(self) -> None:
        self._undone: dict[str, BatchValues] = {}
        self._totals: dict[str, float] = {}

    def take(self, name: str, mean: float, count: float | None) -> float | None:
        """Return the value of one batch; None of a metric that is no mean (``count`` None), or that must wait (``BatchValues``)."""
        if count is None:
            return None
        before = self._totals.get(name, 0.0)
        if not count > before:  # the metrics were reset, or this is no metric of the model (0)
            self._undone[name] = BatchValues()
            before = 0.0
        self._totals[name] = count
        return self._undone.setdefault(name, BatchValues()).take(mean, count - before) if count > 0 else mean
