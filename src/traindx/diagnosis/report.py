"""The whole answer about one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

from traindx.diagnosis.cause import Cause
from traindx.diagnosis.choice import Choice
from traindx.diagnosis.finding import Confidence, Finding
from traindx.diagnosis.outlook import Outlook

State = Literal["healthy", "attention", "failing", "inconclusive"]
Stage = Literal["start", "early", "middle", "late", "converged", "unknown"]
Doing = Literal["continue", "stop", "fix", "finish", "ask"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Is the run healthy? One sentence, always against a number that theory gives."""

    state: State
    summary: str
    confidence: Confidence
    stage: Stage = "unknown"


@final
@dataclass(frozen=True, slots=True)
class Action:
    """What to do now."""

    do: Doing
    text: str


@final
@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as reported: its value, how it is known, and from where."""

    key: str
    value: int | float | str | bool
    origin: Literal["given", "read", "inferred"]
    source: str = ""


@final
@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that would change the answer, and what it would change."""

    key: str
    would: str


@final
@dataclass(frozen=True, slots=True)
class Mark:
    """One mark on the scale: a baseline or a value of the run."""

    name: Literal["floor", "typical", "best", "current", "trivial", "chance", "initial", "first"]
    value: float
    label: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where the judged loss stands between guessing and as good as it gets.

    ``skill`` is (trivial - current) / (trivial - floor): 0 is a constant predictor, 1 the floor. ``choices`` is exp(loss) for
    losses in nats: among how many equally likely answers the model still hesitates.
    """

    series: str
    unit: str
    marks: tuple[Mark, ...]
    skill: float | None = None
    choices: float | None = None
    sentence: str = ""


@final
@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that could not run, and what it needed."""

    code: str
    needs: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class SourceLine:
    """One file as the report names it."""

    path: str
    format: str
    rows: int
    skipped_rows: int
    incomplete: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole answer about one run, ready to be rendered: nothing in it needs another look at the log.

    ``last_step`` is the last step that any series reached; None where the log has no steps.
    """

    name: str
    sources: tuple[SourceLine, ...]
    verdict: Verdict
    action: Action
    facts: tuple[Fact, ...] = ()
    missing_facts: tuple[MissingFact, ...] = ()
    findings: tuple[Finding, ...] = ()
    causes: tuple[Cause, ...] = ()
    scale: Scale | None = None
    forecast: Outlook | None = None
    checkpoint: Choice | None = None
    passed: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    limits: tuple[str, ...] = ()
    last_step: float | None = None
