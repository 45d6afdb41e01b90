"""traindx reads the log of any training run and says, against theory, whether the run is healthy."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traindx import dataset, live, probe, retrieval
    from traindx.api import compare, diagnose, read
    from traindx.diagnosis import Comparison, Evidence, Finding, Report, Severity, Verdict
    from traindx.errors import TraindxError, UnreadableLogError, UsageError
    from traindx.live import Change, Monitor, Objective, StopPolicy
    from traindx.run import Run, Series, Span

__version__ = "0.1.0"

# Rooms that are entered by their own name: traindx.retrieval.evaluate(...), traindx.dataset.profile(...).
_ROOMS = ("dataset", "live", "probe", "retrieval")
_HOMES = {
    "compare": "traindx.api",
    "diagnose": "traindx.api",
    "read": "traindx.api",
    "Change": "traindx.live",
    "Monitor": "traindx.live",
    "Objective": "traindx.live",
    "StopPolicy": "traindx.live",
    "Comparison": "traindx.diagnosis",
    "Evidence": "traindx.diagnosis",
    "Finding": "traindx.diagnosis",
    "Report": "traindx.diagnosis",
    "Severity": "traindx.diagnosis",
    "Verdict": "traindx.diagnosis",
    "TraindxError": "traindx.errors",
    "UnreadableLogError": "traindx.errors",
    "UsageError": "traindx.errors",
    "Run": "traindx.run",
    "Series": "traindx.run",
    "Span": "traindx.run",
}

__all__ = [
    "Change",
    "Comparison",
    "Evidence",
    "Finding",
    "Monitor",
    "Objective",
    "Report",
    "Run",
    "Series",
    "Severity",
    "Span",
    "StopPolicy",
    "TraindxError",
    "UnreadableLogError",
    "UsageError",
    "Verdict",
    "__version__",
    "compare",
    "dataset",
    "diagnose",
    "live",
    "probe",
    "read",
    "retrieval",
]


def __getattr__(name: str) -> object:
    """Import a public name from its room on first use, so that ``import traindx`` stays cheap."""
    if name in _ROOMS:
        return import_module(f"traindx.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'traindx' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
