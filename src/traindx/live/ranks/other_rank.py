"""What a monitor does on all ranks but the first: it counts steps and remembers evaluations, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, final

from traindx.live.intake import Choosing, Guarding
from traindx.live.step_count import StepCount


@final
class OtherRank:
    """Stands where the intake does on rank 0, and takes the same calls."""

    def __init__(self) -> None:
        self.count = StepCount()
        self.guards: Guarding | None = None
        self.board: Choosing | None = None
        self.after_removal: Callable[[], None] = lambda: None
        self.path: Path | None = None

    def take(self, values: Mapping[str, Any] | None, step: object, epoch: object, more: dict[str, Any]) -> None:
        """Count a row."""
        told = {**(values or {}), **more}
        if epoch is not None:
            told["epoch"] = epoch
        at = self.count.take(step if type(step) is int else None, (*told,))
        if self.board is not None:
            self.board.take(at, told)

    def note(self, step: int, values: Mapping[str, float]) -> None:
        """Record nothing."""

    def look_again(self) -> None:
        """Every row is looked at."""

    def flush(self, timeout_s: float) -> bool:
        """Have nothing to write."""
        del timeout_s
        return True

    def close(self, timeout_s: float) -> bool:
        """Have nothing to close."""
        del timeout_s
        return True
