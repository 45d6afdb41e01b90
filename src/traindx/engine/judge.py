"""The verdict: one word, one sentence, and the number it was compared with."""

from __future__ import annotations

import math

import numpy as np

from traindx.context import (
    JUDGED_LOSS,
    LADDER,
    LOSS_FAMILY,
    LOSSES,
    MAIN_METRIC,
    METRICS,
    REFERENCES,
    TASKS,
    VAL_LOSS,
    Case,
    Reading,
    Reference,
)
from traindx.diagnosis import Finding, Severity, Stage, Verdict
from traindx.engine.examine import Examination
from traindx.engine.stage import stage_of
from traindx.signals import change, trend

_FEW_POINTS = 5
_CERTAIN = 0.5
_SURE_Z = 4.0
_KEPT = 0.25
_TREND_POINTS = 8


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
    points = _points(case)
    only_guess = all(w.condition == "at_chance" and w.confidence < 0.8 for w in warnings)
    if only_guess and points < _FEW_POINTS:
        summary = f"too early to judge: {warnings[0].headline}"
        return Verdict(state="inconclusive", summary=summary, confidence=warnings[0].confidence, stage=stage)
    return Verdict(state="attention", summary=_because(warnings), confidence=warnings[0].confidence, stage=stage)


def _points(case: Case) -> int:
    readings = (*(case.get(LOSSES) or ()), *(case.get(METRICS) or ()))
    return max((r.curve.count for r in readings if r.curve is not None), default=0)


def _without_findings(case: Case, stage: Stage) -> Verdict:
    if _points(case) == 0:
        return Verdict(
            state="inconclusive",
            summary="the log holds no loss and no task metric that could be judged",
            confidence=0.99,
            stage="unknown",
        )
    learnt = _plainly_learnt(case)
    if learnt is not None:
        return Verdict(state="healthy", summary=learnt, confidence=0.8, stage=stage)
    steady = _steadily_better(case)
    if steady is not None:
        return Verdict(state="healthy", summary=steady, confidence=0.6, stage=stage)
    if _points(case) < _FEW_POINTS:
        return Verdict(
            state="inconclusive",
            summary=f"only {_points(case)} point{'s' if _points(case) > 1 else ''} of any loss or metric: too few to tell learning from noise",
            confidence=0.9,
            stage=stage,
        )
    loss = case.get(JUDGED_LOSS)
    if loss is not None and loss.curve is not None and not (case.get(TASKS) or frozenset()) & {"reinforcement", "gan"}:
        return _from_loss(case, loss, stage)
    return _from_metric(case, stage)


def _plainly_learnt(case: Case) -> str | None:
    """A sentence where even the lowest chance level there is (two candidates, ln 2) has been left far behind; else None.

    A softmax loss under half of ln 2 gives the right answer more than 70 % of the probability: few points suffice.
    """
    if (case.get(LOSS_FAMILY) or "") not in ("cross_entropy", "info_nce", "masked_lm"):
        return None
    losses = [r for r in case.get(LOSSES) or () if r.curve is not None and 0 < r.curve.end.value < 0.5 * math.log(2)]
    best = min(losses, key=lambda r: r.curve.end.value if r.curve else 0.0, default=None)
    if best is None or best.curve is None or _points(case) >= _FEW_POINTS:
        return None
    value = best.curve.end.value
    easy = (
        "; measured inside a batch it will saturate: rank against the whole gallery"
        if case.get(LOSS_FAMILY) == "info_nce"
        else ""
    )
    return f"{best.name} is {value:.4g}: {100 * math.exp(-value):.0f} % probability on the right answer, far below ln 2 = 0.6931, the lowest level of guessing there is{easy}"


def _steadily_better(case: Case) -> str | None:
    """A sentence where three or four points are enough, because every one of them is better than the one before.

    Four points fall in a row by luck once in twenty-four, three once in six: half the loss gone, or a second
    series that improves at each of its points as well, makes up for what the count cannot say.
    """
    if _points(case) >= _FEW_POINTS or (case.get(TASKS) or frozenset()) & {"reinforcement", "gan"}:
        return None
    better = [r for r in (*(case.get(LOSSES) or ()), *(case.get(METRICS) or ())) if _every_point_better(r)]
    loss = next((r for r in better if r.role.kind == "loss" and not r.role.component), None)
    if loss is None:
        return None
    values = loss.series.finite().values
    others = [r for r in better if r is not loss and (r.role.kind != "loss" or r.role.split != loss.role.split)]
    halved = len(values) >= 4 and 0 <= values[-1] < 0.5 * values[0]
    if not halved and not others:
        return None
    beside = f", and {others[0].name} improved at each of its own" if others else ""
    return f"{loss.name} fell from {values[0]:.4g} to {values[-1]:.4g} at each of its {len(values)} points{beside}; no rule found a fault. So few points tell no more than that it learns"


def _every_point_better(reading: Reading) -> bool:
    values = reading.series.finite().values
    sign = {"lower": 1.0, "higher": -1.0}.get(reading.role.direction or "", 0.0)
    return len(values) >= 3 and sign != 0.0 and bool((sign * np.diff(values) < 0).all())


def _from_loss(case: Case, loss: Reading, stage: Stage) -> Verdict:
    curve = loss.curve
    assert curve is not None
    reference = _nearest_reference(case)
    if reference is not None and curve.end.value < reference.value - 3 * curve.error:
        share = 100 * (1 - curve.end.value / reference.value) if reference.value > 0 else 0.0
        summary = f"{loss.name} is {curve.end.value:.4g}, {share:.0f} % below {reference.formula} = {reference.value:.4g} ({reference.meaning}); no rule found a fault"
        return Verdict(state="healthy", summary=summary, confidence=0.9, stage=stage)
    if curve.start.value - curve.end.value > 3 * curve.gain_error:  # what was gained and lost again is no progress
        summary = f"{loss.name} fell from {curve.start.value:.4g} to {curve.end.value:.4g}, by its own start; no rule found a fault. The level of guessing is not known here"
        return Verdict(state="healthy", summary=summary, confidence=0.7, stage=stage)
    slow = change(loss.series.finite().values)
    if slow is not None and slow.z < -_SURE_Z and curve.lost <= max(_KEPT * curve.gained, 5 * curve.error):
        summary = f"{loss.name} fell from {slow.before:.4g} over its first third to {slow.after:.4g} over its last, under loud noise; no rule found a fault. The level of guessing is not known here"
        return Verdict(state="healthy", summary=summary, confidence=0.65, stage=stage)
    witness = next((r for r in _witnesses(case, loss) if r.curve is not None and _improved(r)), None)
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


def _witnesses(case: Case, loss: Reading) -> list[Reading]:
    """Series that may speak where the judged loss is all noise: the validation loss, means of training, task metrics.

    Fewer than five points are no witness: they improve by luck too often.
    """
    main, val = case.get(MAIN_METRIC), case.get(VAL_LOSS)
    if val is not None and val.curve is not None and val.curve.lost > max(val.curve.error, _KEPT * val.curve.gained):
        return []  # what training gains there, new data lose
    found = [r for r in (val, *(case.get(LOSSES) or ()), main, *_alike(case, main)) if r is not None and r is not loss]
    return [r for r in found if r.curve is not None and r.curve.count >= _FEW_POINTS]


def _alike(case: Case, main: Reading | None) -> list[Reading]:
    """Whole metrics of the kind of the main one, not terms of it: one of many rewards may rise while their sum does not."""
    metrics = case.get(METRICS) or ()
    return [r for r in metrics if main is not None and r.role.kind == main.role.kind and r.role.component is None]


def _improved(reading: Reading) -> bool:
    """Whether a curve ended better than it began, and kept it: by its ends, else (under uneven noise) as a whole.

    The ends alone miss a curve whose noise grows as it rises, such as returns: the scatter of its later levels is
    then taken for the scatter of the first. Thirds and slopes of all points do not.
    """
    curve, values = reading.curve, reading.series.finite().values
    if curve is None:
        return False
    if curve.sign * (curve.start.value - curve.end.value) > 3 * curve.gain_error:
        return True
    if curve.lost > max(_KEPT * curve.gained, 3 * curve.error):
        return False
    slow = change(values)
    whole = trend(values).z if len(values) >= _TREND_POINTS else 0.0
    return (slow is not None and curve.sign * slow.z < -_SURE_Z) or curve.sign * whole < -_SURE_Z


def _nearest_reference(case: Case) -> Reference | None:
    known = [r for r in case.get(REFERENCES) or () if r.origin != "constant"]
    trivial = [r for r in known if r.kind == "trivial"]
    return next(iter(trivial or known), None) if LADDER in case else None


def _from_metric(case: Case, stage: Stage) -> Verdict:
    """Where the loss says nothing (reinforcement learning, GANs), the main task metric is judged by its own start.

    Where that is too sparse to tell (ten evaluations beside fifty returns of rollouts), its like may do.
    """
    main = case.get(MAIN_METRIC)
    best = next((r for r in (main, *_alike(case, main)) if r is not None and _improved(r)), main)
    if best is None or best.curve is None:
        return Verdict(
            state="inconclusive",
            summary="this kind of loss does not tell progress, and no task metric is logged",
            confidence=0.8,
            stage=stage,
        )
    curve = best.curve
    playing = (case.get(TASKS) or frozenset()) & {"reinforcement", "gan"}
    unjudged = "The loss is not judged in this kind of training" if playing else "No total loss was found"
    if _improved(best):
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
