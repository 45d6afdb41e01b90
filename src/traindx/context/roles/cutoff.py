"""Numbers in the names of metrics: a cut-off (``recall@10``) or an overlap (``mAP50-95``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

from traindx.context.roles.reading import Match, Reading

_AT_K: Final[Mapping[str, str]] = MappingProxyType({"recall": "recall_at_k", "precision": "precision_at_k"})
_TAKES_K: Final = frozenset(
    {
        "accuracy",
        "recall_at_k",
        "precision_at_k",
        "hit_rate",
        "ndcg",
        "mrr",
        "pass_at_k",
        "bleu",
        "rouge",
        "average_recall",
        "map",
    }
    | set(_AT_K)
)
_OVERLAPS: Final[Mapping[float, str]] = MappingProxyType(
    {0.5: "iou50", 50.0: "iou50", 0.75: "iou75", 75.0: "iou75", 0.95: "iou95", 95.0: "iou95"}
)
_AREAS: Final[Mapping[str, str]] = MappingProxyType(
    {"s": "small", "m": "medium", "l": "large", "small": "small", "medium": "medium", "large": "large"}
)


@final
@dataclass(frozen=True, slots=True)
class Cutoff:
    """The kind with its number read: ``k`` for a cut-off, ``threshold`` as a component for an overlap.

    ``end`` is where the number ends, as a position in the segment.
    """

    kind: str
    k: int | None = None
    threshold: str | None = None
    end: int = 0


def cutoff_of(kind: str, reading: Reading) -> Cutoff:
    """Read the number that belongs to the head of ``reading``."""
    if kind not in _TAKES_K or reading.head is None:
        return Cutoff(kind)
    if kind == "map" and (area := _area(reading, reading.head)):
        return area
    numbers, end, explicit = _numbers(reading, reading.head)
    if not numbers:
        return Cutoff(kind)
    if kind == "map":
        return _overlap(numbers, end)
    if not (explicit and numbers[0].is_integer()):
        return Cutoff(kind)
    return Cutoff(_AT_K.get(kind, kind), int(numbers[0]), None, end)


def _area(reading: Reading, head: Match) -> Cutoff | None:
    """``APs``, ``mAP_s``: objects of one size."""
    written = reading.tokens[head.end - 1].text
    if written in {"aps", "apm", "apl"}:
        return Cutoff("map", None, _AREAS[written[-1]])
    following = reading.tokens[head.end : head.end + 1]
    area = _AREAS.get(following[0].text) if following else None
    return Cutoff("map", None, area, head.end + 1) if area else None


def _overlap(numbers: list[float], end: int) -> Cutoff:
    """``mAP50``, ``mAP@.5``: an overlap; ``mAP50-95``: the mean over overlaps; ``map@100``: a cut-off."""
    number = numbers[0]
    if len(numbers) > 1:
        return Cutoff("map", end=end)
    if number in _OVERLAPS:
        return Cutoff("map", None, _OVERLAPS[number], end)
    return Cutoff("map", int(number) if number >= 1 and number.is_integer() else None, None, end)


def _numbers(reading: Reading, head: Match) -> tuple[list[float], int, bool]:
    """Return the numbers that follow the head, where they end, and whether they are a cut-off rather than a counter."""
    cuts = [match for match in reading.of("cut") if match.number is not None]
    start = max([head.end, *(cut.end for cut in cuts if cut.start == head.end)])
    after = reading.tokens[start:]
    count = next((i for i, token in enumerate(after) if not token.is_number), len(after))
    following = [float(token.text) for token in after[:count]]
    inside = [match.number for match in dict.fromkeys((head, *cuts)) if match.number is not None]
    glued = bool(following) and (after[0].glued or following[0] >= 5)
    return inside + following, start + count, bool(inside) or glued
