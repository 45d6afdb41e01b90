"""A report as a document of version 1, and the document as bytes."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

import traindx.render.document_v1 as v1
from traindx.diagnosis import Branch, Cause, Choice, Evidence, Finding, Outlook, Reach, Report, Scale
from traindx.render.untrusted import storable


def json_document(reports: Iterable[Report], *, version: str, indent: int = 2) -> str:
    """Return the document of version 1 for ``reports``, ending in a newline. ``version`` is that of traindx."""
    document = v1.DocumentV1(tool=v1.ToolV1(name="traindx", version=version), runs=[_run(r) for r in reports])
    return msgspec.json.format(msgspec.json.encode(document), indent=indent).decode() + "\n"


def json_line(report: Report) -> str:
    """Return ``report`` as one line of JSON: an element of ``runs`` with its schema version."""
    run = _run(report)
    line = v1.LineV1(**{name: getattr(run, name) for name in run.__struct_fields__})
    return msgspec.json.encode(line).decode() + "\n"


def json_number(value: float) -> v1.Number:
    """Return ``value`` as JSON can hold it: NaN and infinities by name, all else unchanged."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def maybe_number(value: float | None) -> v1.Number | None:
    """Return a number as JSON can hold it, or None."""
    return None if value is None else json_number(value)


def json_step(value: float | None) -> float | int | None:
    """Return a step, whole ones as integers; None where it is unknown."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) else value


def json_probability(value: float) -> float:
    """Return a probability as the document wants it: between 0 and 1, 0 where it is no number."""
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0


def json_value(value: float | str | bool) -> v1.Number | str | bool:
    """Return ``value`` as a document can hold it: text made safe to store, numbers that JSON lacks by name."""
    if isinstance(value, str):
        return storable(value)
    return json_number(value) if isinstance(value, float) else value


def _run(report: Report) -> v1.RunV1:
    verdict = report.verdict
    return v1.RunV1(
        name=storable(report.name),
        sources=[
            v1.SourceV1(
                path=storable(s.path),
                format=s.format,
                rows=s.rows,
                skipped_rows=s.skipped_rows,
                incomplete=storable(s.incomplete),
            )
            for s in report.sources
        ],
        verdict=v1.VerdictV1(
            state=verdict.state,
            summary=storable(verdict.summary),
            confidence=json_probability(verdict.confidence),
            stage=verdict.stage,
        ),
        action=v1.ActionV1(do=report.action.do, text=storable(report.action.text)),
        facts=[
            v1.FactV1(key=f.key, value=json_value(f.value), origin=f.origin, source=storable(f.source))
            for f in report.facts
        ],
        missing_facts=[v1.MissingFactV1(key=m.key, would=storable(m.would)) for m in report.missing_facts],
        findings=[finding_v1(f) for f in report.findings],
        causes=[_cause(c) for c in report.causes],
        scale=None if report.scale is None else _scale(report.scale),
        forecast=None if report.forecast is None else forecast_v1(report.forecast),
        checkpoint=None if report.checkpoint is None else checkpoint_v1(report.checkpoint),
        passed=list(report.passed),
        skipped=[v1.SkippedV1(code=s.code, needs=list(s.needs)) for s in report.skipped],
        limits=[storable(limit) for limit in report.limits],
        last_step=json_step(report.last_step),
    )


def finding_v1(finding: Finding) -> v1.FindingV1:
    """Return a finding in the shape of version 1."""
    return v1.FindingV1(
        code=finding.code,
        name=finding.name,
        condition=finding.condition,
        severity=finding.severity.value,
        confidence=json_probability(finding.confidence),
        headline=storable(finding.headline),
        evidence=[_evidence(e) for e in finding.evidence],
        why=storable(finding.why),
        do=[storable(each) for each in finding.do],
        check=storable(finding.check),
        decided_by=finding.decided_by,
    )


def _evidence(evidence: Evidence) -> v1.EvidenceV1:
    span = evidence.span
    return v1.EvidenceV1(
        label=storable(evidence.label),
        measured=maybe_number(evidence.measured),
        expected=maybe_number(evidence.expected),
        formula=storable(evidence.formula),
        unit=storable(evidence.unit),
        series=None if span is None else storable(span.series),
        first_step=None if span is None else json_step(span.first_step),
        last_step=None if span is None else json_step(span.last_step),
        where="" if span is None else storable(span.where),
        note=storable(evidence.note),
    )


def _cause(cause: Cause) -> v1.CauseV1:
    return v1.CauseV1(
        name=cause.name,
        probability=json_probability(cause.probability),
        because=list(cause.because),
        test=storable(cause.test),
        meaning=storable(cause.meaning),
        against=list(cause.against),
        fix=storable(cause.fix),
        signs=[storable(sign) for sign in cause.signs],
        leads=cause.leads,
    )


def forecast_v1(outlook: Outlook) -> v1.ForecastV1:
    """Return a forecast as the document holds it."""
    reach = outlook.reach
    return v1.ForecastV1(
        series=storable(outlook.series),
        schedule=storable(outlook.schedule),
        schedule_from=outlook.schedule_from,
        axis=outlook.axis,
        now=json_number(outlook.now),
        now_at=json_number(outlook.now_at),
        end_at=maybe_number(outlook.end_at),
        end_from=outlook.end_from,
        value=maybe_number(outlook.value),
        low=maybe_number(outlook.low),
        high=maybe_number(outlook.high),
        coverage=json_probability(outlook.coverage),
        gain=maybe_number(outlook.gain),
        gain_low=maybe_number(outlook.gain_low),
        gain_high=maybe_number(outlook.gain_high),
        worthwhile=maybe_number(outlook.worthwhile),
        seconds_left=maybe_number(outlook.seconds_left),
        seconds_low=maybe_number(outlook.seconds_low),
        seconds_high=maybe_number(outlook.seconds_high),
        slowdown=maybe_number(outlook.slowdown),
        branches=[_branch(b) for b in outlook.branches],
        reach=None if reach is None else _reach(reach),
        advice=outlook.advice,
        text=storable(outlook.text),
    )


def _branch(branch: Branch) -> v1.BranchV1:
    return v1.BranchV1(
        schedule=branch.schedule,
        value=json_number(branch.value),
        low=json_number(branch.low),
        high=json_number(branch.high),
    )


def _reach(reach: Reach) -> v1.ReachV1:
    return v1.ReachV1(
        target=json_number(reach.target),
        earliest=maybe_number(reach.earliest),
        expected=maybe_number(reach.expected),
        latest=maybe_number(reach.latest),
        reached=reach.reached,
    )


def checkpoint_v1(choice: Choice) -> v1.CheckpointV1:
    """Return a choice in the shape of version 1."""
    return v1.CheckpointV1(
        objective=storable(choice.objective),
        direction=choice.direction,
        axis=choice.axis,
        at=json_number(choice.at),
        value=json_number(choice.value),
        corrected=maybe_number(choice.corrected),
        noise=maybe_number(choice.noise),
        tied=[json_number(place) for place in choice.tied],
        path=storable(choice.path),
        text=storable(choice.text),
    )


def _scale(scale: Scale) -> v1.ScaleV1:
    marks: dict[str, v1.Number] = {mark.name: json_number(mark.value) for mark in reversed(scale.marks)}
    return v1.ScaleV1(
        series=storable(scale.series),
        unit=storable(scale.unit),
        floor=marks.get("floor"),
        typical=marks.get("typical"),
        best=marks.get("best"),
        current=marks.get("current"),
        trivial=marks.get("trivial"),
        chance=marks.get("chance"),
        initial=marks.get("initial"),
        first=marks.get("first"),
        skill=maybe_number(scale.skill),
        choices=maybe_number(scale.choices),
        sentence=storable(scale.sentence),
        marks=[v1.MarkV1(name=m.name, value=json_number(m.value), label=storable(m.label)) for m in scale.marks],
    )
