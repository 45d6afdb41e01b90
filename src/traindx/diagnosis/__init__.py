"""What a diagnosis says, as plain values."""

from traindx.diagnosis.cause import Cause
from traindx.diagnosis.choice import Choice
from traindx.diagnosis.comparison import Alignment, Changed, Comparison, Difference, Outcome
from traindx.diagnosis.finding import CONDITIONS, Condition, Confidence, Evidence, Finding, Severity
from traindx.diagnosis.outlook import Advice, Branch, Known, Outlook, Reach
from traindx.diagnosis.question import Check, Question, RuleMeta
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
    "Advice",
    "Alignment",
    "Branch",
    "Cause",
    "Changed",
    "Check",
    "Choice",
    "Comparison",
    "Condition",
    "Confidence",
    "Difference",
    "Evidence",
    "Fact",
    "Finding",
    "Known",
    "Mark",
    "MissingFact",
    "Outcome",
    "Outlook",
    "Question",
    "Reach",
    "Report",
    "RuleMeta",
    "Scale",
    "Severity",
    "Skipped",
    "SourceLine",
    "Stage",
    "State",
    "Verdict",
]
