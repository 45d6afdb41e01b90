"""RET001: ranks are no better than a random ranking, or hardly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import binomial_tail, mrr_chance
from traindx.context import FACTS, GALLERY_SIZE, METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RanksNearChance(Rule):
    """Recall at k is no better than a random ranking of this gallery, or by so little that the loss does not show it.

    ## What it looks at
    The hits of the last evaluation at every cut-off, against k over the gallery size, by the exact binomial tail; the mean
    reciprocal rank against the harmonic number over the gallery size.

    ## Why it matters
    "0.2 %" says nothing without the gallery: it is chance among 450 items and twenty times chance among 10,000. The inverse of
    the mean reciprocal rank is a harmonic mean, far below the mean rank.

    ## What to try
    - Report multiples of chance, the median rank, and the number of queries.
    - Overfit 64 pairs: recall at 1 must reach 100 % on them.

    ## When it is wrong
    Where queries have several right answers.
    """

    meta: ClassVar = RuleMeta(
        code="RET001", name="ranks-near-chance", since="0.1", summary="ranks are hardly better than random"
    )
    needs: ClassVar = (METRICS, GALLERY_SIZE)
    may_use: ClassVar = (FACTS,)
    condition: ClassVar = "at_chance"

    significant: float = 0.01
    multiple: float = 5.0
    """Under five times chance at every cut-off, a retrieval model is of no use yet, however significant the hits are."""

    def check(self, case: Case) -> Iterator[Finding]:
        gallery = case[GALLERY_SIZE]
        hits = sorted(
            (r for r in case[METRICS] if r.role.kind in ("recall_at_k", "hit_rate") and r.role.k),
            key=lambda r: r.role.k or 0,
        )
        hits = [r for r in hits if r.role.part == hits[0].role.part and r.role.split == hits[0].role.split]
        full = _full(hits)
        judged = [
            (r, float(r.series.values[-1]) / full, (r.role.k or 0) / gallery) for r in hits if (r.role.k or 0) < gallery
        ]
        possible = all(0 <= share <= 1 for _, share, _ in judged)  # NaN and shares beyond one are other rules' matter
        if not judged or not possible or any(share > self.multiple * chance for _, share, chance in judged):
            return
        tails = [binomial_tail(round(share * gallery), gallery, chance) for _, share, chance in judged]
        yield self._describe(case, judged, tails, gallery)

    def _describe(
        self, case: Case, judged: list[tuple[Reading, float, float]], tails: list[float], gallery: int
    ) -> Finding:
        best = min(range(len(judged)), key=lambda i: tails[i])
        reading, share, chance = judged[best]
        beats = tails[best] < self.significant / len(judged)
        state = (
            f"beats a random ranking ({share / chance:.1f} times chance, p = {tails[best]:.1g})"
            if beats
            else "does not beat a random ranking"
        )
        mrr = next((r for r in case[METRICS] if r.role.kind == "mrr"), None)
        fact = (case.get(FACTS) or {}).get("gallery_size")
        how = f"{fact.origin}: {fact.source}" if fact is not None else ""
        return self.finding(
            f"{reading.name} {100 * share:.3g} % {state} of {gallery} items",
            *(
                Evidence(
                    label=r.name,
                    measured=round(100 * s, 9),
                    expected=round(100 * c, 9),
                    formula=f"{r.role.k}/{gallery}",
                    unit="%",
                    span=case.span(r.series, -1, -1),
                    note=f"p = {p:.2g}",
                )
                for (r, s, c), p in zip(judged, tails, strict=True)
            ),
            *_reciprocal(mrr, gallery),
            Evidence(label="gallery size", measured=float(gallery), note=how[:120]),
            severity=Severity.INFO if beats else Severity.WARNING,
            condition=None if beats else "at_chance",
            confidence=0.8,
            why="a share of hits means nothing without the size of the gallery; here it is of the order of luck",
            do=(
                "log gallery size, median rank and multiples of chance",
                "overfit 64 pairs: recall at 1 must reach 100 %",
            ),
            check="shuffle the pairing of queries and items: the hits must not change if they are luck",
            decided_by="facts",
            rank=28,
        )


def _full(hits: list[Reading]) -> float:
    """What all hits together are printed as: 100 where a name or any value says per cent, else 1.

    Near chance single percentages are below one, so that the values of all cut-offs and evaluations have to tell.
    """
    percent = any(r.role.unit == "percent" or bool((r.series.values > 1.5).any()) for r in hits)
    return 100.0 if percent else 1.0


def _reciprocal(mrr: Reading | None, gallery: int) -> tuple[Evidence, ...]:
    if mrr is None:
        return ()
    value = float(mrr.series.values[-1])
    chance = mrr_chance(gallery).value
    note = (
        f"1 / MRR = {1 / value:.0f} is the harmonic mean rank; guessing has mean rank {(gallery + 1) / 2:.0f}"
        if value > 0
        else ""
    )
    return (Evidence(label=mrr.name, measured=value, expected=chance, formula=f"H({gallery})/{gallery}", note=note),)
