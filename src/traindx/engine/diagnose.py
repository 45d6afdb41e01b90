"""From a run to a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from traindx.context import FACTS, Case, FactValue, build_case
from traindx.diagnosis import Cause, Fact, Report, Severity, SourceLine
from traindx.engine.action import action_for
from traindx.engine.ending import broken_off
from traindx.engine.examine import Examination, examine
from traindx.engine.forecast import outlook_of
from traindx.engine.judge import judge
from traindx.engine.missing import missing_facts, what_to_log
from traindx.engine.pick import pick
from traindx.engine.scale import scale_of
from traindx.engine.stage import planned_end
from traindx.rules import Rule
from traindx.run import Run

T = TypeVar("T")


def diagnose_run(
    run: Run,
    rules: Sequence[Rule],
    *,
    facts: Mapping[str, FactValue | str] | None = None,
    roles: Mapping[str, str] | None = None,
    metric: str | None = None,
) -> Report:
    """Return the report of one run. Raises ``UsageError`` for unknown facts, roles or series; never for what the run holds."""
    with np.errstate(all="ignore"):
        case = build_case(run, given=facts, roles=roles, metric=metric)
        examination = examine(case, rules)
        verdict = judge(case, examination)
        scale, over = scale_of(case), planned_end(case)
        broken = list(examination.broken)
        causes = _beside("ranking the causes", lambda: _causes(case, examination), broken) or ()
        forecast = _beside("the forecast", lambda: outlook_of(case, examination.findings), broken)
        picked = _beside("the choice of a checkpoint", lambda: pick(case, examination.findings), broken)
    missing = missing_facts(case)
    return Report(
        name=run.name,
        sources=tuple(SourceLine(s.path, s.format, s.rows, s.skipped_rows, s.incomplete) for s in run.sources),
        verdict=verdict,
        action=action_for(
            verdict,
            examination.findings,
            missing,
            log=what_to_log(case),
            over=over,
            broken=broken_off(run),
            causes=causes,
        ),
        facts=tuple(Fact(f.key, f.value, f.origin, f.source) for f in case[FACTS].values()),
        missing_facts=missing,
        findings=examination.findings,
        causes=causes,
        scale=scale,
        forecast=forecast,
        checkpoint=picked.choice if picked else None,
        passed=examination.passed,
        skipped=examination.skipped,
        limits=_limits(run, broken),
        last_step=_last_step(run),
    )


def _causes(case: Case, examination: Examination) -> tuple[Cause, ...]:
    """What may be wrong, where something is; a healthy run has no cause, and loads no table of them."""
    if all(finding.severity is Severity.INFO for finding in examination.findings):
        return ()
    from traindx.causes import rank_causes

    return rank_causes(case, examination.findings, examination.passed)


def _beside(what: str, answer: Callable[[], T], broken: list[str]) -> T | None:
    """Return what stands beside the verdict, or None where its making breaks: it must not hide what is wrong with the run."""
    try:
        return answer()
    except Exception as problem:  # noqa: BLE001 - as around a rule: a defect of ours, which the report names
        broken.append(f"{what} failed with {type(problem).__name__}: {problem}")
        return None


def _limits(run: Run, broken: Sequence[str]) -> tuple[str, ...]:
    """What the reading or the judging left out: half-read files, rows skipped, rules that broke."""
    found = [f"{source.path}: {source.incomplete}" for source in run.sources if source.incomplete]
    found += [note for note in run.notes if note.startswith("not read: ")]
    found += [
        f"{source.path}: {skip.count} rows left out ({skip.reason}{f', first at {skip.first}' if skip.first else ''})"
        for source in run.sources
        for skip in source.skipped
    ]
    return (*found, *broken)


def _last_step(run: Run) -> float | None:
    lasts = [
        float(np.nanmax(s.steps))
        for s in run.series.values()
        if len(s) and s.has_steps and bool(np.isfinite(s.steps).any())
    ]
    return max(lasts) if lasts else None
