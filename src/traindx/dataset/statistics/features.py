"""The summary of features from the twelve numbers of their states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, final

from traindx.dataset.statistics.fields import Floats
from traindx.dataset.summary import ColumnSummary

_NOTHING: Final = (float("nan"),) * 6


def column_summary(name: str, state: Floats) -> ColumnSummary:
    """Return the summary of one feature; without finite values its moments are NaN."""
    return _summary(name, state.tolist())


def column_summaries(states: Floats) -> tuple[ColumnSummary, ...]:
    """Return a summary for each feature of ``states`` (fields, features), named by its number."""
    return tuple(_summary(str(number), state) for number, state in enumerate(states.T.tolist()))


@final
class GroupSummaries(Mapping[str, tuple[ColumnSummary, ...]]):
    """The summaries of the features in each group, made when they are asked for: groups times features may be many."""

    __slots__ = ("_numbers", "_states")

    def __init__(self, names: Sequence[str], states: Floats) -> None:
        self._numbers = {name: number for number, name in enumerate(names)}
        self._states = states

    def __getitem__(self, name: str) -> tuple[ColumnSummary, ...]:
        return column_summaries(self._states[self._numbers[name]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __repr__(self) -> str:
        return f"GroupSummaries({dict(self)})"


def _summary(name: str, state: list[float]) -> ColumnSummary:
    count = int(state[0])
    mean, m2, m3, m4, lowest, highest = state[5:11] if count else _NOTHING
    return ColumnSummary(
        name=name,
        rows=int(state[0] + state[1] + state[2] + state[3]),
        count=count,
        nan=int(state[1]),
        positive_infinite=int(state[2]),
        negative_infinite=int(state[3]),
        zeros=int(state[4]),
        mean=mean,
        m2=m2,
        m3=m3,
        m4=m4,
        minimum=lowest,
        maximum=highest,
    )
