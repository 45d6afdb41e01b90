"""What a dataset repeats, and what it shares with another split, added to the answer about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from traindx.arrays import ArraySource
from traindx.dataset.answer import Audit, Unasked
from traindx.dataset.checks import Subject
from traindx.dataset.judging import action_of, ordered, unread_parts, verdict_of
from traindx.dataset.overlap import (
    OVERLAP_CHECKS,
    REPEAT_CHECKS,
    Overlap,
    compare_splits,
    overlap_findings,
    repeats_within,
)
from traindx.dataset.settings import AuditSettings
from traindx.diagnosis import RuleMeta, Verdict
from traindx.errors import MissingExtraError, UnreadableDataError, UsageError

_NO_ROWS = frozenset({"statistics", "mask"})  # roles of what says nothing about a row by itself


def beside(answered: Audit, subject: Subject, against: str | Path, told: AuditSettings, threads: int | None) -> Audit:
    """Add what a second split shows beside the first: rows in both, groups in both, labels told by a feature, drift."""
    overlap = compare_splits(
        answered.path,
        str(against),
        group=told.group,
        label=told.labels[0] if told.labels else "",
        batch_size=told.batch_size,
        threads=threads,
    )
    if min(overlap.sizes) == 0:
        empty = overlap.other if overlap.sizes[0] else overlap.train
        limits = (*answered.limits, f"nothing was compared: {empty} holds no rows", *overlap.limits)
        return replace(answered, against=str(against), limits=limits, verdict=_unjudged(answered.verdict))
    asked = [check.meta for check in OVERLAP_CHECKS]
    return _joined(replace(answered, against=str(against)), subject, overlap, asked)


def _unjudged(verdict: Verdict) -> Verdict:
    """Return the verdict of what was judged; without a fault in it there is none where the comparison that was asked for could not be made."""
    if verdict.state != "healthy":
        return verdict
    return Verdict(state="inconclusive", summary="one of the two splits holds no rows to compare", confidence=0.6)


def with_repeats(
    answered: Audit,
    subject: Subject,
    sources: Mapping[str, ArraySource],
    told: AuditSettings,
    threads: int | None,
) -> Audit:
    """Add which rows and items of pairs the dataset repeats; what cannot be read or decoded is told in the limits."""
    rows = {name: source for name, source in sources.items() if subject.roles.get(name) not in _NO_ROWS}
    try:
        overlap = repeats_within(
            rows,
            name=Path(answered.path).name,
            group=told.group,
            label=next((name for name in told.labels if name in rows), ""),
            paired_columns=tuple(name for pair in told.pairs for name in pair),
            batch_size=told.batch_size,
            threads=threads,
        )
    except (UnreadableDataError, MissingExtraError, UsageError) as error:
        return replace(answered, limits=(*answered.limits, f"duplicates were not looked for: {error}"))
    if overlap.rows is None:
        return answered
    if overlap.columns_left_out:
        note = f"rows are compared without {', '.join(overlap.columns_left_out)}, which numbers or names them"
        answered = replace(answered, notes=(*answered.notes, note))
    return _joined(answered, subject, overlap, [check.meta for check in REPEAT_CHECKS])


def _joined(answered: Audit, subject: Subject, overlap: Overlap, asked: Sequence[RuleMeta]) -> Audit:
    """Add the findings of an overlap, and judge anew."""
    found = overlap_findings(overlap)
    findings = ordered([*answered.findings, *found])
    spoke = {finding.code for finding in found}
    lacking = {meta.code: lacks for meta in asked if (lacks := _lacks(meta.code, overlap))}
    quiet = [meta.code for meta in asked if meta.code not in spoke and meta.code not in lacking]
    passed = (*answered.passed, *quiet)
    verdict = verdict_of(findings, subject, passed, unread=bool(unread_parts(answered.profile)))
    return replace(
        answered,
        findings=findings,
        passed=passed,
        unasked=_unasked(answered.unasked, lacking),
        limits=(*answered.limits, *overlap.limits),
        verdict=verdict,
        action=action_of(findings, verdict, answered.baselines),
    )


def _unasked(before: Sequence[Unasked], lacking: Mapping[str, str]) -> tuple[Unasked, ...]:
    """Return what was not asked, with one entry for each thing that lacks."""
    codes = {one.lacks: list(one.codes) for one in before}
    for code, lacks in lacking.items():
        codes.setdefault(lacks, []).append(code)
    return tuple(Unasked(tuple(some), lacks) for lacks, some in codes.items())


def _lacks(code: str, overlap: Overlap) -> str:
    """Return what a check of an overlap was not asked for want of; "" where it was."""
    lacking = {
        "LEK002": ("texts, images or embeddings of 64 numbers", bool(overlap.near)),
        "LEK003": ("groups of rows: --group NAME", overlap.groups is not None),
        "LEK004": ("class labels: --labels NAME", overlap.drift is not None and overlap.drift.label is not None),
        "LEK006": ("arrays to pair: --pair A B", bool(overlap.items)),
        "LEK008": ("class labels: --labels NAME", overlap.drift is not None and overlap.drift.label is not None),
        "LEK009": ("class labels: --labels NAME", overlap.rows is not None and overlap.rows.labelled),
    }
    lacks, there = lacking.get(code, ("", True))
    return "" if there else lacks
