"""What ends a training: which findings, how sure and how lasting they must be; and when going on buys nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, final

from traindx.diagnosis import CONDITIONS, Finding, Severity
from traindx.errors import UsageError, unknown_name
from traindx.live.changes import GRAVITY


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StopPolicy:
    """What stops a training. The empty policy stops nothing.

    **Findings.** ``on`` are beginnings of rule codes ("NAN", "BAS001") or conditions ("nan", "diverged"); ``severity`` and
    ``confidence`` are the least that a finding must have. It must stand in ``confirmations`` judgements in a row, and over
    ``patience_steps`` steps since the first of them.

    **Values.** ``not_finite`` training losses in a row that are NaN or infinite stop at once, without a judgement. One alone may be
    a step that a loss scaler skips.

    **No progress.** ``trivial_steps`` is the budget for leaving the level of guessing: a run that is found there later stops;
    ``trivial_share`` is the same as a share of ``total_steps`` where that is known, and goes before. ``finished`` stops where a
    further improvement beyond noise is improbable: the forecast or a plateau says so, and nothing held out improves. What has learnt
    nothing yet is given that same budget first, where one is stated.

    **Epochs.** ``rising_epochs`` and ``equal_epochs`` stop a loss that keeps rising, or stays the same, for so many epochs, both read
    with its noise. **Memory.** ``memory_errors`` is how many out-of-memory errors that the loop survived are enough.

    ``spare`` is never stopped, but for NaN: a run in which the held-out loss (or, without one, the training loss) still improves, or in
    which "any" of them does, however slowly. Nothing stops before ``min_steps``. 0 switches a criterion off.
    """

    on: tuple[str, ...] = ()
    severity: Literal["info", "warning", "error"] = "warning"
    confidence: float = 0.8
    confirmations: int = 2
    patience_steps: int = 0
    min_steps: int = 0
    not_finite: int = 0
    trivial_steps: int = 0
    trivial_share: float = 0.0
    finished: bool = False
    rising_epochs: int = 0
    equal_epochs: int = 0
    memory_errors: int = 0
    spare: Literal["", "held-out", "any"] = ""

    @classmethod
    def preset(cls, name: str) -> StopPolicy:
        """Return the policy of that name: "nan-only", "cautious", "early-stopping" or "by-epoch".

        Raises ``UsageError`` with the nearest names, or all of them.
        """
        found = PRESETS.get(name)
        if found is None:
            nearest = unknown_name("stop policy", name, PRESETS)
            raise UsageError(nearest.problem, hint=nearest.hint or f"there are {', '.join(PRESETS)}")
        return found

    @classmethod
    def of(cls, stop: StopPolicy | str | Sequence[str] | None) -> StopPolicy:
        """Return the policy that ``Monitor(stop=...)`` means: one, a preset's name, or codes and conditions.

        Raises ``UsageError`` for names that are neither.
        """
        if stop is None:
            return StopPolicy()
        if isinstance(stop, StopPolicy):
            return stop
        if isinstance(stop, str) and stop in PRESETS:
            return PRESETS[stop]
        names = (stop,) if isinstance(stop, str) else tuple(stop)
        for name in names:
            _must_exist(name)
        return StopPolicy(on=names)

    def concerns(self, finding: Finding) -> bool:
        """Whether this finding may stop the run."""
        named = any(finding.code.startswith(one.upper()) or finding.condition == one for one in self.on)
        return named and finding.confidence >= self.confidence and GRAVITY[finding.severity] >= self._least

    @property
    def looks_at_curves(self) -> bool:
        """Whether the signs of the run are asked, besides its findings."""
        return bool(self.spare or self.finished or self.rising_epochs or self.equal_epochs)

    @property
    def _least(self) -> int:
        return GRAVITY[Severity(self.severity)]


PRESETS: Final[Mapping[str, StopPolicy]] = MappingProxyType(
    {
        # A training loss that is not finite three times in a row: a loss scaler skips single steps, and is right to.
        "nan-only": StopPolicy(not_finite=3, on=("NAN001", "NAN002"), severity="error", confidence=0.9),
        # What cannot come right by waiting: NaN weights, a loss lost for good, a learning rate of zero, nothing learnt after a tenth
        # of the plan.
        "cautious": StopPolicy(
            not_finite=3,
            on=("NAN001", "NAN002", "OPT001", "diverged", "collapsed"),
            severity="error",
            confidence=0.9,
            confirmations=3,
            trivial_share=0.1,
            trivial_steps=2000,
            spare="any",
        ),
        # Besides: held-out results past their best, and runs that have nothing left to gain.
        "early-stopping": StopPolicy(
            not_finite=3,
            on=("NAN001", "NAN002", "OPT001", "diverged", "collapsed", "overfit"),
            severity="warning",
            confidence=0.8,
            confirmations=3,
            trivial_share=0.1,
            trivial_steps=2000,
            finished=True,
            spare="held-out",
        ),
        # What people watch for by hand, epoch by epoch: NaN, three epochs of rising loss, ten of the same, a full device; never while
        # the loss falls, even slowly, or validation improves.
        "by-epoch": StopPolicy(
            not_finite=1, confirmations=1, rising_epochs=3, equal_epochs=10, memory_errors=3, spare="any"
        ),
    }
)


def _must_exist(name: str) -> None:
    from traindx.rules import ALL_RULES  # loads all rules: only where names are given

    if name in CONDITIONS or (name and any(rule.meta.code.startswith(name.upper()) for rule in ALL_RULES)):
        return
    raise UsageError(
        f"nothing is called {name!r} that could stop a run",
        hint=f"give a preset ({', '.join(PRESETS)}), the beginning of a rule's code (NAN, BAS001), or a condition (nan, diverged, ...)",
    )
