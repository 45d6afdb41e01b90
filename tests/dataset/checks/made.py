"""Subjects made of arrays in memory, and what a check says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from traindx.arrays import MemorySource
from traindx.dataset import profile
from traindx.dataset.checks import DataCheck, Subject, is_there
from traindx.dataset.settings import AuditSettings
from traindx.dataset.subjects import subject_of
from traindx.diagnosis import Finding

NOWHERE = Path("no such folder") / "data.npz"


def subject(arrays: dict[str, Any], **told: Any) -> Subject:
    """Return the subject of arrays in memory, with settings as keywords."""
    settings = AuditSettings(**told)
    given = {name: np.asarray(array) for name, array in arrays.items()}
    measured = profile(given, mask=settings.mask or None, group=settings.group or None)
    sources = {name: MemorySource(np.atleast_1d(array), name=name, where=name) for name, array in given.items()}
    return subject_of(measured, sources, settings, NOWHERE)[0]


def found(check: type[DataCheck], one: Subject, **options: Any) -> list[Finding]:
    """Return what a check says, and see to it that it is not asked where it cannot know."""
    return list(check(**options).check(one)) if is_there(one, check.needs) else []


def only(check: type[DataCheck], one: Subject) -> Finding:
    """Return the single finding of a check."""
    (finding,) = found(check, one)
    assert finding.code == check.meta.code
    assert finding.evidence
    assert finding.why
    assert finding.do
    assert finding.check
    assert finding.decided_by == "data"
    return finding


def rng(seed: int = 0) -> np.random.Generator:
    """Return a generator of random numbers."""
    return np.random.default_rng(seed)
