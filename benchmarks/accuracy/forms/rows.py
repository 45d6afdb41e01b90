"""Rows as forms need them: per epoch, with means of training metrics; and other names for the same metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

from benchmarks.accuracy.recorder import Point, Recorder

ROWS_WITHOUT_EPOCHS = 20  # a run that counts no epochs is cut into so many rows
MACHINE = ("data_time", "step_time", "memory_mb")


@final
@dataclass(frozen=True, slots=True)
class Row:
    """One epoch: its number from 0, the last step, means of what was logged in training, the last of what was evaluated."""

    number: int
    step: int
    metrics: Mapping[str, float]


def held_out(name: str) -> bool:
    """Whether a canonical metric was measured at evaluations: those print their last value, not a mean."""
    return name.startswith(("val/", "test/"))


def per_epoch(recorder: Recorder) -> list[Row]:
    """Cut the points into epochs; where a resumed run goes back, epochs go back with it."""
    number_of = _numbering(recorder.points)
    groups: list[tuple[int, list[Point]]] = []
    for point in recorder.points:
        number = number_of(point)
        if not groups or groups[-1][0] != number:
            groups.append((number, []))
        groups[-1][1].append(point)
    return [_row(number, points) for number, points in groups]


def _numbering(points: list[Point]) -> Callable[[Point], int]:
    """An evaluation at the end of an epoch belongs to it: 1.0 is the end of epoch 0."""
    if all(point.epoch is None for point in points):
        last = max((point.step for point in points), default=0) + 1
        return lambda point: min(ROWS_WITHOUT_EPOCHS - 1, point.step * ROWS_WITHOUT_EPOCHS // last)
    return lambda point: max(0, int((point.epoch or 0.0) - (1e-6 if _evaluates(point) else 0.0)))


def _evaluates(point: Point) -> bool:
    return any(held_out(name) for name in point.metrics)


def _row(number: int, points: list[Point]) -> Row:
    sums: dict[str, list[float]] = {}
    for point in points:
        for name, value in point.metrics.items():
            sums.setdefault(name, []).append(value)
    metrics = {
        name: values[-1] if held_out(name) or name == "lr" else sum(values) / len(values)
        for name, values in sums.items()
    }
    return Row(number, points[-1].step, metrics)


def renamed(metrics: Mapping[str, float], *, train: str, val: str, names: Mapping[str, str]) -> dict[str, float]:
    """Return metrics under a form's names: prefixes for the two splits, and whole names of their own.

    >>> renamed({"train/loss": 1.0, "val/loss": 2.0, "lr": 0.1}, train="", val="eval_", names={"lr": "learning_rate"})
    {'loss': 1.0, 'eval_loss': 2.0, 'learning_rate': 0.1}
    """
    found = {}
    for name, value in metrics.items():
        split, _, rest = name.rpartition("/")
        prefix = {"train": train, "val": val}.get(split.split("/")[0], f"{split}_" if split else "")
        found[names.get(name, prefix + rest)] = value
    return found
