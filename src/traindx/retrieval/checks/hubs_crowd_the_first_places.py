"""EMB004: a few items are everybody's neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval
from traindx.retrieval.words import counted


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HubsCrowdTheFirstPlaces(Check[Retrieval]):
    """A few items stand among the first for far more queries than their share.

    ## What it looks at
    How often each item of a sample is among the first ten of sampled queries: the skewness of the counts, against that of
    Gaussian rows of the same dimension and number.

    ## Why it matters
    Hubs take the first places from the right items, and what is never retrieved might as well not be in the gallery. High
    dimension alone makes some; what counts is the excess.

    ## What to try
    - Centre both sides, or rank by a score with the mean similarity of each item's neighbourhood taken off (CSLS, inverted softmax).
    - Look at the items that crowd: blank images, empty texts and very long ones are common.

    ## When it is wrong
    Where an item is right for many queries by nature.
    """

    meta: ClassVar = RuleMeta(
        code="EMB004",
        name="hubs-crowd-the-first-places",
        since="0.1",
        summary="a few items are first for far more queries than their share",
    )

    excess: float = 2.0
    """How far above the skewness of Gaussian rows, which healthy encoders stay below: real data use fewer directions than they have."""
    errors: float = 5.0
    places: float = 0.15
    possible: float = 0.6
    """The first 1 % of the items must hold a sizeable share of the places as well: a skewness alone may rest on one item of thousands. One item holds
    one place in ten at most, so that in a small gallery three fifths of what they can hold are enough."""

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        hubs = subject.hubs
        if hubs is None or subject.collapsed or subject.forward.positives > 2:
            return
        limit = hubs.null_skewness + max(self.excess, self.errors * hubs.null_error)
        sizeable = min(self.places, self.possible * hubs.top_possible)
        if not (hubs.skewness > limit and hubs.top_share > max(sizeable, 2 * hubs.null_top_share)):
            return
        yield self.finding(
            f"{hubs.top_items:,} of {hubs.items:,} items {'holds' if hubs.top_items == 1 else 'hold'} {100 * hubs.top_share:.0f} % of the first {hubs.k} places, and {100 * hubs.never:.0f} % of the items hold none",
            Evidence(
                label=f"skewness of the {hubs.k}-occurrence",
                measured=hubs.skewness,
                expected=hubs.null_skewness,
                formula="Gaussian rows of the same dimension",
                note=f"{hubs.queries:,} queries, {hubs.items:,} items",
            ),
            Evidence(
                label=f"places of the first {counted(hubs.top_items, 'item', 'items')}",
                measured=100 * hubs.top_share,
                expected=100 * hubs.null_top_share,
                unit="%",
            ),
            Evidence(
                label="items without a place", measured=100 * hubs.never, expected=100 * hubs.null_never, unit="%"
            ),
            severity=Severity.WARNING,
            confidence=0.9,
            why="hubs take the first places from the right items",
            do=(
                "centre both sides, or take off each item's mean similarity to its neighbourhood (CSLS)",
                "look at the most frequent items: blank images and empty texts are common",
            ),
            check="rank again without the most frequent 1 % of items: recall that rises was theirs",
            decided_by="data",
            rank=14,
        )
