"""The size of a retrieval gallery, from hit percentages that can only be counts of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from traindx.baselines import compatible_sizes, mrr_of_hits, sizes_by_luck
from traindx.context.curves import METRICS, Reading
from traindx.context.keys import Fact

# With two decimals, percentages tell sizes apart only up to about 3,000: beyond, nearly every size fits.
_UP_TO = 3_000
# A size is told where fewer smaller ones than this would fit by luck: for three cut-offs up to some 900 items.
_LUCK = 0.2


def infer_gallery_size(values: Mapping[str, object]) -> Fact | None:
    """Return the smallest gallery that explains all hit percentages of one evaluation (and its MRR), or None.

    Queries and gallery are taken to be of one size (one positive each). Without at least three percentages printed with
    two decimals or more, or where the smallest sizes that fit lie far apart, there is no answer.
    """
    metrics = values.get(METRICS.name)
    readings = cast("tuple[Reading, ...]", metrics) if isinstance(metrics, tuple) else ()
    hits = sorted(
        (r for r in readings if r.role.kind in ("recall_at_k", "hit_rate") and r.role.k),
        key=lambda r: r.role.k or 0,
    )
    by_k = {r.role.k: r for r in hits if hits and r.role.component == hits[0].role.component}
    if len(by_k) < 3:
        return None
    for index in range(min(len(r.series) for r in by_k.values())):
        percentages = {int(k or 0): _percent(r, index) for k, r in by_k.items()}
        fact = _from_percentages(percentages, _mrr(readings, index))
        if fact is not None:
            return fact
    return None


def _percent(reading: Reading, index: int) -> float:
    value = float(reading.series.values[index])
    return value * 100 if reading.role.unit == "fraction" else value


def _mrr(readings: tuple[Reading, ...], index: int) -> float | None:
    found = next((r for r in readings if r.role.kind == "mrr"), None)
    return float(found.series.values[index]) if found is not None and index < len(found.series) else None


def _from_percentages(percentages: Mapping[int, float], mrr: float | None) -> Fact | None:
    if not all(0 < p <= 100 for p in percentages.values()):  # NaN is no percentage either
        return None
    decimals = max(_decimals(p) for p in percentages.values())
    if decimals < 2:
        return None
    sizes = compatible_sizes(tuple(percentages.values()), decimals=min(decimals, 4), up_to=_UP_TO)
    if mrr is not None:
        sizes = tuple(n for n in sizes if _mrr_fits(percentages, n, mrr))
    if not sizes or sizes_by_luck(tuple(percentages.values()), min(decimals, 4), sizes[0]) > _LUCK:
        return None
    if sizes[-1] > 4 * sizes[0]:
        sizes = tuple(n for n in sizes if n <= 1.1 * sizes[0]) if sizes[0] < _UP_TO / 2 else ()
    if not sizes:
        return None
    size = sizes[len(sizes) // 2 if sizes[-1] - sizes[0] < 0.02 * sizes[0] else 0]
    shown = ", ".join(f"{p:g} %" for p in percentages.values())
    also = f" and MRR {mrr:g}" if mrr is not None else ""
    return Fact("gallery_size", int(size), "inferred", f"{shown}{also} are counts of {sizes[0]}-{sizes[-1]} items")


def _decimals(value: float) -> int:
    text = f"{value:.6f}".rstrip("0")
    return len(text.partition(".")[2])


def _mrr_fits(percentages: Mapping[int, float], size: int, mrr: float) -> bool:
    """Whether the MRR agrees with these hits when the misses lie anywhere: within a tenth of what is logged."""
    hits = {k: round(p * size / 100) for k, p in percentages.items()}
    return abs(mrr_of_hits(hits, size) - mrr) <= 0.1 * mrr
