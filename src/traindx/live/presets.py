"""Stop policies by name, as data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from traindx.errors import UsageError, unknown_name
from traindx.live.stopping import StopPolicy

PRESETS: Final[Mapping[str, StopPolicy]] = MappingProxyType(
    {
        # A training loss that is not finite three times in a row: a loss scaler skips single steps, and is right to.
        "nan-only": StopPolicy(not_finite=3, on=("NAN001", "NAN002"), severity="error", confidence=0.9),
        # What cannot come right by waiting: NaN weights, a loss lost for good, nothing learnt after a tenth of the plan.
        "cautious": StopPolicy(
            not_finite=3,
            on=("NAN001", "NAN002", "diverged", "collapsed"),
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
            on=("NAN001", "NAN002", "diverged", "collapsed", "overfit"),
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


def preset(name: str) -> StopPolicy:
    """Return the policy of that name. Raises ``UsageError`` with the nearest names, or all of them."""
    found = PRESETS.get(name)
    if found is None:
        nearest = unknown_name("stop policy", name, PRESETS)
        raise UsageError(nearest.problem, hint=nearest.hint or f"there are {', '.join(PRESETS)}")
    return found
