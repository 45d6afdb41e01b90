"""What a diagnosis says, as plain values."""

from traindx.diagnosis.finding import CONDITIONS, Condition, Confidence, Evidence, Finding, Severity
from traindx.diagnosis.report import (
    Action,
    Fact,
    Mark,
    MissingFact,
    Report,
    Scale,
    Skipped,
    SourceLine,
    Stage,
    State,
    Verdict,
)

__all__ = [
    "CONDITIONS",
    "Action",
    "Condition",
    "Confidence",
    "Evidence",
    "Fact",
    "Finding",
    "Mark",
    "MissingFact",
    "Report",
    "Scale",
    "Severity",
    "Skipped",
    "SourceLine",
    "Stage",
    "State",
    "Verdict",
]
