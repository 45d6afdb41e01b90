"""Report format version 1: a JSON document whose shape stands apart from the types used inside.

Names and meanings are frozen: a version 1 document may gain fields, it never loses or changes one. JSON has no NaN and
no infinities, so a number that is one is written as the string "NaN", "Infinity" or "-Infinity"; null means "none".
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Special = Literal["NaN", "Infinity", "-Infinity"]
Number = float | int | Special
Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]
State = Literal["healthy", "attention", "failing", "inconclusive"]
KnownV1 = Literal["given", "read", "inferred", "assumed", ""]
Stage = Literal["start", "early", "middle", "late", "converged", "unknown"]
Condition = Literal[
    "nan", "diverged", "collapsed", "at_chance", "spikes", "oscillating", "plateau", "undertrained", "overfit",
    "suspicious_val", "scale", "restarted", "lr_schedule", "clipped", "mixed_streams", "metric_arithmetic",
]  # fmt: skip


class Strict(msgspec.Struct, frozen=True, kw_only=True):
    """Any object of the document."""


class ToolV1(Strict, frozen=True):
    """The program that wrote the document."""

    name: str
    version: str


class SourceV1(Strict, frozen=True):
    """One file that the run was read from. Rows that should have given numbers and did not are skipped rows."""

    path: str
    format: str
    rows: int
    skipped_rows: int
    incomplete: Annotated[str, msgspec.Meta(description="what is missing from the file; empty where it is whole")]


class VerdictV1(Strict, frozen=True):
    """Is the run healthy? The confidence is a probability."""

    state: State
    summary: str
    confidence: Probability
    stage: Stage


class ActionV1(Strict, frozen=True):
    """What to do now."""

    do: Literal["continue", "stop", "fix", "finish", "ask"]
    text: str


class FactV1(Strict, frozen=True):
    """Something true of the run that is not a curve, and how it is known."""

    key: str
    value: Number | str | bool
    origin: Literal["given", "read", "inferred"]
    source: str


class MissingFactV1(Strict, frozen=True):
    """A fact that would change the answer, and what it would change."""

    key: str
    would: str


class EvidenceV1(Strict, frozen=True):
    """A measured number against the number expected of it. Steps are null where unknown."""

    label: str
    measured: Number | None
    expected: Number | None
    formula: str
    unit: str
    series: str | None
    first_step: float | int | None
    last_step: float | int | None
    where: Annotated[str, msgspec.Meta(description="file:line of the first point; empty where unknown")]
    note: str


class FindingV1(Strict, frozen=True):
    """One thing that is wrong. Severity is its cost if true, confidence the probability that it is true."""

    code: str
    name: str
    condition: Condition | None
    severity: Literal["error", "warning", "info"]
    confidence: Probability
    headline: str
    evidence: list[EvidenceV1]
    why: str
    do: list[str]
    check: str
    decided_by: Literal["log", "facts", "data"]


class CauseV1(Strict, frozen=True):
    """An explanation that would produce several findings, and the test that would confirm or refute it."""

    name: str
    probability: Probability
    because: list[str]
    test: str
    meaning: str
    against: list[str]
    fix: str
    signs: list[str]
    leads: Annotated[bool, msgspec.Meta(description="whether it is clearly ahead of all other causes")]


class BranchV1(Strict, frozen=True):
    """The same forecast under one of several possible schedules."""

    schedule: str
    value: Number
    low: Number
    high: Number


class ReachV1(Strict, frozen=True):
    """When a target is reached; null means not within the plan."""

    target: Number
    earliest: Number | None
    expected: Number | None
    latest: Number | None
    reached: bool


class ForecastV1(Strict, frozen=True):
    """Where a series will end: the level of the last 4 % of the run, with an interval.

    Numbers are null where the forecast is refused, and the text says why. ``end_from`` and ``schedule_from`` say how the
    plan is known (empty where it is not).
    """

    series: str
    schedule: str
    schedule_from: KnownV1
    axis: Literal["step", "epoch"]
    now: Number
    now_at: Number
    end_at: Number | None
    end_from: KnownV1
    value: Number | None
    low: Number | None
    high: Number | None
    coverage: Probability
    gain: Number | None
    gain_low: Number | None
    gain_high: Number | None
    worthwhile: Annotated[Number | None, msgspec.Meta(description="the least gain worth having")]
    seconds_left: Number | None
    seconds_low: Number | None
    seconds_high: Number | None
    slowdown: Annotated[Number | None, msgspec.Meta(description="how many times as long a step takes now as at first")]
    branches: list[BranchV1]
    reach: ReachV1 | None
    advice: Literal["continue", "stop", "probe", "refused"]
    text: str


class CheckpointV1(Strict, frozen=True):
    """The checkpoint to keep by one objective; ``tied`` are the places that noise cannot tell from it."""

    objective: str
    direction: Literal["lower", "higher"]
    axis: Literal["step", "epoch"]
    at: Number
    value: Number
    corrected: Number | None
    noise: Number | None
    tied: list[Number]
    path: str
    text: str


class MarkV1(Strict, frozen=True):
    """One mark of the ruler."""

    name: str
    value: Number
    label: str


class ScaleV1(Strict, frozen=True):
    """The ruler of the judged loss. Named marks are null where there is none; ``marks`` holds all, with labels."""

    series: str
    unit: str
    floor: Number | None
    typical: Number | None
    best: Number | None
    current: Number | None
    trivial: Number | None
    chance: Number | None
    initial: Number | None
    first: Number | None
    skill: Annotated[Number | None, msgspec.Meta(description="0 is the best constant predictor, 1 the floor")]
    choices: Annotated[Number | None, msgspec.Meta(description="exp(loss): equally likely answers that remain")]
    sentence: str
    marks: list[MarkV1]


class SkippedV1(Strict, frozen=True):
    """A rule that could not run, and the names of what it needs."""

    code: str
    needs: list[str]


class RunV1(Strict, frozen=True):
    """The whole answer about one run."""

    name: str
    sources: list[SourceV1]
    verdict: VerdictV1
    action: ActionV1
    facts: list[FactV1]
    missing_facts: list[MissingFactV1]
    findings: list[FindingV1]
    causes: list[CauseV1]
    scale: ScaleV1 | None
    forecast: ForecastV1 | None
    checkpoint: CheckpointV1 | None
    passed: list[str]
    skipped: list[SkippedV1]
    limits: list[str]
    last_step: float | int | None


class LineV1(RunV1, frozen=True, tag_field="schema_version", tag="1"):
    """The whole answer about one run, as one line of JSON Lines."""


class DocumentV1(Strict, frozen=True, tag_field="schema_version", tag="1"):
    """What traindx says about one or several runs."""

    tool: ToolV1
    runs: list[RunV1]


class RunForecastV1(ForecastV1, frozen=True):
    """The forecast of one run."""

    run: str


class ForecastsV1(Strict, frozen=True, tag_field="schema_version", tag="1"):
    """What ``traindx predict`` says: one forecast for each run."""

    tool: ToolV1
    forecasts: list[RunForecastV1]
