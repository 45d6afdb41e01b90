"""What a run shows: one answer for every feature of its curves, every rule and every condition that could be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from traindx.causes.features import FEATURES
from traindx.causes.sight import sight_of
from traindx.context import Case
from traindx.diagnosis import Finding, Severity

FOUND, REMARK, ABSENT = "found", "remark", "absent"
CONDITION = "condition:"


def observe(case: Case, findings: Sequence[Finding], passed: Iterable[str]) -> dict[str, str]:
    """Return feature -> answer: levels of the curves' features, and for each rule code whether it was found, remarked or absent.

    What could not be told (a rule that was skipped, a series that was not logged) is left out: it counts neither way.
    """
    with np.errstate(all="ignore"):
        sight = sight_of(case)
        seen = {feature.name: feature.read(sight) for feature in FEATURES}
    told = {name: level for name, level in seen.items() if level is not None}
    return told | dict.fromkeys(passed, ABSENT) | said(findings)


def said(findings: Sequence[Finding]) -> dict[str, str]:
    """Return what the findings say, by code and by condition; a warning or error outweighs a remark of the same rule."""
    answers: dict[str, str] = {}
    for finding in sorted(findings, key=lambda f: f.severity is not Severity.INFO):
        loud = finding.severity is not Severity.INFO
        answers[finding.code] = FOUND if loud else REMARK
        if loud and finding.condition is not None:
            answers[CONDITION + finding.condition] = FOUND
    return answers
