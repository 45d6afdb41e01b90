"""Applying a stop policy: to judgement after judgement, and to the values that guards report."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, final

from traindx.diagnosis import Finding, Report, Severity
from traindx.live.guards import Trip
from traindx.live.signs import Signs
from traindx.live.stop_policy import StopPolicy

_GROWN: Final = 0.01
_IMPROBABLE: Final = "a further improvement beyond noise is improbable"


@final
@dataclass(frozen=True, slots=True)
class StopDecision:
    """Why a training should end: one sentence, the finding behind it where there is one, and the step it was decided at.

    ``criterion`` names the part of the policy: "finding", "not-finite", "trivial-level", "finished", "rising", "equal", "memory",
    or "asked" for a person who asked by the signal file.
    """

    reason: str
    finding: Finding | None = None
    step: float | None = None
    criterion: str = "finding"


@final
@dataclass(frozen=True, slots=True)
class _Candidate:
    """A reason to stop, under the name by which it must last. One that is not ``ripe`` counts, and does not stop yet.

    ``reaches`` is the last step of a finding of NaN, which only further values that are not finite confirm: a loss that came
    back was skipped, and its weights are sound. NaN for any other reason.
    """

    name: str
    decision: StopDecision
    ripe: bool = True
    reaches: float = math.nan


@final
@dataclass(frozen=True, slots=True)
class _Standing:
    """In how many judgements in a row a reason has stood, since which step; the step of the last one that counted, and its reach."""

    count: int
    since: float
    counted: float
    reached: float


@final
@dataclass(slots=True)
class Stopper:
    """Applies a policy to judgement after judgement, and to the values that the guards report.

    A judgement confirms another where the run has grown by a hundredth since: about the same points, rules say the same.
    """

    policy: StopPolicy
    _standing: dict[str, _Standing] = field(default_factory=dict[str, _Standing])
    _memory_errors: int = 0

    def decide(self, report: Report, signs: Signs | None = None) -> StopDecision | None:
        """Take the next judgement; return the decision to stop, or None."""
        policy, step = self.policy, report.last_step or 0.0
        candidates = list(_candidates(policy, report, signs))
        self._standing = {one.name: _longer(self._standing.get(one.name), step, one.reaches) for one in candidates}
        for one in candidates:
            standing = self._standing[one.name]
            lasted = standing.count >= policy.confirmations and step - standing.since >= policy.patience_steps
            if one.ripe and lasted and step >= policy.min_steps and not _spared(policy, one.decision, signs):
                return one.decision
        return None

    @property
    def waits(self) -> bool:
        """Whether a reason to stop stands that further judgements have to confirm."""
        return bool(self._standing)

    def of_trip(self, trip: Trip) -> StopDecision | None:
        """Take a value out of bounds; return the decision to stop where so many in a row are not finite."""
        policy = self.policy
        if not policy.not_finite or trip.finite or not trip.of_training_loss or trip.count < policy.not_finite:
            return None
        if trip.last_step < policy.min_steps:
            return None
        since = (
            "" if trip.count == 1 else f", and has been since step {trip.first_step:g} ({trip.count} values in a row)"
        )
        return StopDecision(f"{trip.name} is {trip.value}{since}", None, trip.last_step, "not-finite")

    def of_memory(self, step: float | None) -> StopDecision | None:
        """Take an out-of-memory error that was survived; return the decision to stop where they are too many."""
        self._memory_errors += 1
        if not 0 < self.policy.memory_errors <= self._memory_errors:
            return None
        return StopDecision(f"the device ran out of memory {self._memory_errors} times", None, step, "memory")


def _longer(before: _Standing | None, step: float, reaches: float) -> _Standing:
    if before is None:
        return _Standing(1, step, step, reaches)
    if step - before.counted < _GROWN * abs(step) or reaches <= before.reached:
        return before
    return _Standing(before.count + 1, before.since, step, reaches)


def _candidates(policy: StopPolicy, report: Report, signs: Signs | None) -> Iterator[_Candidate]:
    """Everything that the policy minds in this judgement."""
    step = report.last_step
    for finding in report.findings:
        if policy.concerns(finding):
            decision = StopDecision(f"{finding.code}: {finding.headline}", finding, step)
            name, reaches = _of_nan(finding) if finding.condition == "nan" else (finding.code, math.nan)
            yield _Candidate(name, decision, reaches=reaches)
    budget = _budget(policy, report)
    trivial = next((f for f in report.findings if _is_trivial(f, policy)), None)
    if trivial is not None and budget is not None:
        words = f"still at the level of guessing, {budget:g} steps were the budget: {trivial.headline}"
        decision = StopDecision(words, trivial, step, "trivial-level")
        yield _Candidate("trivial-level", decision, ripe=step is not None and step >= budget)
    if signs is not None:
        yield from _from_signs(policy, report, signs)


def _of_nan(finding: Finding) -> tuple[str, float]:
    """The name by which a finding of NaN must last, which is that of its series, and the last step it reaches to."""
    spans = [one.span for one in finding.evidence if one.span is not None]
    if not spans:
        return finding.code, math.nan
    return f"{finding.code} {spans[0].series}", max(span.last_step for span in spans)


def _from_signs(policy: StopPolicy, report: Report, signs: Signs) -> Iterator[_Candidate]:
    step = report.last_step
    over = _finished(policy, report, signs)
    if over:
        budget = _budget(policy, report)  # a plateau before anything was learnt is often where learning begins
        ripe = signs.learnt or budget is None or (step is not None and step >= budget)
        yield _Candidate("finished", StopDecision(f"{_IMPROBABLE}: {over}", None, step, "finished"), ripe=ripe)
    if 0 < policy.rising_epochs <= signs.epochs_rising:
        words = f"the training loss has kept rising, beyond its noise, for {signs.epochs_rising} epochs"
        yield _Candidate("rising", StopDecision(words, None, step, "rising"))
    if 0 < policy.equal_epochs <= signs.epochs_equal:
        words = f"the training loss has stayed the same within its noise for {signs.epochs_equal} epochs"
        yield _Candidate("equal", StopDecision(words, None, step, "equal"))


def _finished(policy: StopPolicy, report: Report, signs: Signs) -> str:
    """Why going on buys nothing; "" where it may, and where nothing was learnt yet, which is another matter."""
    if not policy.finished or signs.improves or any(_is_trivial(f, policy) for f in report.findings):
        return ""
    outlook = report.forecast
    if outlook is not None and outlook.advice == "stop":
        return outlook.text
    if signs.stands_still and (outlook is None or outlook.advice != "continue"):
        return "what is watched has gained under 1 % over the last third of the run or more"
    return ""


def _spared(policy: StopPolicy, decision: StopDecision, signs: Signs | None) -> bool:
    """Whether the run still improves where the policy spares it; NaN is never spared."""
    if signs is None or not policy.spare or (decision.finding is not None and decision.finding.condition == "nan"):
        return False
    if policy.spare == "any":
        return signs.training_falls or bool(signs.held_out_improves)
    return signs.improves


def _is_trivial(finding: Finding, policy: StopPolicy) -> bool:
    sure = finding.confidence >= policy.confidence and finding.severity is not Severity.INFO
    return finding.condition == "at_chance" and sure


def _budget(policy: StopPolicy, report: Report) -> float | None:
    """The step from which on the level of guessing stops the run; None where no budget is stated."""
    total = next((fact.value for fact in report.facts if fact.key == "total_steps"), None)
    if policy.trivial_share > 0 and isinstance(total, int | float) and total > 0:
        return policy.trivial_share * float(total)
    return float(policy.trivial_steps) if policy.trivial_steps > 0 else None
