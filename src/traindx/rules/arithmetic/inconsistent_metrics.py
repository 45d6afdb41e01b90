"""MET002: metrics of one evaluation contradict each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, final

import numpy as np

from traindx.context import JUDGED_LOSS, LOSS_FAMILY, LOSSES, METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class InconsistentMetrics(Rule):
    """Metrics of the same evaluation cannot all be true.

    ## What it looks at
    Recall at a larger cut-off is never smaller. The mean reciprocal rank is at least R@1, and lies between the bounds that
    the recalls at all logged cut-offs leave. A mean rank is at least what the shares beyond rank 1, 5 and 10 force. A wrong answer costs at least
    ln 2 in cross-entropy, so error rate <= loss / ln 2. Perplexity is the exponential of the loss.

    ## Why it matters
    One of them is computed on other data, averaged wrongly, or is not what its name says.

    ## What to try
    - Recompute all of them from one list of ranks.

    ## When it is wrong
    Values of different moments printed in one row; label smoothing, which raises the loss.
    """

    meta: ClassVar = RuleMeta(
        code="MET002",
        name="inconsistent-metrics",
        since="0.1",
        summary="metrics of one evaluation contradict each other",
    )
    needs: ClassVar = (METRICS,)
    may_use: ClassVar = (LOSSES, JUDGED_LOSS, LOSS_FAMILY)
    condition: ClassVar = "metric_arithmetic"

    slack: float = 0.01

    def check(self, case: Case) -> Iterator[Finding]:
        groups = _groups(case[METRICS])
        for readings in groups.values():
            yield from self._recall_order(case, readings)
            yield from self._reciprocal_rank(case, readings)
        yield from self._perplexity(case)

    def _recall_order(self, case: Case, readings: list[Reading]) -> Iterator[Finding]:
        hits = sorted(
            (r for r in readings if r.role.kind in ("recall_at_k", "hit_rate") and r.role.k),
            key=lambda r: r.role.k or 0,
        )
        for small, large in pairwise(hits):
            size = min(len(small.series), len(large.series))
            a, b = small.series.values[:size], large.series.values[:size]
            wrong = a > b * (1 + 1e-6) + 1e-9
            if size and bool(wrong.any()):
                first = int(np.argmax(wrong))
                yield self._contradiction(
                    case,
                    small,
                    first,
                    f"{small.name} {a[first]:.4g} is above {large.name} {b[first]:.4g}",
                    float(b[first]),
                    f"R@{small.role.k} <= R@{large.role.k}",
                )
                return

    def _reciprocal_rank(self, case: Case, readings: list[Reading]) -> Iterator[Finding]:
        mrr = next((r for r in readings if r.role.kind == "mrr"), None)
        shares = {r.role.k: r for r in readings if r.role.kind in ("recall_at_k", "hit_rate") and r.role.k}
        if mrr is None or not shares:
            return
        for i in range(min(len(r.series) for r in (mrr, *shares.values()))):
            seen = {k: _share(reading, i) for k, reading in sorted(shares.items())}
            low, high = _mrr_bounds(seen)
            value = _share(mrr, i)
            if value < low - self.slack * max(low, 0.05) or value > high + self.slack:
                beside = ", ".join(f"R@{k} {share:.4g}" for k, share in seen.items())
                yield self._contradiction(
                    case,
                    mrr,
                    i,
                    f"{mrr.name} {value:.4g} is impossible beside {beside}",
                    low if value < low else high,
                    "bounds that the shares within each cut-off leave",
                )
                return

    def _perplexity(self, case: Case) -> Iterator[Finding]:
        loss = {r.role.split: r for r in case.get(LOSSES) or ()}
        for ppl in (r for r in case[METRICS] if r.role.kind == "perplexity" and r.role.component is None):
            partner = loss.get(ppl.role.split)
            if partner is None or len(partner.series) != len(ppl.series) or len(ppl.series) < 3:
                continue
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                base = np.exp(np.log(ppl.series.values) / partner.series.values)
            base = base[np.isfinite(base)]
            typical = float(np.median(base)) if len(base) else math.nan
            constant = len(base) >= 3 and float(np.std(base)) < 0.02 * typical
            if (
                constant
                and min(abs(typical - b) for b in (math.e, 2.0, 10.0)) < 0.03 * typical
                and abs(typical - math.e) > 0.1
            ):
                yield self.finding(
                    f"{partner.name} is in logarithms to base {round(typical):d}: {ppl.name} is {round(typical):d} to its power",
                    Evidence(
                        label=f"{ppl.name} = b ^ {partner.name}, b",
                        measured=typical,
                        expected=math.e,
                        formula="e for a loss in nats",
                    ),
                    condition="scale",
                    severity=Severity.INFO,
                    confidence=0.95,
                    why=f"compared with nats, this loss looks {1 / math.log(typical):.2f} times too large",
                    do=(
                        f"multiply by ln {round(typical):d} = {math.log(round(typical)):.4f} before comparing it with ln of the vocabulary",
                    ),
                    rank=12,
                )

    def _contradiction(
        self, case: Case, reading: Reading, index: int, headline: str, bound: float, formula: str
    ) -> Finding:
        return self.finding(
            headline,
            Evidence(
                label=reading.name,
                measured=float(reading.series.values[index]),
                expected=bound,
                formula=formula,
                span=case.span(reading.series, index, index),
            ),
            severity=Severity.WARNING,
            confidence=0.9,
            why="both cannot be true of one list of ranks: one is computed on other data or wrongly averaged",
            do=(
                "recompute all of them from one saved list of ranks",
                "1 / MRR is the harmonic mean rank, not the mean rank",
            ),
            check="the same evaluation on ten queries, by hand",
            rank=57,
        )


def _groups(metrics: tuple[Reading, ...]) -> dict[tuple[str, str, str], list[Reading]]:
    """Metrics of one split, part and direction (text to image, image to text) belong together."""
    groups: dict[tuple[str, str, str], list[Reading]] = {}
    for reading in metrics:
        groups.setdefault((reading.role.split or "", reading.role.part, reading.role.component or ""), []).append(
            reading
        )
    return groups


def _share(reading: Reading, index: int) -> float:
    """The value as a share of one."""
    value = float(reading.series.values[index])
    percent = reading.role.unit == "percent" or float(np.fmax.reduce(reading.series.values)) > 1.5
    return value / 100 if percent else value


def _mrr_bounds(shares: Mapping[int, float]) -> tuple[float, float]:
    """Lowest and highest MRR that the shares within each cut-off (rising) allow, in a gallery of any size.

    In each band of ranks the hits sit at its last rank at worst and at its first at best; beyond the last cut-off, at
    infinity or just behind it.
    """
    low, high, before, rank = 0.0, 0.0, 0.0, 0
    for cut, share in shares.items():
        low += (share - before) / cut
        high += (share - before) / (rank + 1)
        before, rank = share, cut
    return low, high + (1 - before) / (rank + 1)
