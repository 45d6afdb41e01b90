"""Rows of numbers into an event file: by the form of their names where it is known, in full where it is not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, final

from traindx.live.checksum_tables import TICKS
from traindx.live.crc_extension import crc32c_extension
from traindx.live.event_bytes import record_of
from traindx.live.event_file import EventFile
from traindx.live.event_form import Form, Forms

_MOST_FORMS: Final = 128  # sets of names whose form is kept: a program with more of them makes up names as it goes
_LEARNT_AFTER: Final = (
    2  # rows: making the tables of a form takes milliseconds, which a set that comes once does not repay
)


@final
class Recorder:
    """Writes rows to one event file in ``directory``; from any thread, each row whole."""

    def __init__(
        self,
        directory: Path,
        warn: Callable[[str, str], None],
        after_removal: Callable[[], None] = lambda: None,
        *,
        active: bool = True,
    ) -> None:
        self.file = EventFile(directory, warn, after_removal, active=active)
        self._make = Forms(crc32c_extension())
        self._forms: dict[tuple[str, ...], Form | int] = {}
        self._attended = 0
        self._lock = threading.Lock()

    def record(self, tick: int, step: int, names: tuple[str, ...], numbers: tuple[float, ...]) -> Form | None:
        """Write the row of one step, logged at ``tick`` (1/1024 s); return the form that rows of its names have by now."""
        second = tick // TICKS
        form = self._form(names, second, step)
        self.file.append(_bytes_of(form, tick, step, names, numbers))
        if second != self._attended:
            self._attended = second
            self.file.attend()
        return form

    def abandon(self) -> None:
        """Let go of the file in a forked process, where another thread may hold the lock for ever."""
        self._lock = threading.Lock()
        self.file.abandon()

    def _form(self, names: tuple[str, ...], second: int, step: int) -> Form | None:
        with self._lock:
            known = self._forms.get(names, 0)
            if isinstance(known, Form) and known.second == second and known.first <= step < known.end:
                return known
            if len(self._forms) >= _MOST_FORMS and names not in self._forms:
                self._forms.clear()
            if known == _LEARNT_AFTER or isinstance(known, Form):
                like = known if isinstance(known, Form) else None
                form = self._make.of(names, second, step, like)
                if form is not None:
                    self._forms[names] = form
                return form
            self._forms[names] = known + 1
            return None


def _bytes_of(form: Form | None, tick: int, step: int, names: tuple[str, ...], numbers: tuple[float, ...]) -> bytes:
    if form is not None:
        try:
            return form.record(tick, step, numbers)
        except OverflowError:  # a number beyond 32 bits
            pass
    return record_of(tick / TICKS, step, zip(names, numbers, strict=True))
