"""Logs in the forms of real programs, and the report about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

import traindx
from traindx.context import FactValue
from traindx.diagnosis import Finding, Report, Severity


def asked(folder: Path, lines: Iterable[str] | str, /, name: str = "train.log", **facts: FactValue) -> Report:
    """Write a log and return the report about it."""
    path = folder / name
    path.write_text(lines if isinstance(lines, str) else "\n".join(lines) + "\n", encoding="utf-8")
    report = traindx.diagnose(path, facts=facts)
    assert isinstance(report, Report)
    return report


def curve(start: float, end: float, count: int, noise: float = 0.0, *, tau: float = 0.25, seed: int = 0) -> list[float]:
    """An exponential approach with Gaussian noise; ``tau`` is its time constant as a share of the whole."""
    share = np.arange(count) / max(1, count - 1)
    values = end + (start - end) * np.exp(-share / tau) + np.random.default_rng(seed).normal(0, 1, count) * noise
    return [float(v) for v in values]


def flat(level: float, count: int, noise: float = 0.0, *, seed: int = 0) -> list[float]:
    """A constant with Gaussian noise."""
    return [float(v) for v in level + np.random.default_rng(seed).normal(0, 1, count) * noise]


def loud(report: Report) -> list[Finding]:
    """The errors and warnings of a report."""
    return [f for f in report.findings if f.severity is not Severity.INFO]


def conditions(report: Report) -> set[str | None]:
    """The conditions of all errors and warnings."""
    return {f.condition for f in loud(report)}


def wanted(report: Report) -> list[str]:
    """The facts that the report asks for, the first three as people see them."""
    return [m.key for m in report.missing_facts[:3]]


def words(report: Report) -> str:
    """Everything that the report says, in one lower-case string."""
    told: list[str] = [report.verdict.summary, report.action.text, *report.limits]
    for f in report.findings:
        told += [f.headline, f.why, f.check, *f.do, *(e.formula + " " + e.note + " " + e.label for e in f.evidence)]
    told += [c.name + " " + c.meaning + " " + c.test for c in report.causes]
    if report.forecast is not None:
        told.append(report.forecast.text)
    if report.checkpoint is not None:
        told.append(report.checkpoint.text)
    return " ".join(told).lower()


def said(report: Report, *alternatives: str) -> bool:
    """Whether one of several words stands anywhere in the report."""
    text = words(report)
    return any(word.lower() in text for word in alternatives)


def hf(values: Sequence[float], every: int = 10, **more: Sequence[float] | float) -> list[str]:
    """Dictionaries as the Hugging Face Trainer prints them."""
    rows: list[str] = []
    for n, value in enumerate(values):
        extra = "".join(f", '{k}': {_at(v, n)}" for k, v in more.items())
        rows.append(f"{{'loss': {value:.4f}{extra}, 'epoch': {round((n + 1) * every / 1000, 3)}}}")
    return rows


def _at(values: Sequence[float] | float, place: int) -> str:
    value = values if isinstance(values, int | float) else values[place]
    return "nan" if value != value else f"{value:.6g}"
