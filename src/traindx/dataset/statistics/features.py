"""The summary of one feature from the twelve numbers of its state."""

from __future__ import annotations

from traindx.dataset.statistics.fields import (
    COUNT,
    HIGHEST,
    LOWEST,
    M2,
    M3,
    M4,
    MEAN,
    NAN,
    NEGATIVE,
    POSITIVE,
    ZEROS,
    Floats,
)
from traindx.dataset.summary import ColumnSummary


def column_summary(name: str, state: Floats) -> ColumnSummary:
    """Return the summary of one feature; without finite values its moments are NaN."""
    count, nan, positive, negative, zeros = (int(state[field]) for field in (COUNT, NAN, POSITIVE, NEGATIVE, ZEROS))
    numbers = [float(state[field]) if count else float("nan") for field in (MEAN, M2, M3, M4, LOWEST, HIGHEST)]
    mean, m2, m3, m4, lowest, highest = numbers
    return ColumnSummary(
        name=name,
        rows=count + nan + positive + negative,
        count=count,
        nan=nan,
        positive_infinite=positive,
        negative_infinite=negative,
        zeros=zeros,
        mean=mean,
        m2=m2,
        m3=m3,
        m4=m4,
        minimum=lowest,
        maximum=highest,
    )


def column_summaries(states: Floats) -> tuple[ColumnSummary, ...]:
    """Return a summary for each feature of ``states`` (fields, features), named by its number."""
    return tuple(column_summary(str(number), states[:, number]) for number in range(states.shape[1]))
