"""Points of one name to series: streams that mean different things kept apart, repeats by rank dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from traindx.readers.text.points import Points, joined

_MOST_FORMS = 16


def merged(points: Sequence[Points], notes: list[str]) -> dict[str, tuple[str, Points]]:
    """Return series by unique name, each with the name it was logged under, and add to ``notes`` what was dropped."""
    result: dict[str, tuple[str, Points]] = {}
    groups: dict[str, list[Points]] = {}
    for one in points:
        groups.setdefault(one.name, []).append(one)
    for name, parts in groups.items():
        by_rank: dict[int, list[Points]] = {}
        for part in parts:
            by_rank.setdefault(part.rank, []).append(part)
        ranks = sorted(by_rank)
        plain = joined(by_rank[ranks[0]])
        for label, stream in _streams(name, by_rank[ranks[0]], notes):
            result[label] = (name, stream)
        for rank in ranks[1:]:
            other = joined(by_rank[rank])
            if _same(plain, other):
                notes.append(f"{name}: rank {rank} prints the same values as rank {ranks[0]}; counted once")
            else:
                result[f"{name} [rank {rank}]"] = (name, other)
    return result


def _streams(name: str, parts: Sequence[Points], notes: list[str]) -> Iterator[tuple[str, Points]]:
    """The points of one name and rank, by tag, then by what else is printed beside them."""
    tags: dict[str, list[Points]] = {}
    for part in parts:
        tags.setdefault(part.tag, []).append(part)
    ordered = sorted(tags.items(), key=lambda item: -sum(map(len, item[1])))
    for index, (tag, tagged) in enumerate(ordered):
        label = name if index == 0 else f"{name} [{tag or 'untagged'}]"
        yield from _by_signature(label, tagged, notes)


def _by_signature(name: str, parts: Sequence[Points], notes: list[str]) -> Iterator[tuple[str, Points]]:
    signatures: dict[tuple[tuple[str, ...], bool], list[Points]] = {}
    for part in parts:
        signatures.setdefault((part.signature, part.anchored), []).append(part)
    streams = [joined(_once(group)) for group in signatures.values()]
    streams.sort(key=lambda stream: (-len(stream), int(stream.lines[0])))
    kept: list[Points] = [streams[0]]
    extra: list[Points] = []
    for stream in streams[1:]:
        if not _overlaps(kept, stream):
            kept.append(stream)
        elif any(_same(one, stream) for one in kept):
            notes.append(f"{name}: printed twice at the same steps with the same values; counted once")
        else:
            extra.append(stream)
    yield name, joined(kept)
    for index, stream in enumerate(extra, start=2):
        yield f"{name} ({index})", stream


def _once(group: Sequence[Points]) -> list[Points]:
    """Leave out a warning that repeats one NaN of the log: ``loss is nan at step 2`` beside ``step 2 loss nan``."""
    if len(group) == 1 or len(group) > _MOST_FORMS:
        return list(group)
    told = np.concatenate([one.steps[np.isnan(one.values)] for one in group if len(one) > 1] or [np.zeros(0)])
    return [one for one in group if len(one) > 1 or not (np.isnan(one.values[0]) and one.steps[0] in told)] or [
        group[0]
    ]


def _overlaps(kept: Sequence[Points], other: Points) -> bool:
    steps = np.concatenate([one.steps for one in kept])
    common = np.intersect1d(steps[np.isfinite(steps)], other.steps[np.isfinite(other.steps)])
    return len(common) >= max(1, 0.5 * len(np.unique(other.steps)))


def _same(first: Points, other: Points) -> bool:
    """Whether the steps that both have carry the same values, to the precision of the coarser print."""
    if np.isnan(first.steps).any() or np.isnan(other.steps).any():
        return len(first) == len(other) and bool(np.allclose(first.values, other.values, rtol=1e-3, equal_nan=True))
    _, one, two = np.intersect1d(first.steps, other.steps, return_indices=True)
    if len(one) < 0.5 * min(len(first), len(other)):
        return False
    return bool(np.allclose(first.values[one], other.values[two], rtol=2e-3, atol=1e-8, equal_nan=True))
