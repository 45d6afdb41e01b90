"""Comparing encoders or checkpoints on the same queries: paired tests, differences, ties, and the luck of the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UsageError, unknown_name
from traindx.retrieval import metrics
from traindx.retrieval.comparison_words import kept_in_mind, sentence
from traindx.retrieval.encoders import EncoderComparison, EncoderDifference, EncoderRow, Luck, Outcome, Standing
from traindx.retrieval.evaluate import evaluate
from traindx.retrieval.other_sizes import hits_of_ranking, reciprocal_of_ranking
from traindx.retrieval.rank import Table
from traindx.retrieval.report import Direction, RetrievalReport
from traindx.retrieval.spread import Labels, mean_error, mean_spread, share_spread
from traindx.retrieval.tails import upper_normal
from traindx.signals import mcnemar

Floats = NDArray[np.float64]

_SURE = 0.05
_DRAWS = 400


def compare(
    encoders: Mapping[str, RetrievalReport | tuple[Table, Table]],
    *,
    baseline: str | None = None,
    ks: Sequence[int] = (1, 5),
    gallery_size: int | None = None,
    backward: bool = False,
) -> EncoderComparison:
    """Compare encoders that ranked the same queries, in the same order.

    ``encoders`` are reports of ``evaluate`` under the names to print, or pairs of queries and gallery whose row i belongs to row i. All pairs of
    encoders are tested, or with ``baseline`` each of the others against that one. Where galleries differ in size, or ``gallery_size`` is given, all ranks are brought to the smaller one
    exactly: the mean over random sub-galleries that hold the right item. Raises ``UsageError`` for less than two encoders, or different numbers of queries.
    """
    reports = {name: _report(name, one) for name, one in encoders.items()}
    if baseline is not None and baseline not in reports:
        raise unknown_name("encoder", baseline, reports)
    ways = {name: _way(report, backward=backward) for name, report in reports.items()}
    _same_queries(ways)
    first = next(iter(ways.values()))
    clusters = next((way.clusters for way in ways.values() if way.clusters is not None), None)
    sizes = {way.gallery_size for way in ways.values()}
    size = _common(sizes, gallery_size)
    equalised = sizes != {size}
    confidence = next(iter(reports.values())).confidence
    values = {
        metric: {name: _values(way, reports[name], metric, size) for name, way in ways.items()}
        for metric in (*(f"R@{k}" for k in ks), "MRR")
    }
    every = _all_differences(values, clusters, confidence, None)
    rows = tuple(_row(name, reports[name], ways[name], values, every, clusters) for name in reports)
    luck = tuple(luck_of(metric, scores, clusters) for metric, scores in values.items())
    return EncoderComparison(
        queries=first.queries,
        direction=first.name,
        gallery_size=size,
        equalised=equalised,
        confidence=confidence,
        rows=rows,
        differences=every if baseline is None else _all_differences(values, clusters, confidence, baseline),
        luck=luck,
        sentence=sentence(next(iter(values)), rows, every, ways),
        limits=tuple(kept_in_mind(luck, equalised=equalised, size=size)),
    )


def _report(name: str, one: RetrievalReport | tuple[Table, Table]) -> RetrievalReport:
    return one if isinstance(one, RetrievalReport) else evaluate(*one, name=name, examine=False)


def _way(report: RetrievalReport, *, backward: bool) -> Direction:
    if not backward:
        return report.forward
    if report.backward is None:
        raise UsageError(
            "a report without the other direction cannot be compared in it", hint="evaluate with both=True"
        )
    return report.backward


def _same_queries(ways: Mapping[str, Direction]) -> None:
    """Refuse encoders whose queries cannot be paired."""
    if len(ways) < 2:
        raise UsageError("one encoder is nothing to compare", hint="give two or more")
    counts = {name: way.queries + way.without for name, way in ways.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        raise UsageError(
            f"the encoders ranked different queries: {told}", hint="all need the same queries in the same order"
        )
    rows = [way.ranking.query_rows for way in ways.values()]
    if any(row is not None and rows[0] is not None and not np.array_equal(row, rows[0]) for row in rows):
        raise UsageError("the encoders have right items for different queries", hint="tell the same right items to all")


def _common(sizes: set[int], wanted: int | None) -> int:
    size = min(sizes) if wanted is None else wanted
    if not 1 <= size <= min(sizes):
        raise UsageError(f"a gallery of {size:,} cannot be drawn from {min(sizes):,} items")
    return size


def _values(way: Direction, report: RetrievalReport, metric: str, size: int) -> Floats:
    """The score of each query by one metric, in a gallery of ``size``."""
    ranking, ties = way.ranking, report.ties
    k = None if metric == "MRR" else int(metric.removeprefix("R@"))
    if size == ranking.gallery_size:
        return metrics.reciprocal_rank(ranking, ties) if k is None else metrics.hit_rate(ranking, k, ties)
    if k is None:
        return reciprocal_of_ranking(ranking, ties, size)
    return hits_of_ranking(ranking, ties, size, k)


def _all_differences(
    values: Mapping[str, Mapping[str, Floats]], clusters: Labels | None, confidence: float, baseline: str | None
) -> tuple[EncoderDifference, ...]:
    found = [_differences(metric, scores, clusters, confidence, baseline) for metric, scores in values.items()]
    return tuple(difference for each in found for difference in each)


def _differences(
    metric: str, scores: Mapping[str, Floats], clusters: Labels | None, confidence: float, baseline: str | None
) -> list[EncoderDifference]:
    """Every pair of encoders, or each of the others against the baseline, with Holm's correction over these pairs."""
    pairs = (
        list(combinations(scores, 2)) if baseline is None else [(baseline, one) for one in scores if one != baseline]
    )
    tests = [_paired_test(scores[one], scores[other], clusters) for one, other in pairs]
    adjusted = holm([p for p, *_ in tests])
    found: list[EncoderDifference] = []
    for (one, other), (p_value, by, gained, lost), corrected in zip(pairs, tests, adjusted, strict=True):
        gaps = scores[other] - scores[one]
        spread = mean_spread(gaps, clusters, confidence, least=-1.0, most=1.0)
        difference = float(gaps.mean())
        outcome: Outcome = "tied" if not corrected < _SURE else "better" if difference > 0 else "worse"
        found.append(
            EncoderDifference(
                metric=metric,
                before=one,
                after=other,
                difference=difference,
                low=spread.low,
                high=spread.high,
                p_value=p_value,
                adjusted=corrected,
                by=by,
                outcome=outcome,
                gained=gained,
                lost=lost,
            )
        )
    return found


def _paired_test(one: Floats, other: Floats, clusters: Labels | None) -> tuple[float, str, int | None, int | None]:
    """The two-sided p-value that both score alike, how it was found, and how many queries only one of them finds."""
    whole = bool(np.all((one == 0) | (one == 1)) and np.all((other == 0) | (other == 1)))
    gained, lost = (int(np.sum(other > one)), int(np.sum(other < one))) if whole else (None, None)
    if whole and clusters is None:
        assert gained is not None
        assert lost is not None
        return mcnemar(lost, gained), "McNemar", gained, lost
    gaps = other - one
    found = mean_error(gaps, clusters)
    difference = float(gaps.mean())
    if not found.error > 0:
        return float(difference == 0), "all queries alike", gained, lost
    by = "paired" if clusters is None else "paired, clustered"
    return 2 * upper_normal(abs(difference) / found.error), by, gained, lost


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that hold for all tests together. Source: S. Holm, 1979.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    adjusted, least = [1.0] * len(p_values), 0.0
    for place, at in enumerate(order):
        least = max(least, min(1.0, (len(p_values) - place) * p_values[at]))
        adjusted[at] = least
    return adjusted


def _row(
    name: str,
    report: RetrievalReport,
    way: Direction,
    values: Mapping[str, Mapping[str, Floats]],
    differences: Sequence[EncoderDifference],
    clusters: Labels | None,
) -> EncoderRow:
    standings: list[Standing] = []
    for metric, scores in values.items():
        best = max(scores, key=lambda one: float(scores[one].mean()))
        between = [d for d in differences if d.metric == metric and {d.before, d.after} == {name, best}]
        hits = metric != "MRR" and bool(np.all((scores[name] == 0) | (scores[name] == 1)))
        spread = (share_spread if hits else mean_spread)(scores[name], clusters, report.confidence)
        standings.append(
            Standing(
                metric=metric,
                value=float(scores[name].mean()),
                low=spread.low,
                high=spread.high,
                best=name == best,
                tied=name != best and all(d.outcome == "tied" for d in between),
            )
        )
    return EncoderRow(name=name, dimension=report.dimension, gallery_size=way.gallery_size, standings=tuple(standings))


def luck_of(metric: str, scores: Mapping[str, Floats], clusters: Labels | None) -> Luck:
    """Return how much the best of several encoders is expected to flatter itself, on queries drawn again (a fixed seed).

    The levels to draw about are shrunk to their mean by as much as noise alone would spread them, so that encoders which are all
    the same show the full luck of the best. Queries are shared: what they do to all encoders alike is no luck of one.
    """
    names = list(scores)
    table = np.stack([scores[name] for name in names])
    n = table.shape[1]
    units = np.arange(n, dtype=np.int64) if clusters is None else clusters
    sums = np.stack([np.bincount(units, weights=row) for row in table])
    sizes = np.bincount(units).astype(np.float64)
    levels = table.mean(axis=1)
    apart = table - table.mean(axis=0)
    # A row less the mean of all rows has lost a k-th of its own noise.
    noise = float(np.mean([mean_error(row, clusters).error ** 2 for row in apart])) * len(names) / (len(names) - 1)
    spread = float(np.var(levels, ddof=1))
    kept = max(0.0, 1 - noise / spread) if spread > 0 else 0.0
    shrunk = levels.mean() + kept * (levels - levels.mean())
    rng = np.random.default_rng(0)
    gains: list[float] = []
    for _ in range(_DRAWS):
        times = np.bincount(rng.integers(0, len(sizes), len(sizes)), minlength=len(sizes)).astype(np.float64)
        noise_of = sums @ times / float(times @ sizes) - levels
        common = float(noise_of.mean())
        best = int(np.argmax(shrunk + noise_of))
        gains.append(float(noise_of[best]) - common)
    best = int(np.argmax(levels))
    return Luck(
        metric=metric,
        name=names[best],
        candidates=len(names),
        value=float(levels[best]),
        luck=max(float(np.mean(gains)), 0.0),
    )
