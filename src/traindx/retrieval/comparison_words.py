"""A comparison of encoders in words: who is best, who is tied, and how much of it is luck."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from traindx.retrieval.encoders import EncoderDifference, EncoderRow, Luck
from traindx.retrieval.report import Direction
from traindx.retrieval.words import share

_LUCKY = 0.002  # luck below a fifth of a point is not worth a sentence


def sentence(
    metric: str, rows: Sequence[EncoderRow], differences: Sequence[EncoderDifference], ways: Mapping[str, Direction]
) -> str:
    """Return who is best by the first metric, who cannot be told from it, and who cannot be told from guessing."""
    best = next(row for row in rows if row[metric].best)
    tied = [row for row in rows if row[metric].tied]
    behind = [row for row in rows if not (row[metric].best or row[metric].tied)]
    guessing = [row.name for row in rows if ways[row.name].at_chance]
    if len(guessing) == len(rows):
        return (
            f"no encoder can be told from guessing: the highest {metric} is {share(best[metric].value)}, of {best.name}"
        )
    head = f"{best.name} has the highest {metric}, {share(best[metric].value)}"
    parts = [head]
    if tied:
        named = " and ".join(f"{row.name} ({share(row[metric].value)})" for row in tied)
        parts.append(f"{named} {'is' if len(tied) == 1 else 'are'} tied with it")
    if behind:
        named = ", ".join(f"{row.name} by {_points(best.name, row.name, metric, differences)}" for row in behind)
        parts.append(f"behind it: {named}")
    if guessing:
        parts.append(f"{' and '.join(guessing)} cannot be told from guessing")
    return "; ".join(parts)


def _points(best: str, other: str, metric: str, differences: Sequence[EncoderDifference]) -> str:
    found = next(d for d in differences if d.metric == metric and {d.before, d.after} == {best, other})
    ends = sorted(abs(100 * end) for end in (found.low, found.high))
    return f"{abs(100 * found.difference):.1f} points ({ends[0]:.1f} to {ends[1]:.1f})"


def kept_in_mind(luck: Sequence[Luck], *, equalised: bool, size: int) -> list[str]:
    """Return what the table rests on, and how much of the best is luck."""
    limits: list[str] = []
    if equalised:
        limits.append(
            f"all rows are for galleries of {size:,} items, the mean over random ones that hold the right item"
        )
    first = luck[0]
    if first.candidates > 2 and first.luck > _LUCKY and math.isfinite(first.luck):
        limits.append(
            f"{first.name} was chosen as the best of {first.candidates}: about {100 * first.luck:.1f} points of its {first.metric} are luck, "
            f"expect {share(first.corrected)} on new queries"
        )
    return limits
