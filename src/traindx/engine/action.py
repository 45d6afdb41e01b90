"""What to do now: one sentence, drawn from the gravest finding."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.diagnosis import Action, Cause, Finding, MissingFact, Severity, Verdict


def action_for(
    verdict: Verdict,
    findings: Sequence[Finding],
    missing: Sequence[MissingFact],
    *,
    log: str,
    over: str = "",
    broken: str = "",
    causes: Sequence[Cause] = (),
) -> Action:
    """Return what to do now. Failing runs are stopped or mended; what cannot be judged is asked for.

    ``log`` is what to log where nothing else would decide; ``over`` is what was planned and is done ("100 epochs"): such a
    run is not told to go on. ``broken`` is the place of an error that ended the program: neither is such a run.
    Where one of the ``causes`` leads, its fix comes before the advice of any single finding; its test stands beside the cause.
    """
    worst = next((f for f in findings if f.severity is not Severity.INFO), None)
    advice = _advice(worst, causes)
    if verdict.state == "failing":
        return Action(
            "stop" if worst is not None and worst.condition in ("nan", "diverged", "collapsed") else "fix", advice
        )
    if verdict.state == "attention":
        return Action("fix", advice)
    if broken and worst is None:
        return Action("fix", f"the log ends in an error at {broken}: mend it, and resume from the last checkpoint")
    if verdict.state == "inconclusive":
        if worst is not None:
            return Action("fix" if worst.undermines else "ask", advice)
        if missing:
            return Action("ask", f"say {missing[0].key}: it would {missing[0].would}")
        return Action("ask", log)
    return _healthy(verdict, over)


def _advice(worst: Finding | None, causes: Sequence[Cause]) -> str:
    if worst is None:
        return ""
    if causes and causes[0].leads and not worst.undermines:
        return f"likely {causes[0].name.replace('-', ' ')}: {causes[0].fix}"
    return worst.do[0] if worst.do else ""


def _healthy(verdict: Verdict, over: str) -> Action:
    if verdict.stage == "converged":
        return Action("finish", "stop here and keep the best checkpoint; more steps at this setting buy nothing")
    if over:
        keep = "keep the best checkpoint, and train longer only if that is the last one"
        return Action("finish", f"the planned {over} are done: {keep}")
    return Action("continue", "let it run; look again after as many points as were logged so far")
