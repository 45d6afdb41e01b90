"""MET002: metrics of one evaluation contradict each other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, final

import numpy as np

from traindx.baselines import least_mean_rank, mrr_bounds_any_gallery
from traindx.context import JUDGED_LOSS, LOSS_FAMILY, LOSSES, METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class InconsistentMetrics(Rule):
    """Metrics of the same evaluation cannot all be true.

    ## What it looks at
    Recall at a larger cut-off is never smaller. The mean reciprocal rank is at least R@1, and lies between the bounds that
    the recalls at all logged cut-offs leave. A perplexity that is a power of two or ten of the loss tells the base of its logarithm.

    ## Why it matters
    One of them is computed on other data, averaged wrongly, or is not what its name says.

    ## What to try
    - Recompute all of them from one list of ranks.

    ## When it is wrong
    Values of different moments printed in one row.
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

    rows: int = 2_000
    """Ranks are evaluated some hundred times in a run; of a longer log as many rows, evenly spaced, tell as much."""

    def check(self, case: Case) -> Iterator[Finding]:
        groups = _groups(case[METRICS])
        for readings in groups.values():
            yield from self._recall_order(case, readings)
            yield from self._reciprocal_rank(case, readings)
            yield from self._mean_rank(case, readings)
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

    def _beside_recalls(self, readings: list[Reading], kind: str) -> Iterator[tuple[Reading, int, dict[int, float]]]:
        """Rows of a metric of one kind, each with the recalls of the same evaluation by their cut-off."""
        metric = next((r for r in readings if r.role.kind == kind), None)
        shares = {r.role.k: r for r in readings if r.role.kind in ("recall_at_k", "hit_rate") and r.role.k}
        if metric is None or not shares:
            return
        shown = {k: r.series.values / r.full for k, r in sorted(shares.items())}
        size = min(len(values) for values in (metric.series.values, *shown.values()))
        for i in np.unique(np.linspace(0, size - 1, min(size, self.rows), dtype=np.intp)).tolist():
            yield metric, i, {k: float(values[i]) for k, values in shown.items()}

    def _mean_rank(self, case: Case, readings: list[Reading]) -> Iterator[Finding]:
        """A mean rank below what the shares beyond each cut-off force; one is added, for ranks may be counted from 0."""
        for metric, i, seen in self._beside_recalls(readings, "mean_rank"):
            least, value = least_mean_rank(seen), float(metric.series.values[i])
            if value + 1 < least * (1 - self.slack):
                beside = ", ".join(f"R@{k} {share:.4g}" for k, share in seen.items())
                said = f"{metric.name} {value:.4g} is impossible beside {beside}: it is {least:.3g} at least"
                yield self._contradiction(
                    case, metric, i, said, least, "ranks that the shares beyond each cut-off force"
                )
                return

    def _reciprocal_rank(self, case: Case, readings: list[Reading]) -> Iterator[Finding]:
        for mrr, i, seen in self._beside_recalls(readings, "mrr"):
            low, high = mrr_bounds_any_gallery(seen)
            value = float(mrr.series.values[i]) / mrr.full
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
