"""From what was measured to a report: checks asked, verdict, action, scale, facts and limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from traindx.diagnosis import Action, Fact, Finding, Mark, Report, Scale, Severity, Skipped, State, Verdict
from traindx.probe.checks import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Fit, Measured
from traindx.probe.subject import Subject
from traindx.probe.told import Levels

_ORDER: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_LEARNT: Final = 0.5  # of the way from a constant answer to the floor: more is learning, whatever the time allowed


def report_of(
    subject: Subject, measured: Measured, checks: Sequence[type[ProbeCheck]], limits: Sequence[str], seconds: float
) -> Report:
    """Ask every check whose measurements are there, and return the whole answer."""
    findings: list[Finding] = []
    passed: list[str] = []
    skipped: list[Skipped] = []
    for kind in checks:
        absent = tuple(need for need in kind.needs if getattr(measured, need) is None)
        if absent:
            skipped.append(Skipped(kind.meta.code, absent))
            continue
        told = list(kind().check(measured))
        findings += told
        if not told:
            passed.append(kind.meta.code)
    ordered = sorted(findings, key=lambda f: (_ORDER[f.severity], -f.rank, -f.confidence, f.code))
    verdict = _verdict(ordered, measured, len(passed))
    return Report(
        name=f"{subject.name} in {subject.framework}",
        sources=(),
        verdict=verdict,
        action=_action(ordered, verdict, measured),
        facts=_facts(subject, measured, seconds),
        findings=tuple(ordered),
        scale=_scale(measured),
        passed=tuple(passed),
        skipped=tuple(skipped),
        limits=tuple(limits),
    )


def _levels(measured: Measured) -> Levels | None:
    """The levels by theory; where it gives none, what was reached on constant inputs."""
    found = measured.fit.levels if measured.fit is not None and measured.fit.levels.reference else measured.levels
    if (found is None or found.reference is None) and measured.blank is not None:
        return Levels(trivial=measured.blank.end, trivial_formula="reached on constant inputs")
    return found


def _verdict(findings: Sequence[Finding], measured: Measured, passed: int) -> Verdict:
    grave = [f for f in findings if f.severity is not Severity.INFO]
    if grave:
        state: State = "failing" if grave[0].severity is Severity.ERROR else "attention"
        more = f" (and {len(grave) - 1} more)" if len(grave) > 1 else ""
        return Verdict(state=state, summary=grave[0].headline + more, confidence=grave[0].confidence, stage="start")
    computed, fit, levels = (measured.start.computed if measured.start else None), measured.fit, _levels(measured)
    reference = levels.reference if levels is not None else None
    if computed is None:
        return Verdict(state="inconclusive", summary="the loss was not computed", confidence=0.9, stage="start")
    if reference is None:
        summary = f"nothing wrong in {passed} checks, but no theory was found for this loss of {n(computed.total)}{_fitted(fit)}"
        return Verdict(state="inconclusive", summary=summary, confidence=0.6, stage="start")
    level, formula = reference
    floor = levels.floor or 0.0 if levels is not None else 0.0
    share = (level - fit.end) / (level - floor) if fit is not None and level > floor else math.nan
    if fit is None or not share > _LEARNT:
        summary = f"nothing wrong in {passed} checks, but whether one batch can be learnt was not seen{_fitted(fit)}: a constant answer costs {n(level)}"
        return Verdict(state="inconclusive", summary=summary, confidence=0.6, stage="start")
    return Verdict(
        state="healthy",
        summary=f"the loss starts at {n(computed.total)} where a constant answer costs {n(level)} ({formula}){_fitted(fit)}: nothing wrong in {passed} checks",
        confidence=0.85,
        stage="start",
    )


def _fitted(fit: Fit | None) -> str:
    return "" if fit is None else f", and one batch falls to {n(fit.end)} in {len(fit.descent.losses)} steps"


def _action(findings: Sequence[Finding], verdict: Verdict, measured: Measured) -> Action:
    first = next((f for f in findings if f.severity is not Severity.INFO and f.do), None)
    if first is not None:
        return Action("fix", first.do[0])
    if verdict.state == "inconclusive":
        return Action(
            "ask",
            "tell the loss, as objective=traindx.CrossEntropy(num_classes=10) or facts={'loss': 'mse'}, or give more time (budget_s)",
        )
    sweep = measured.sweep
    range_told = f", at a learning rate from {n(sweep.low)} to {n(sweep.high)}" if sweep is not None else ""
    return Action("continue", f"train{range_told}")


def _scale(measured: Measured) -> Scale | None:
    computed, levels = (measured.start.computed if measured.start else None), _levels(measured)
    if computed is None or not math.isfinite(computed.total):
        return None
    marks = [Mark("first", computed.total, "before any step")]
    if levels is not None:
        marks += [Mark("floor", levels.floor, "floor")] if levels.floor is not None else []
        marks += [Mark("trivial", levels.trivial, levels.trivial_formula)] if levels.trivial is not None else []
        marks += [Mark("chance", levels.chance, levels.chance_formula)] if levels.chance is not None else []
    if measured.fit is not None and math.isfinite(measured.fit.end):
        marks.append(Mark("current", measured.fit.end, "one batch learnt"))
    return Scale(
        series="loss of one batch",
        unit=levels.unit if levels is not None else "",
        marks=tuple(marks),
        sentence="now is one batch learnt by heart" if measured.fit is not None else "",
    )


def _facts(subject: Subject, measured: Measured, seconds: float) -> tuple[Fact, ...]:
    facts = [Fact("batch_size", measured.batch.size, "read", "the first axis of the batch")]
    found = measured.fit.again if measured.fit is not None and measured.fit.again else None
    found = found or (measured.start.recognised if measured.start else None)
    if found is not None:
        facts.append(Fact("loss", found.how, "inferred", "the number equals it to five digits"))
    facts += [Fact(key, value, "given") for key, value in measured.told.facts.items()]
    if measured.sweep is not None:
        facts.append(
            Fact(
                "useful_lr", f"{n(measured.sweep.low)} to {n(measured.sweep.high)}", "inferred", "a sweep on one batch"
            )
        )
    facts += [
        Fact("inputs", ", ".join(leaf.path for leaf in measured.batch.of_role("input")) or "none", "inferred"),
        Fact("targets", ", ".join(leaf.path for leaf in measured.batch.of_role("target")) or "none", "inferred"),
        Fact("parameters", sum(p.size for p in measured.parameters), "read"),
        Fact("kept_mb", round(subject.kept_bytes / 1e6, 3), "read", "the copy that everything was put back from"),
        Fact("seconds", round(seconds, 2), "read"),
    ]
    return tuple(facts)
