"""RET007: recall on training data is below recall on held-out data: the galleries differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import GALLERY_SIZE, METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.retrieval.shares import last_share
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GalleriesOfTwoSizes(Rule):
    """Recall is lower on the data that the model was trained on than on held-out data.

    ## What it looks at
    The last recall at one cut-off on both splits, where training lies at four fifths of the held-out value or less.

    ## Why it matters
    A larger gallery holds more rivals: the same model has a recall of 0.48 among 32 items and 0.04 among ten thousand. Ranked
    among all training items, recall is lower without any fault, and a gap between the two says nothing of generalisation.

    ## What to try
    - Rank a random part of the training set as large as the held-out gallery.
    - Report the median rank as a share of the gallery.

    ## When it is wrong
    Where both galleries have one size: then training examples are noisier, or evaluation mode differs.
    """

    meta: ClassVar = RuleMeta(
        code="RET007",
        name="galleries-of-two-sizes",
        since="0.1",
        summary="recall is lower on training data: galleries differ",
    )
    needs: ClassVar = (METRICS,)
    may_use: ClassVar = (GALLERY_SIZE,)

    lower: float = 0.8
    least: float = 0.05

    def check(self, case: Case) -> Iterator[Finding]:
        hits = plain(case[METRICS], "recall_at_k", "hit_rate")
        training = {(r.role.kind, r.role.k, r.role.part): r for r in hits if r.role.split == "train"}
        for held in (r for r in hits if r.held_out):
            train = training.get((held.role.kind, held.role.k, held.role.part))
            if (
                train is not None
                and self.least < last_share(held) <= 1
                and last_share(train) < self.lower * last_share(held)
            ):
                yield self._describe(case, train, held)
                return

    def _describe(self, case: Case, train: Reading, held: Reading) -> Finding:
        known, new = last_share(train), last_share(held)
        gallery = case.get(GALLERY_SIZE)
        return self.finding(
            f"{train.name} ends at {100 * known:.3g} % and {held.name} at {100 * new:.3g} %: not comparable unless both galleries have one size",
            Evidence(
                label=f"last {train.name}",
                measured=round(100 * known, 6),
                expected=round(100 * new, 6),
                formula=held.name,
                unit="%",
                span=case.span(train.series),
                note=f"held-out gallery of {gallery} items" if gallery else "the size of neither gallery is logged",
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="a larger gallery holds more rivals: recall falls with its size for one and the same model",
            do=("rank a random part of the training set as large as the held-out gallery",),
            check="the number of items that each split is ranked against",
            rank=8,
        )
