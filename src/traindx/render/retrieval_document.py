"""A judged retrieval, and a comparison of encoders, as a JSON document of version 1."""

from __future__ import annotations

import msgspec

import traindx.render.document_v1 as v1
import traindx.render.retrieval_v1 as r1
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


def retrievals_json(
    reports: list[RetrievalReport], comparison: EncoderComparison | None = None, *, version: str
) -> str:
    """Return judged retrievals as a JSON document, ending in a newline."""
    document = r1.RetrievalsV1(
        tool=v1.ToolV1(name="traindx", version=version),
        retrievals=[_retrieval(report) for report in reports],
        comparison=None if comparison is None else _encoders(comparison),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _retrieval(report: RetrievalReport) -> r1.RetrievalV1:
    return r1.RetrievalV1(
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


def _direction(way: Direction) -> r1.DirectionV1:
    return r1.DirectionV1(
        name=storable(way.name),
        queries=way.queries,
        gallery_size=way.gallery_size,
        positives=way.positives,
        without=way.without,
        clusters=None if way.clusters is None else int(way.clusters.max()) + 1,
        sentence=storable(way.sentence),
        measures=[_measure(m) for m in way.measures],
        histogram=[r1.BinV1(first=b.first, last=b.last, count=b.count, expected=b.expected) for b in way.histogram],
    )


def _measure(m: Measure) -> r1.MeasureV1:
    return r1.MeasureV1(
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


def _at_size(found: AtSize) -> r1.AtSizeV1:
    return r1.AtSizeV1(
        gallery_size=found.gallery_size,
        value=found.value,
        low=found.low,
        high=found.high,
        exact=found.exact,
        by=found.by,
    )


def _batch(bound: BatchBound) -> r1.BatchV1:
    return r1.BatchV1(
        loss=bound.loss,
        batch_size=bound.batch_size,
        least=bound.least,
        recall=bound.recall,
        low=bound.low,
        high=bound.high,
        chance=bound.chance,
        violated=bound.violated,
    )


def _encoders(found: EncoderComparison) -> r1.EncodersV1:
    return r1.EncodersV1(
        direction=storable(found.direction),
        queries=found.queries,
        gallery_size=found.gallery_size,
        equalised=found.equalised,
        confidence=found.confidence,
        sentence=storable(found.sentence),
        rows=[
            r1.EncoderV1(
                name=storable(row.name),
                dimension=row.dimension,
                gallery_size=row.gallery_size,
                standings=[
                    r1.StandingV1(metric=s.metric, value=s.value, low=s.low, high=s.high, best=s.best, tied=s.tied)
                    for s in row.standings
                ],
            )
            for row in found.rows
        ],
        differences=[
            r1.EncoderDifferenceV1(
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
            r1.LuckV1(
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
