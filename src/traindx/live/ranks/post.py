"""What one process tells the first: where it is, how fast, and what it measured at the last step that all tell of."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast, final

# A process is told apart by a few of its numbers; a program that logs hundreds would fill the log with copies.
MOST_VALUES: Final = 16
_LONGEST: Final = 64_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The latest of one rank.

    ``beat`` counts signs of life, ``step`` is the last step that was logged. ``at`` is the last step that all tell of: there ``values``
    were logged, a step took ``step_time`` seconds (NaN where unknown), ``begun`` operations had been started (None where nobody
    counts). ``over`` says that the process has ended as it should.
    """

    beat: int
    step: int
    at: int = -1
    values: Mapping[str, float] = field(default_factory=dict[str, float])
    step_time: float = math.nan
    begun: int | None = None
    over: bool = False


def packed(post: Post) -> str:
    """Return a post as text. NaN and infinities, which it is for, are kept by name."""
    values = {name: _named(value) for name, value in list(post.values.items())[:MOST_VALUES]}
    told = [post.beat, post.step, post.at, _named(post.step_time), post.begun, post.over, values]
    return json.dumps(told, separators=(",", ":"), allow_nan=False)


def unpacked(text: str | bytes) -> Post | None:
    """Return the post in a text, None where it is none."""
    if len(text) > _LONGEST:
        return None
    try:
        told = cast("list[Any]", json.loads(text))
        beat, step, at, seconds, begun, over, values = told
        return Post(
            beat=int(beat),
            step=int(step),
            at=int(at),
            values={str(name): float(value) for name, value in list(values.items())[:MOST_VALUES]},
            step_time=float(seconds),
            begun=None if begun is None else int(begun),
            over=bool(over),
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _named(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
