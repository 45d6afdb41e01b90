"""What one kind of line says: its fields, and which of its numbers they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

Role = Literal["metric", "step", "epoch", "inner", "progress"]
Kind = Literal["values", "words", "cells", "noise"]
Statistic = Literal["value", "median", "mean", "running-mean", "smoothed"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One number of a line.

    ``column`` counts the numbers of the line from 0. ``over`` is the column that it is a part of (12 in 3/12), -1
    without one. ``sure`` where the name is a metric's beyond doubt. ``split`` is "val", "test" or "".
    """

    name: str
    role: Role
    column: int
    over: int = -1
    scale: float = 1.0
    percent: bool = False
    sure: bool = False
    split: str = ""
    statistic: Statistic = "value"

    @property
    def full_name(self) -> str:
        """The series name: the split is put in front where the name does not tell it."""
        return f"{self.split}/{self.name}" if self.split else self.name


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a line template says.

    ``clock`` holds the columns of year, month, day, hour, minute and second (-1 where absent). ``rank`` is the rank
    that wrote it, -1 where not told; ``rank_column`` the number that tells it. ``tag`` tells apart lines that print one name for different quantities.
    ``split`` is the split that the line as a whole announces, None without one. ``start`` is where its message starts.
    ``half`` is "am" or "pm" where the clock has twelve hours; ``redraws`` where a progress bar is drawn again and again.
    ``comma`` where the clock's fraction follows a comma; ``final`` where the line tells how it ended, ``heading`` where the line stands above others that it is about.
    ``failed`` is a reason where it looked like a metric line and gave nothing.
    """

    kind: Kind
    fields: tuple[Field, ...] = ()
    clock: tuple[int, ...] = ()
    rank: int = -1
    rank_column: int = -1
    tag: str = ""
    split: str | None = None
    start: int = 0
    failed: str = ""
    comma: bool = False
    half: str = ""
    redraws: bool = False
    heading: bool = False
    final: bool = False

    @property
    def metrics(self) -> tuple[Field, ...]:
        """The fields that are metrics."""
        return tuple(field for field in self.fields if field.role == "metric")
