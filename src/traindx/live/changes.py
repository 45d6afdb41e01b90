"""What changed between two reports of one growing run: findings that appeared, grew worse, or cleared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, final

from traindx.diagnosis import Finding, Report, Severity

GRAVITY: Final = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_SURE: Final = 0.8
_TWICE: Final = 2

Key = tuple[str, str]


@final
@dataclass(frozen=True, slots=True)
class Change:
    """One finding that changed its state, and the last step of the run when that was seen (None without steps)."""

    state: Literal["appeared", "worse", "cleared"]
    finding: Finding
    step: float | None

    @property
    def prefix(self) -> str:
        """What stands before the finding's words where it did not just appear: "worse: ", "cleared: "."""
        return "" if self.state == "appeared" else f"{self.state}: "

    @property
    def is_remark(self) -> bool:
        """Whether it stays in the report: nobody is interrupted for a remark."""
        return self.finding.severity is Severity.INFO


def changes_between(before: Report | None, after: Report) -> tuple[Change, ...]:
    """Return what changed, the gravest first. A finding is the same one where code and judged series agree."""
    old, new = _by_key(before.findings if before else ()), _by_key(after.findings)
    told: list[Change] = []
    for key, finding in new.items():
        known = old.get(key)
        if known is None:
            told.append(Change("appeared", finding, after.last_step))
        elif GRAVITY[finding.severity] > GRAVITY[known.severity]:
            told.append(Change("worse", finding, after.last_step))
    told += [Change("cleared", finding, after.last_step) for key, finding in old.items() if key not in new]
    return _gravest_first(told)


@final
@dataclass(slots=True)
class _State:
    """What is known of one finding: how it looked last, in how many judgements in a row it stood or was missing."""

    finding: Finding
    standing: int = 0
    missing: int = 0
    told: Severity | None = None  # the gravest severity that was told since it appeared; None while it is not told
    cleared: int = 0  # how often it was told to have cleared


@final
@dataclass(slots=True)
class ChangeTeller:
    """Tells the changes of report after report, each once, though a finding near its threshold comes and goes.

    - An error that is sure appears at once; any other finding in its second judgement in a row: one judgement may catch an evaluation
      half logged, or a noisy stretch just beyond a threshold.
    - A finding clears when two judgements in a row are without it.
    - Both counts double each time that the finding has cleared. So in n judgements a finding is told about log2(n) times at
      most, however it flickers, and one that is gone for good is told once.
    - ``asked`` says that somebody wants to know: then any finding that has not cleared before appears at once. ``last`` says that
      no judgement follows: then what stands is told, and what is gone.
    """

    _known: dict[Key, _State] = field(default_factory=dict[Key, _State])

    def tell(self, report: Report, *, asked: bool = False, last: bool = False) -> tuple[Change, ...]:
        """Take the next report; return what is to be told of it, the gravest first."""
        new = _by_key(report.findings)
        self._follow_moved(new)
        told = self._stand(new, report.last_step, asked=asked, last=last)
        for key in [key for key in self._known if key not in new]:
            state = self._known[key]
            state.standing, state.missing = 0, state.missing + 1
            told += self._cleared(state, report.last_step, last=last)
        return _gravest_first(told)

    @property
    def waits(self) -> bool:
        """Whether a warning or an error stands and is not told yet, or is told and no longer stands."""
        grave = (one for one in self._known.values() if one.finding.severity is not Severity.INFO)
        return any((one.told is None) == (one.standing > 0) for one in grave)

    def add(self, findings: Iterable[Finding], step: float | None) -> tuple[Change, ...]:
        """Take findings from a piece of the run: they may appear, and nothing clears because they do not hold it."""
        return _gravest_first(self._stand(_by_key(findings), step))

    def _stand(
        self, new: Mapping[Key, Finding], step: float | None, *, asked: bool = False, last: bool = False
    ) -> list[Change]:
        told: list[Change] = []
        for key, finding in new.items():
            state = self._known.setdefault(key, _State(finding))
            state.finding, state.standing, state.missing = finding, state.standing + 1, 0
            told += self._appeared(state, step, asked=asked, last=last)
        return told

    def _appeared(self, state: _State, step: float | None, *, asked: bool, last: bool) -> list[Change]:
        finding = state.finding
        if state.told is not None:
            if GRAVITY[finding.severity] > GRAVITY[state.told]:
                state.told = finding.severity
                return [Change("worse", finding, step)]
            return []
        sure = finding.severity is Severity.ERROR and finding.confidence >= _SURE
        if state.standing < (1 if asked or sure else _TWICE) << state.cleared and not last:
            return []
        state.told = finding.severity
        return [Change("appeared", finding, step)]

    def _cleared(self, state: _State, step: float | None, *, last: bool) -> list[Change]:
        if state.told is None or (state.missing < _TWICE << state.cleared and not last):
            return []
        state.told, state.cleared = None, state.cleared + 1
        return [Change("cleared", state.finding, step)]

    def _follow_moved(self, new: Mapping[Key, Finding]) -> None:
        """A rule that names the worst of many series may name another one next time: the same finding, elsewhere."""
        for key in [key for key in new if key not in self._known]:
            left = [old for old in self._known if old[0] == key[0] and old not in new]
            if left:
                self._known[key] = self._known.pop(left[0])


def _by_key(findings: Iterable[Finding]) -> dict[Key, Finding]:
    """Findings by code and judged series; of several with one key the gravest, which come first in a report."""
    found: dict[Key, Finding] = {}
    for finding in findings:
        found.setdefault((finding.code, _series_of(finding)), finding)
    return found


def _series_of(finding: Finding) -> str:
    """The series that the finding is about: that of its first evidence with a place."""
    return next((one.span.series for one in finding.evidence if one.span is not None), "")


def _gravest_first(told: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(told, key=lambda change: -GRAVITY[change.finding.severity]))
