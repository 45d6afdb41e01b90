"""Audit format version 1: the shape of the document, apart from the types used inside. Fields are added, never renamed or removed."""

from __future__ import annotations

from traindx.render.document_v1 import ActionV1, FindingV1, Number, Strict, ToolV1, VerdictV1


class ColumnV1(Strict, frozen=True):
    """One feature. Moments are of the finite values; numbers that do not exist are null."""

    name: str
    rows: int
    count: int
    nan: int
    positive_infinite: int
    negative_infinite: int
    zeros: int
    mean: Number | None
    deviation: Number | None
    minimum: Number | None
    maximum: Number | None
    skewness: Number | None
    kurtosis: Number | None
    square_sum_top: Number | None
    quantile_levels: list[float]
    quantiles: list[Number]
    distinct: int | None


class GroupV1(Strict, frozen=True):
    """The features of one array inside one group."""

    group: str
    features: list[ColumnV1]


class ArrayV1(Strict, frozen=True):
    """One array: what it is taken as, its pooled statistics, and those of each feature and group."""

    name: str
    where: str
    shape: list[int]
    dtype: str
    role: str
    target: bool
    masked_share: float
    unread_rows: int
    unread: list[str]
    whole: ColumnV1
    features: list[ColumnV1]
    groups: list[GroupV1]


class LevelV1(Strict, frozen=True):
    """What one kind of answer that knows nothing scores on one array."""

    array: str
    loss: str
    answer: str
    rung: str
    value: Number
    unit: str
    formula: str
    meaning: str
    source: str


class DataFactV1(Strict, frozen=True):
    """A fact of every run on this dataset."""

    key: str
    value: Number | str
    source: str


class UnaskedV1(Strict, frozen=True):
    """Checks that were not asked, and what they lack."""

    codes: list[str]
    lacks: str


class AuditV1(Strict, frozen=True, tag_field="schema_version", tag="1"):
    """What ``traindx data --format json`` prints."""

    tool: ToolV1
    path: str
    format: str
    rows: int
    size_bytes: int
    verdict: VerdictV1
    action: ActionV1
    findings: list[FindingV1]
    arrays: list[ArrayV1]
    against: str
    baselines: list[LevelV1]
    facts: list[DataFactV1]
    notes: list[str]
    passed: list[str]
    unasked: list[UnaskedV1]
    limits: list[str]
