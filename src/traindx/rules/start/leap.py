"""A leap at the start of a loss as evidence: given in one form by the rules that speak of it."""

from __future__ import annotations

from traindx.context import Case
from traindx.diagnosis import Evidence
from traindx.run import Series
from traindx.signals import Hump, exponential


def rise_of(case: Case, series: Series, found: Hump, last: int) -> Evidence:
    """Return the factor by which a positive loss rose, with its span from the low point to the index ``last``."""
    return Evidence(
        label="factor by which the loss rose",
        measured=exponential(found.rise),
        expected=exponential(found.ordinary),
        formula="largest rise in any later stretch as long",
        span=case.span(series, found.low, last),
    )
