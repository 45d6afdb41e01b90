"""What traindx says of each run, reduced to what is scored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

Row = Mapping[str, Any]
"""One row of labels.jsonl."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one tool says of one run. ``findings`` are (code, name or condition, severity, confidence); ``causes`` (name, probability)."""

    read: bool
    findings: tuple[tuple[str, str, str, float], ...] = ()
    causes: tuple[tuple[str, float], ...] = ()
    verdict: str = ""
    confidence: float = float("nan")
    problem: str = ""

    @property
    def fails(self) -> bool:
        """Whether it calls the run broken."""
        return any(severity in FAILS for _, _, severity, _ in self.findings)

    @property
    def alarms(self) -> bool:
        """Whether it says anything that asks for an action."""
        return any(severity not in QUIET for _, _, severity, _ in self.findings)


FAILS = frozenset({"error", "critical", "fail", "high"})
QUIET = frozenset({"info", "note", "low", "pass"})


def labels(runs: Path) -> list[Row]:
    """Return the rows of a folder that ``generate`` has filled."""
    lines = (runs / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def judged(runs: Path, rows: Sequence[Row]) -> list[Said]:
    """Ask traindx about the log of every row: the log and what lies beside it, no facts."""
    from traindx.api import diagnose_all
    from traindx.errors import TraindxError

    found = []
    for row in rows:
        try:
            found.append(_said(diagnose_all(runs / row["path"])))
        except TraindxError as problem:
            found.append(Said(read=False, problem=str(problem)))
    return found


def _said(reports: Sequence[Any]) -> Said:
    """Several runs in one file count as one answer: the verdict of the worst."""
    order = ("failing", "attention", "inconclusive", "healthy")
    worst = min(reports, key=lambda report: order.index(report.verdict.state))
    return Said(
        read=True,
        findings=tuple(
            (f.code, f.condition or f.name, f.severity.value, f.confidence) for r in reports for f in r.findings
        ),
        causes=tuple((cause.name, cause.probability) for cause in worst.causes),
        verdict=worst.verdict.state,
        confidence=worst.verdict.confidence,
        problem="; ".join(limit for r in reports for limit in r.limits if "failed with" in limit),
    )


def of_peer(answer: str | Sequence[tuple[str, str]]) -> Said:
    """Return a peer's answer in the same form."""
    if isinstance(answer, str):
        return Said(read=False, problem=answer)
    return Said(read=True, findings=tuple((name, coarse(name), str(level).lower(), 1.0) for name, level in answer))


_COARSE = (
    ("non_finite", "nan"),
    ("non-finite", "nan"),
    ("no_learning", "trivial"),
    ("nan", "nan"),
    ("inf", "nan"),
    ("zero-loss", "nan"),
    ("diverg", "diverged"),
    ("explod", "diverged"),
    ("chance", "trivial"),
    ("ln(k)", "trivial"),
    ("not learning", "trivial"),
    ("not_learning", "trivial"),
    ("flat", "trivial"),
    ("dead", "trivial"),
    ("no learning", "trivial"),
    ("stuck", "trivial"),
    ("no_progress", "trivial"),
    ("overfit", "overfit"),
    ("backtrack", "restarted"),
    ("reset", "restarted"),
)
_TRIVIAL = {"at_chance": "trivial", "collapsed": "trivial"}


def coarse(name: str) -> str:
    """Return the condition that a peer's finding means, by the words in its name; "other" where none is known."""
    low = name.lower()
    return next((condition for word, condition in _COARSE if word in low), "other")


def merged(condition: str) -> str:
    """Conditions that no peer tells apart count as one: at chance and collapsed are both "trivial"."""
    return _TRIVIAL.get(condition, condition)
