"""A judged retrieval, and a comparison of encoders, as JSON documents of version 1."""

from __future__ import annotations

import msgspec

import traindx.render.document_v1 as v1
from traindx.render.json_v1 import finding_v1, json_number, maybe_number
from traindx.render.untrusted import storable
from traindx.retrieval import (
    AtSize,
    BatchBound,
    Direction,
    EncoderComparison,
    Measure,
    RetrievalReport,
)


class MeasureV1(v1.Strict, frozen=True):
    """One metric: shares as fractions, ranks from 1. ``p_value`` is null where it is not known, ``ceiling`` where it was not asked for."""

    name: str
    kind: str
    k: int | None
    value: v1.Number
    low: v1.Number
    high: v1.Number
    interval: str
    chance: v1.Number
    formula: str
    times_chance: v1.Number
    p_value: v1.Number | None
    at_chance: bool
    ceiling: v1.Number | None
    meaning: str


class BinV1(v1.Strict, frozen=True):
    """Queries whose first right item stands between two ranks, and how many a random ranking would have."""

    first: int
    last: int
    count: v1.Number
    expected: v1.Number


class DirectionV1(v1.Strict, frozen=True):
    """One direction of a retrieval."""

    name: str
    queries: int
    gallery_size: int
    positives: v1.Number
    without: int
    clusters: int | None
    sentence: str
    measures: list[MeasureV1]
    histogram: list[BinV1]


class AtSizeV1(v1.Strict, frozen=True):
    """R@1 to expect with another number of items."""

    gallery_size: int
    value: v1.Number
    low: v1.Number
    high: v1.Number
    exact: bool
    by: str


class BatchV1(v1.Strict, frozen=True):
    """A batch loss beside the recall that the ranks give in batches of its size."""

    loss: v1.Number
    batch_size: int
    least: v1.Number
    recall: v1.Number
    low: v1.Number
    high: v1.Number
    chance: v1.Number
    violated: bool


class RetrievalV1(v1.Strict, frozen=True):
    """The whole answer about one set of embeddings."""

    name: str
    state: str
    verdict: str
    similarity: str
    ties: str
    confidence: v1.Number
    dimension: int
    directions: list[DirectionV1]
    findings: list[v1.FindingV1]
    passed: list[str]
    limits: list[str]
    batch: BatchV1 | None
    other_size: AtSizeV1 | None


class StandingV1(v1.Strict, frozen=True):
    """One metric of one encoder."""

    metric: str
    value: v1.Number
    low: v1.Number
    high: v1.Number
    best: bool
    tied: bool


class EncoderV1(v1.Strict, frozen=True):
    """One row of the table."""

    name: str
    dimension: int
    gallery_size: int
    standings: list[StandingV1]


class EncoderDifferenceV1(v1.Strict, frozen=True):
    """``after`` less ``before`` on the same queries."""

    metric: str
    before: str
    after: str
    difference: v1.Number
    low: v1.Number
    high: v1.Number
    p_value: v1.Number
    adjusted: v1.Number
    by: str
    outcome: str
    gained: int | None
    lost: int | None


class LuckV1(v1.Strict, frozen=True):
    """How much the best of several flatters."""

    metric: str
    name: str
    candidates: int
    value: v1.Number
    luck: v1.Number
    corrected: v1.Number


class EncodersV1(v1.Strict, frozen=True):
    """The table of encoders, the differences of pairs, and the luck of the best."""

    direction: str
    queries: int
    gallery_size: int
    equalised: bool
    confidence: v1.Number
    sentence: str
    rows: list[EncoderV1]
    differences: list[EncoderDifferenceV1]
    luck: list[LuckV1]
    limits: list[str]


class RetrievalsV1(v1.Strict, frozen=True, tag_field="schema_version", tag="1"):
    """What ``traindx retrieval --format json`` prints: each set of embeddings, and their comparison where there are several."""

    tool: v1.ToolV1
    retrievals: list[RetrievalV1]
    comparison: EncodersV1 | None


def retrievals_json(
    reports: list[RetrievalReport], comparison: EncoderComparison | None = None, *, version: str
) -> str:
    """Return judged retrievals as a JSON document, ending in a newline."""
    document = RetrievalsV1(
        tool=v1.ToolV1(name="traindx", version=version),
        retrievals=[_retrieval(report) for report in reports],
        comparison=None if comparison is None else _encoders(comparison),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _retrieval(report: RetrievalReport) -> RetrievalV1:
    return RetrievalV1(
        name=storable(report.name),
        state=report.state,
        verdict=storable(report.verdict),
        similarity=report.similarity,
        ties=report.ties,
        confidence=report.confidence,
        dimension=report.dimension,
        directions=[_direction(way) for way in report.directions],
        findings=[finding_v1(finding) for finding in report.findings],
        passed=list(report.passed),
        limits=[storable(limit) for limit in report.limits],
        batch=None if report.batch is None else _batch(report.batch),
        other_size=None if report.other_size is None else _at_size(report.other_size),
    )


def _direction(way: Direction) -> DirectionV1:
    return DirectionV1(
        name=storable(way.name),
        queries=way.queries,
        gallery_size=way.gallery_size,
        positives=way.positives,
        without=way.without,
        clusters=None if way.clusters is None else int(way.clusters.max()) + 1,
        sentence=storable(way.sentence),
        measures=[_measure(m) for m in way.measures],
        histogram=[BinV1(first=b.first, last=b.last, count=b.count, expected=b.expected) for b in way.histogram],
    )


def _measure(m: Measure) -> MeasureV1:
    return MeasureV1(
        name=m.name,
        kind=m.kind,
        k=m.k,
        value=json_number(m.value),
        low=json_number(m.low),
        high=json_number(m.high),
        interval=m.interval,
        chance=json_number(m.chance),
        formula=m.formula,
        times_chance=json_number(m.times_chance),
        p_value=maybe_number(m.p_value),
        at_chance=m.at_chance,
        ceiling=maybe_number(m.ceiling),
        meaning=storable(m.meaning),
    )


def _at_size(found: AtSize) -> AtSizeV1:
    return AtSizeV1(
        gallery_size=found.gallery_size,
        value=found.value,
        low=found.low,
        high=found.high,
        exact=found.exact,
        by=found.by,
    )


def _batch(bound: BatchBound) -> BatchV1:
    return BatchV1(
        loss=bound.loss,
        batch_size=bound.batch_size,
        least=bound.least,
        recall=bound.recall,
        low=bound.low,
        high=bound.high,
        chance=bound.chance,
        violated=bound.violated,
    )


def _encoders(found: EncoderComparison) -> EncodersV1:
    return EncodersV1(
        direction=storable(found.direction),
        queries=found.queries,
        gallery_size=found.gallery_size,
        equalised=found.equalised,
        confidence=found.confidence,
        sentence=storable(found.sentence),
        rows=[
            EncoderV1(
                name=storable(row.name),
                dimension=row.dimension,
                gallery_size=row.gallery_size,
                standings=[
                    StandingV1(metric=s.metric, value=s.value, low=s.low, high=s.high, best=s.best, tied=s.tied)
                    for s in row.standings
                ],
            )
            for row in found.rows
        ],
        differences=[
            EncoderDifferenceV1(
                metric=d.metric,
                before=storable(d.before),
                after=storable(d.after),
                difference=d.difference,
                low=d.low,
                high=d.high,
                p_value=d.p_value,
                adjusted=d.adjusted,
                by=d.by,
                outcome=d.outcome,
                gained=d.gained,
                lost=d.lost,
            )
            for d in found.differences
        ],
        luck=[
            LuckV1(
                metric=one.metric,
                name=storable(one.name),
                candidates=one.candidates,
                value=one.value,
                luck=one.luck,
                corrected=one.corrected,
            )
            for one in found.luck
        ],
        limits=[storable(limit) for limit in found.limits],
    )
