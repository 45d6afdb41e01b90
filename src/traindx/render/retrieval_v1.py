"""The shape of judged retrievals as JSON, version 1."""

from __future__ import annotations

import traindx.render.document_v1 as v1


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
