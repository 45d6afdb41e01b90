"""One thing that a rule says is wrong, with evidence that can be checked by hand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, final, get_args

from traindx.run import Span

Condition = Literal[
    "nan",
    "diverged",
    "collapsed",
    "at_chance",
    "spikes",
    "oscillating",
    "plateau",
    "undertrained",
    "overfit",
    "suspicious_val",
    "scale",
    "restarted",
    "lr_schedule",
    "clipped",
    "mixed_streams",
    "metric_arithmetic",
]
CONDITIONS: tuple[str, ...] = get_args(Condition)

Confidence = float  # probability that the finding is true, 0 to 1


class Severity(Enum):
    """What it costs if the finding is true."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One number against the number that it was compared with.

    ``measured`` and ``expected`` are in ``unit``; ``formula`` says where ``expected`` comes from; ``span`` says where
    in the run; ``note`` is one short clause where numbers alone do not say it.
    """

    label: str
    measured: float | None = None
    expected: float | None = None
    formula: str = ""
    unit: str = ""
    span: Span | None = None
    note: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a rule says is wrong.

    ``headline`` is one lower-case sentence with the measured number in it and no advice; ``do`` are actions, the best
    first; ``check`` is the cheapest test that would refute it; ``why`` says in a sentence or two why it matters;
    ``decided_by`` tells what the finding rests on. ``rank`` orders findings of equal severity: the
    deeper cause has the higher rank. ``undermines`` marks findings that make the log itself doubtful, so that no
    verdict can rest on the series they name.
    """

    code: str
    name: str
    condition: Condition | None
    severity: Severity
    confidence: Confidence
    headline: str
    evidence: tuple[Evidence, ...]
    why: str = ""
    do: tuple[str, ...] = ()
    check: str = ""
    decided_by: Literal["log", "facts", "data"] = "log"
    rank: int = 0
    undermines: bool = False
