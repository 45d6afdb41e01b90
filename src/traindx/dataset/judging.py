"""From findings to a verdict and the one thing to do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from traindx.dataset.answer import Unasked
from traindx.dataset.checks import NEEDS, VALUE_CHECKS, DataCheck, Subject, is_there
from traindx.dataset.checks.subject import called, columns
from traindx.dataset.checks.wording import n, share
from traindx.dataset.levels import DataBaselines
from traindx.dataset.summary import ArraySummary, Profile
from traindx.dataset.tails import gaussian_largest, largest_z
from traindx.diagnosis import Action, Finding, Severity, State, Verdict

_FEW_ROWS: Final = 8  # fewer show neither a deviation nor a class frequency
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def asked(subject: Subject) -> tuple[list[Finding], tuple[str, ...], tuple[Unasked, ...]]:
    """Ask every check that has what it needs: return the findings, the codes that passed, and those not asked with what they lack."""
    findings: list[Finding] = []
    passed: list[str] = []
    lacking: dict[str, list[str]] = {}
    for kind in VALUE_CHECKS:
        if not is_there(subject, kind.needs):
            lacking.setdefault(NEEDS[kind.needs], []).append(kind.meta.code)
            continue
        found = _ask(kind, subject)
        findings += found
        if not found:
            passed.append(kind.meta.code)
    return findings, tuple(passed), tuple(Unasked(tuple(codes), lacks) for lacks, codes in lacking.items())


def _ask(kind: type[DataCheck], subject: Subject) -> list[Finding]:
    return list(kind().check(subject))


def unread_parts(measured: Profile) -> tuple[str, ...]:
    """Return what could not be read, in words: the audit is of the rest."""
    return tuple(
        f"{array.name or array.where}: {_lost(array)} could not be read ({array.unread[0]})"
        for array in measured.arrays
        if array.unread
    )


def _lost(array: ArraySummary) -> str:
    if not array.shape or array.unread_rows >= array.shape[0]:
        return "it"
    return f"{array.unread_rows:,} row{'s' if array.unread_rows > 1 else ''}"


def ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings by severity, then by depth of cause, then by how sure they are."""
    return tuple(sorted(findings, key=lambda f: (_ORDER[f.severity], -f.rank, -f.confidence, f.code, f.headline)))


def verdict_of(findings: Sequence[Finding], subject: Subject, passed: Sequence[str], *, unread: bool) -> Verdict:
    """Return the verdict: the gravest finding with its number, or what the data were held against where there is none."""
    grave = [f for f in findings if f.severity is not Severity.INFO]
    if grave:
        state: State = "failing" if grave[0].severity is Severity.ERROR else "attention"
        more = f", and {len(grave) - 1} more" if len(grave) > 1 else ""
        return Verdict(state=state, summary=f"{grave[0].headline}{more}", confidence=grave[0].confidence, stage="start")
    arrays = subject.profile.arrays
    if arrays and all(array.shape[:1] == (0,) for array in arrays):
        return Verdict(state="inconclusive", summary="it holds no rows", confidence=0.9)
    if not passed:
        return Verdict(state="inconclusive", summary="nothing was read that these checks can judge", confidence=0.5)
    rows = max((array.shape[0] for array in subject.profile.arrays if array.shape), default=0)
    if rows < _FEW_ROWS and subject.annotations is None:
        return Verdict(
            state="inconclusive",
            summary=f"{rows} row{'s' if rows != 1 else ''}, and the checks of values ask for {_FEW_ROWS} or more",
            confidence=0.5,
        )
    if unread:
        return Verdict(
            state="inconclusive", summary="what was read is in order, but not all of it could be read", confidence=0.6
        )
    return Verdict(state="healthy", summary=_healthy(subject, len(passed)), confidence=0.8, stage="start")


def _healthy(subject: Subject, passed: int) -> str:
    live = [
        (array, column)
        for array in subject.of_role("values")
        for column in columns(array)
        if column.count >= 8 and column.deviation > 0
    ]
    boxes = subject.boxes[0] if subject.boxes else None
    if not live and boxes is not None and boxes.format is not None:
        inside = share(boxes.fits.get(boxes.format, float("nan")))
        return f"{inside} of {boxes.count:,} boxes lie inside their picture as {boxes.format}: nothing wrong in {passed} checks"
    if not live and subject.class_labels:
        counts = subject.class_labels[0].classes(subject.num_classes).counts
        common = share(float(counts.max()) / float(counts.sum())) if counts.size else "no label"
        return f"the most frequent of {len(counts):,} classes makes {common}: nothing wrong in {passed} checks"
    if not live and subject.answered_tokens:
        tokens = subject.answered_tokens[0].classes()
        common = share(float(tokens.counts.max(initial=0)) / max(tokens.total, 1))
        return f"the commonest of {len(tokens.values):,} tokens makes {common}, where words reach 5 % and padding far more: nothing wrong found"
    if not live:
        return f"nothing wrong in {passed} checks, none of which compared numbers"
    deviations = [column.deviation for _, column in live]
    array, far = max(live, key=lambda pair: largest_z(pair[1]))
    farthest = gaussian_largest(sum(column.count for _, column in live))
    ends = dict.fromkeys((n(min(deviations)), n(max(deviations))))
    spread = ("deviations of " if len(ends) > 1 else "a deviation of ") + " to ".join(ends)
    return (
        f"{spread} where scaled values have 1, and the farthest value {n(largest_z(far))} deviations out "
        f"({called(array, far)}) where as many Gaussian ones reach {n(farthest)}: nothing wrong in {passed} checks"
    )


def action_of(findings: Sequence[Finding], verdict: Verdict, baselines: DataBaselines) -> Action:
    """Return what to do now."""
    first = next((f for f in findings if f.severity is not Severity.INFO and f.do), None)
    if first is not None:
        return Action("fix", first.do[0])
    if verdict.state == "inconclusive":
        return Action(
            "ask",
            "give more of the data: what could not be read, more rows, or what the arrays are, with --target, --labels or --vocab-size",
        )
    level = next((one for one in baselines.levels if one.baseline.rung == "trivial"), None)
    if level is None or not math.isfinite(level.baseline.value):
        return Action("continue", "train")
    return Action(
        "continue",
        f"train, and hold the loss against {n(level.baseline.value)}: what {level.baseline.meaning} scores ({level.array or 'this array'})",
    )
