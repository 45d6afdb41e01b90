"""What an experiment is given: the subject, what is known so far, a seed, and until when it may last."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, final

from traindx.probe.measured import Measured
from traindx.probe.subject import Subject
from traindx.probe.told import Told

# What a user's model and loss may raise. Running out of memory, a wrong shape, a missing name: all are of these kinds.
FAILURES: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    Warning,
)


class OutOfTimeError(Exception):
    """An experiment does not fit into the time that is left; it is named in the report."""


@final
@dataclass(slots=True, kw_only=True)
class Bench:
    """The place of an experiment. ``until`` is of ``time.monotonic``; ``pace`` the seconds of one training step, 0 until measured."""

    subject: Subject
    told: Told
    measured: Measured
    seed: int
    until: float
    pace: float = 0.0

    def part(self, share: float) -> float:
        """Return the clock until which an experiment may use ``share`` of the time that is left."""
        now = time.monotonic()
        return now + max(self.until - now, 0.0) * share

    def steps(self, wanted: int, share: float) -> int:
        """Return how many steps of ``wanted`` fit into that share."""
        if self.pace <= 0:
            return wanted
        return min(wanted, int((self.part(share) - time.monotonic()) / self.pace))

    def need(self, steps: int, share: float) -> None:
        """Raise OutOfTimeError where so many steps do not fit into that share."""
        if self.steps(steps, share) < steps:
            raise OutOfTimeError
