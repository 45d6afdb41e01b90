"""LEK002: rows of the other split nearly equal a training row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.overlap.checks.wording import share
from traindx.dataset.overlap.overlap import Nearness, Overlap
from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NearLeak(Check[Overlap]):
    """Rows of the other split nearly equal a row of the training split.

    ## What it looks at
    Texts that share more than 0.8 of their shingles (Jaccard; candidates by MinHash), images whose perceptual hashes differ in at most 4 of 64 bits
    and whose pixels agree, embeddings with a cosine above 0.98. Every candidate is compared by itself. Rows that are exactly equal are
    counted elsewhere. Where random pairs reach the threshold as well, the measure tells nothing and this stays quiet.

    ## Why it matters
    A photograph saved again, a caption with one word changed, or the next frame of the same film is as good as the same row to a
    network, and no exact comparison finds it.

    ## What to try
    - Look at the examples; then remove the training rows, or split by source (film, author, page).

    ## When it is wrong
    Templates: texts that share their wording by design and differ in the one word that matters.
    """

    meta: ClassVar = RuleMeta(
        code="LEK002", name="near-leak", since="0.1", summary="rows of the other split nearly equal a training row"
    )

    error_share: float = 0.01
    """As for exact copies: a hundredth of the rows can move a metric by a point."""

    background: float = 0.001
    """If a thousandth of random pairs is as similar, being similar to one of many thousands of rows is no news."""

    crowd: float = 20.0
    """Rows alike to one row, such as the frames of a scene, that are no crowd yet: in a small split they alone make more than a thousandth of the pairs."""

    most: float = 0.25
    """In however small a split: where a fourth of random pairs is as similar, the measure tells nothing."""

    luck: float = 0.5
    """A leak of more than twice the likeness that the training split itself shows is no coincidence."""

    def check(self, subject: Overlap) -> Iterator[Finding]:
        """Speak of each column that was compared."""
        for near in subject.near:
            crowded = max(self.background, min(self.crowd / max(near.train_rows, 1), self.most))
            if near.close > 0 and not near.background > crowded:
                yield self._said(subject, near)

    def _said(self, subject: Overlap, near: Nearness) -> Finding:
        by_luck = near.twin_share > self.luck * near.share
        certain = near.kind != "embedding"  # two different things may have nearly one embedding
        evidence = [
            Evidence(
                label=f"share of the other split with {near.measure} above {near.threshold:g} to a training row",
                measured=near.share,
                expected=0.0,
                formula="disjoint sources",
            )
        ]
        if near.twin_share == near.twin_share:
            evidence.append(
                Evidence(
                    label="the same share within the training split",
                    measured=near.twin_share,
                    note="what a fresh sample would show by coincidence",
                )
            )
        evidence += [
            Evidence(
                label=near.measure,
                measured=value,
                note=f"row {theirs} of {subject.other}, row {mine} of {subject.train}",
            )
            for mine, theirs, value in near.examples[:3]
        ]
        return self.finding(
            f"{near.close:,} of {near.other_rows:,} {near.kind}s of {subject.other} ({share(near.share)}) nearly equal a training row, by {near.measure}",
            *evidence,
            severity=Severity.ERROR if near.share >= self.error_share and certain and not by_luck else Severity.WARNING,
            confidence=0.6 if by_luck else 0.9 if certain else 0.8,
            why="a copy saved again, or with a word changed, is the same row to a network"
            + ("; the training split repeats itself as much, so the rows may be alike by nature" if by_luck else ""),
            do=("look at the examples, and take such rows out of the training split", "split by source, not by row"),
            check="look at the examples side by side",
            decided_by="data",
            rank=75,
        )
