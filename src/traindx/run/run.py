"""A run: its series, and everything about it that a reader learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import final

from traindx.run.series import Series, Span, Unit

SettingValue = str | int | float | bool | None


@final
@dataclass(frozen=True, slots=True)
class Skip:
    """Rows that a reader left out: why, how many, and the first of them (1-based; 0 where unknown)."""

    reason: str
    count: int
    first: int = 0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file that a run was read from.

    ``rows`` counts the lines or records that gave at least one number, ``skipped`` those that should have and
    did not. Lines that no reader would expect numbers in (banners, configuration) are ``ignored``.
    ``incomplete`` is empty, or says what is missing ("the last record is cut off").
    """

    path: str
    format: str
    unit: Unit = "line"
    rows: int = 0
    skipped: tuple[Skip, ...] = ()
    ignored: int = 0
    incomplete: str = ""
    encoding: str = ""

    @property
    def skipped_rows(self) -> int:
        """How many rows were left out, over all reasons."""
        return sum(skip.count for skip in self.skipped)


@final
@dataclass(frozen=True, slots=True)
class Setting:
    """A setting found beside or in the log, under the name that it has there (dotted where nested)."""

    name: str
    value: SettingValue
    source: str  # "hparams.yaml:12"


@final
@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint found on disk: its path, and the step or epoch that its name tells (NaN where none)."""

    path: str
    step: float = float("nan")
    epoch: float = float("nan")


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """What one training produced.

    ``series`` are keyed by their unique name, in order of first appearance. ``settings`` were found in the
    log's head or beside it, uninterpreted. ``words`` are the words that stand before the first number (a banner, a title), at
    most 2,000 characters. ``notes`` are things worth telling that are not numbers (a restart
    banner, an overflow warning), one line each, with their place.
    """

    name: str
    series: Mapping[str, Series]
    sources: tuple[Source, ...]
    settings: tuple[Setting, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    notes: tuple[str, ...] = field(default=())
    words: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "series", MappingProxyType(dict(self.series)))

    def where(self, series: Series, index: int) -> str:
        """Return ``file:line`` of one point (``file`` alone where the record is unknown)."""
        source = self.sources[int(series.files[index])] if self.sources else None
        record = int(series.records[index])
        if source is None:
            return ""
        return f"{source.path}:{record}" if record else source.path

    def span(self, series: Series, first: int = 0, last: int = -1) -> Span:
        """Return the span from point ``first`` to point ``last`` of ``series``, with its place in the file."""
        return Span(series.name, float(series.steps[first]), float(series.steps[last]), self.where(series, first))
