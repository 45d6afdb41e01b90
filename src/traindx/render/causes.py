"""Which causes are shown, and what speaks for one, in one line: for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.diagnosis import Cause

NO_LEADER = "no cause is clearly ahead"
_SHOWN = 3
_WORTH_SHOWING = 0.03
# Where even the likeliest is one in five, a list of guesses would only distract.
_WORTH_A_SECTION = 0.2


def told_causes(causes: Sequence[Cause], *, full: bool) -> Sequence[Cause]:
    """Return the causes to show: those above three per cent, and of these the first three where not all are wanted.

    None where none is likely, unless all are wanted.
    """
    likely = [cause for cause in causes if cause.probability >= _WORTH_SHOWING]
    if full:
        return likely
    return likely[:_SHOWN] if likely and likely[0].probability >= _WORTH_A_SECTION else []


def reasons(cause: Cause) -> str:
    """Return what speaks for a cause: rule codes, then what the curves show."""
    return "; ".join((*((", ".join(cause.because),) if cause.because else ()), *cause.signs))
