"""When a notice is due: the first at once, those of a cool-down joined into one, what grows graver without waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from traindx.live.changes import Change
from traindx.live.notices.notice import Level, graver, gravest, level_of

Key = tuple[str, str]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """How often notices go out."""

    between_s: float = 1800.0
    """Half an hour between two notices: who is told has then had time to look."""

    joined_s: float = 2.0
    """Changes of one judgement come one after the other; those within two seconds are one notice."""

    least: Level = "warning"
    """Remarks are left to the report."""


@final
@dataclass(slots=True)
class Gate:
    """Collects changes and says which of them are due. Pure but for the times that it is given, in seconds of any clock.

    A finding is told once for each change of its state. Within a cool-down only the last state of each counts, and one that
    appeared and cleared meanwhile is not told at all; what is graver than anything told in this cool-down does not wait.
    """

    cooldown: Cooldown = field(default_factory=Cooldown)
    _waiting: dict[Key, Change] = field(default_factory=dict[Key, Change])
    _told: set[Key] = field(default_factory=set[Key])
    _since: float | None = None  # when the first of those waiting came
    _last: float | None = None  # when a notice was last due
    _gravest: Level = "info"  # of what was told since the cool-down began

    def take(self, change: Change, now: float) -> None:
        """Take one change of state."""
        key = _key(change)
        if change.state == "cleared" and key not in self._told:
            self._waiting.pop(key, None)
        elif change.state == "cleared" or not graver(self.cooldown.least, level_of(change)):
            waiting = self._waiting.get(key)
            if waiting is not None and waiting.state == "cleared" and change.state == "appeared":
                del self._waiting[key]  # told as there already, and there it is
            else:
                self._waiting[key] = change
        if not self._waiting:
            self._since = None
        elif self._since is None:
            self._since = now

    def wait_s(self, now: float) -> float | None:
        """Return in how many seconds a notice is due (0 is now), None where nothing waits."""
        if self._since is None:
            return None
        joined = self._since + self.cooldown.joined_s
        if self._last is None or graver(self._level(), self._gravest):
            return max(0.0, joined - now)
        return max(0.0, joined - now, self._last + self.cooldown.between_s - now)

    def due(self, now: float, *, last: bool = False) -> tuple[Change, ...]:
        """Return the changes that are due now, and forget them; with ``last`` all that wait, whatever the cool-down."""
        wait = self.wait_s(now)
        if wait is None or (wait > 0 and not last):
            return ()
        level = self._level()
        cooled = self._last is None or now >= self._last + self.cooldown.between_s
        self._gravest = level if cooled or graver(level, self._gravest) else self._gravest
        changes = tuple(self._waiting.values())
        for change in changes:
            (self._told.discard if change.state == "cleared" else self._told.add)(_key(change))
        self._waiting.clear()
        self._since, self._last = None, now
        return changes

    def _level(self) -> Level:
        return gravest(map(level_of, self._waiting.values()))


def _key(change: Change) -> Key:
    spans = (evidence.span.series for evidence in change.finding.evidence if evidence.span is not None)
    return change.finding.code, next(spans, "")
