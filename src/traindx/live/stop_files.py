"""Files by which other programs and a running training talk: STOP asks it to stop, traindx_stop.json says that it does."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, final

from traindx.live.stopping import StopDecision

ASKED_FILE: Final = "STOP"
DECIDED_FILE: Final = "traindx_stop.json"


@final
class StopFiles:
    """The two files in a run's directory. A request that lay there before the run began belongs to an earlier one."""

    def __init__(self, directory: Path) -> None:
        self._asked, self._decided = directory / ASKED_FILE, directory / DECIDED_FILE
        self._stale = _mark(self._asked)

    def forget_earlier(self) -> None:
        """Remove the decision of an earlier run in this directory. Raises ``OSError``."""
        with suppress(NotADirectoryError):  # then there is no decision either
            self._decided.unlink(missing_ok=True)

    def asked(self) -> StopDecision | None:
        """Return the decision where somebody has asked for it since the run began: ``touch DIRECTORY/STOP``."""
        mark = _mark(self._asked)
        if mark is None or mark == self._stale:
            return None
        return StopDecision(f"asked to by {self._asked}", None, None, "asked")

    def tell(self, decision: StopDecision) -> None:
        """Write the decision, whole or not at all. Raises ``OSError``."""
        finding = decision.finding
        document = {
            "reason": decision.reason,
            "criterion": decision.criterion,
            "step": decision.step,
            "code": finding.code if finding else None,
            "condition": finding.condition if finding else None,
        }
        fresh = self._decided.with_name(f".{self._decided.name}.{os.getpid()}")
        fresh.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self._decided)


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
