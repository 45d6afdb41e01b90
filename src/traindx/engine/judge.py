"""The verdict: one word, one sentence, and the number it was compared with."""

from __future__ import annotations

import numpy as np

from traindx.context import GAMES, JUDGED_LOSS, LADDER, MAIN_METRIC, REFERENCES, Case, Reading, Reference, has_task
from traindx.diagnosis import Finding, Severity, Stage, Verdict
from traindx.engine.examine import Examination
from traindx.engine.learnt import (
    FEW_POINTS,
    KEPT,
    LEAST,
    SURE_Z,
    alike,
    any_gain,
    hardly_moved,
    improved,
    plainly_learnt,
    points_of,
    steadily_better,
    witnesses,
)
from traindx.engine.stage import stage_of
from traindx.signals import change

_CERTAIN = 0.5


def judge(case: Case, examination: Examination) -> Verdict:
    """Return the verdict. It never says "healthy" without a number that the run was compared with."""
    findings, stage = examination.findings, stage_of(case)
    errors = [f for f in findings if f.severity is Severity.ERROR and f.confidence >= _CERTAIN]
    warnings = [f for f in findings if f.severity is Severity.WARNING]
    doubtful = next((f for f in findings if f.undermines and f.severity is not Severity.INFO), None)
    if doubtful is not None and not any(f.condition == "nan" for f in errors):
        return Verdict(
            state="inconclusive",
            summary=f"the log must be mended before the run can be judged: {doubtful.headline}",
            confidence=doubtful.confidence,
            stage=stage,
        )
    if errors:
        flat = stage == "converged"  # a run that never learnt or broke is flat, but has not converged
        return Verdict(
            state="failing",
            summary=_because(errors),
            confidence=errors[0].confidence,
            stage="unknown" if flat else stage,
        )
    if warnings:
        return _attention(case, warnings, stage)
    return _without_findings(case, stage)


def _because(findings: list[Finding]) -> str:
    """The headline of the gravest finding, and how many more there are."""
    more = len(findings) - 1
    also = f" (and {more} more finding{'s' if more > 1 else ''})" if more else ""
    return findings[0].headline + also


def _attention(case: Case, warnings: list[Finding], stage: Stage) -> Verdict:
    points = points_of(case)
    only_guess = all(w.condition == "at_chance" and w.confidence < 0.8 for w in warnings)
    if only_guess and points < FEW_POINTS:
        summary = f"too early to judge: {warnings[0].headline}"
        return Verdict(state="inconclusive", summary=summary, confidence=warnings[0].confidence, stage=stage)
    return Verdict(state="attention", summary=_because(warnings), confidence=warnings[0].confidence, stage=stage)


def _without_findings(case: Case, stage: Stage) -> Verdict:
    if points_of(case) == 0:
        return Verdict(
            state="inconclusive",
            summary="the log holds no loss and no task metric that could be judged",
            confidence=0.99,
            stage="unknown",
        )
    learnt = plainly_learnt(case)
    if learnt is not None:
        return Verdict(state="healthy", summary=learnt, confidence=0.8, stage=stage)
    steady = steadily_better(case)
    if steady is not None:
        return Verdict(state="healthy", summary=steady, confidence=0.6, stage=stage)
    if points_of(case) < FEW_POINTS:
        return Verdict(
            state="inconclusive",
            summary=f"only {points_of(case)} point{'s' if points_of(case) > 1 else ''} of any loss or metric: too few to tell learning from noise",
            confidence=0.9,
            stage=stage,
        )
    loss = case.get(JUDGED_LOSS)
    if loss is not None and loss.curve is not None and not has_task(case, GAMES):
        return _from_loss(case, loss, stage)
    return _from_metric(case, stage)


def _from_loss(case: Case, loss: Reading, stage: Stage) -> Verdict:
    curve = loss.curve
    assert curve is not None
    reference = _nearest_reference(case)
    below = reference is not None and curve.end.value < reference.value - 3 * curve.error
    little = reference is not None and curve.end.value > (1 - LEAST) * reference.value
    if reference is not None and little and below and reference.kind == "chance" and not any_gain(case):
        return _little_skill(loss, reference, stage)
    if hardly_moved(case, loss) and (little or not below):
        return _hardly_moved(loss, stage)
    if reference is not None and below:
        share = 100 * (1 - curve.end.value / reference.value) if reference.value > 0 else 0.0
        summary = f"{loss.name} is {curve.end.value:.4g}, {share:.0f} % below {reference.formula} = {reference.value:.4g} ({reference.meaning}); no rule found a fault"
        return Verdict(state="healthy", summary=summary, confidence=0.9, stage=stage)
    if curve.start.value - curve.end.value > 3 * curve.gain_error:  # what was gained and lost again is no progress
        summary = f"{loss.name} fell from {curve.start.value:.4g} to {curve.end.value:.4g}, by its own start; no rule found a fault. The level of guessing is not known here"
        return Verdict(state="healthy", summary=summary, confidence=0.7, stage=stage)
    slow = change(loss.series.finite().values)
    if slow is not None and slow.z < -SURE_Z and curve.lost <= max(KEPT * curve.gained, 5 * curve.error):
        summary = f"{loss.name} fell from {slow.before:.4g} over its first third to {slow.after:.4g} over its last, under loud noise; no rule found a fault. The level of guessing is not known here"
        return Verdict(state="healthy", summary=summary, confidence=0.65, stage=stage)
    witness = next((r for r in witnesses(case, loss) if r.curve is not None and improved(r)), None)
    if witness is not None and witness.curve is not None:
        begun, now = witness.curve.start.value, witness.curve.end.value
        summary = f"{witness.name} went from {begun:.4g} at its start to {now:.4g}, while {loss.name} stands at {curve.end.value:.4g} within its noise; no rule found a fault. The level of guessing is not known here"
        return Verdict(state="healthy", summary=summary, confidence=0.65, stage=stage)
    return Verdict(
        state="inconclusive",
        summary=f"{loss.name} moved from {curve.start.value:.4g} to {curve.end.value:.4g}, within its noise, and the level of guessing is not known",
        confidence=0.7,
        stage=stage,
    )


def _little_skill(loss: Reading, reference: Reference, stage: Stage) -> Verdict:
    curve = loss.curve
    assert curve is not None
    below = 100 * (1 - curve.end.value / reference.value)
    summary = f"{loss.name} is {curve.end.value:.4g}, only {below:.1f} % below {reference.formula} = {reference.value:.4g} ({reference.meaning}), and no metric shows more: too little to tell learning by"
    return Verdict(state="inconclusive", summary=summary, confidence=0.7, stage=stage)


def _hardly_moved(loss: Reading, stage: Stage) -> Verdict:
    """No fault was found, and no learning either: to call that healthy would reassure without a reason."""
    curve = loss.curve
    assert curve is not None
    way = 100 * (1 - curve.end.value / curve.start.value)
    summary = f"{loss.name} hardly moved: from {curve.start.value:.4g} to {curve.end.value:.4g}, {way:.1f} % of its start, and no metric improved by more; the level of guessing is not known"
    return Verdict(state="inconclusive", summary=summary, confidence=0.7, stage=stage)


def _nearest_reference(case: Case) -> Reference | None:
    known = [r for r in case.get(REFERENCES) or () if r.origin != "constant"]
    trivial = [r for r in known if r.kind == "trivial"]
    return next(iter(trivial or known), None) if LADDER in case else None


def _from_metric(case: Case, stage: Stage) -> Verdict:
    """Where the loss says nothing (reinforcement learning, GANs), the main task metric is judged by its own start.

    Where that is too sparse to tell (ten evaluations beside fifty returns of rollouts), its like may do.
    """
    main = case.get(MAIN_METRIC)
    best = next((r for r in (main, *alike(case, main)) if r is not None and improved(r)), main)
    if best is None or best.curve is None:
        return Verdict(
            state="inconclusive",
            summary="this kind of loss does not tell progress, and no task metric is logged",
            confidence=0.8,
            stage=stage,
        )
    curve = best.curve
    playing = has_task(case, GAMES)
    unjudged = "The loss is not judged in this kind of training" if playing else "No total loss was found"
    if improved(best):
        return Verdict(
            state="healthy",
            summary=f"{best.name} went from {curve.start.value:.4g} at its start to {curve.end.value:.4g}; no rule found a fault. {unjudged}",
            confidence=0.7,
            stage=stage,
        )
    if not np.isfinite(curve.gained):
        return Verdict(state="inconclusive", summary=f"{best.name} has no finite level", confidence=0.9, stage=stage)
    return Verdict(
        state="inconclusive",
        summary=f"{best.name} went from {curve.start.value:.4g} to {curve.end.value:.4g}, within its noise",
        confidence=0.7,
        stage=stage,
    )
