"""Applying a stop policy: to judgement after judgement, and to the values that guards report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import final

from traindx.diagnosis import Finding, Report, Severity
from traindx.live.guards import Trip
from traindx.live.signs import Signs
from traindx.live.stop_policy import StopPolicy


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
@dataclass(slots=True)
class Stopper:
    """Applies a policy to judgement after judgement, and to the values that the guards report."""

    policy: StopPolicy
    _standing: dict[str, tuple[int, float | None]] = field(default_factory=dict[str, tuple[int, float | None]])
    _memory_errors: int = 0

    def decide(self, report: Report, signs: Signs | None = None) -> StopDecision | None:
        """Take the next judgement; return the decision to stop, or None."""
        policy, step = self.policy, report.last_step
        candidates = list(_candidates(policy, report, signs))
        self._standing = {
            name: (self._standing.get(name, (0, step))[0] + 1, self._standing.get(name, (0, step))[1])
            for name, *_ in candidates
        }
        if step is not None and step < policy.min_steps:
            return None
        for name, decision in candidates:
            count, since = self._standing[name]
            lasted = step is None or since is None or step - since >= policy.patience_steps
            if count >= policy.confirmations and lasted and not _spared(policy, decision, signs):
                return decision
        return None

    def of_trip(self, trip: Trip) -> StopDecision | None:
        """Take a value out of bounds; return the decision to stop where so many in a row are not finite."""
        policy = self.policy
        if not policy.not_finite or trip.finite or not trip.of_training_loss or trip.count < policy.not_finite:
            return None
        if trip.last_step < policy.min_steps:
            return None
        since = "" if trip.count == 1 else f", as it has been since step {trip.first_step:g} ({trip.count} values)"
        return StopDecision(
            f"{trip.name} is {trip.value} at step {trip.last_step:g}{since}", None, trip.last_step, "not-finite"
        )

    def of_memory(self, step: float | None) -> StopDecision | None:
        """Take an out-of-memory error that was survived; return the decision to stop where they are too many."""
        self._memory_errors += 1
        if not 0 < self.policy.memory_errors <= self._memory_errors:
            return None
        return StopDecision(f"the device ran out of memory {self._memory_errors} times", None, step, "memory")


def _candidates(policy: StopPolicy, report: Report, signs: Signs | None) -> Iterator[tuple[str, StopDecision]]:
    """Everything that the policy minds in this judgement, each by the name under which it must last."""
    step = report.last_step
    for finding in report.findings:
        if policy.concerns(finding):
            yield finding.code, StopDecision(f"{finding.code}: {finding.headline}", finding, step)
    budget = _budget(policy, report)
    trivial = next((f for f in report.findings if _is_trivial(f, policy)), None)
    if trivial is not None and budget is not None and step is not None and step >= budget:
        words = f"still at the level of guessing after {budget:g} steps: {trivial.headline}"
        yield "trivial-level", StopDecision(words, trivial, step, "trivial-level")
    if signs is not None:
        yield from _from_signs(policy, report, signs)


def _from_signs(policy: StopPolicy, report: Report, signs: Signs) -> Iterator[tuple[str, StopDecision]]:
    step, outlook = report.last_step, report.forecast
    if policy.finished and not signs.improves and not any(_is_trivial(f, policy) for f in report.findings):
        if outlook is not None and outlook.advice == "stop":
            words = f"a further improvement beyond noise is improbable: {outlook.text}"
            yield "finished", StopDecision(words, None, step, "finished")
        elif signs.stands_still and (outlook is None or outlook.advice != "continue"):
            words = "a further improvement beyond noise is improbable: what is watched has gained under 1 % over its last third or more"
            yield "finished", StopDecision(words, None, step, "finished")
    if 0 < policy.rising_epochs <= signs.epochs_rising:
        words = f"the training loss has kept rising, beyond its noise, for {signs.epochs_rising} epochs"
        yield "rising", StopDecision(words, None, step, "rising")
    if 0 < policy.equal_epochs <= signs.epochs_equal:
        words = f"the training loss has stayed the same within its noise for {signs.epochs_equal} epochs"
        yield "equal", StopDecision(words, None, step, "equal")


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
