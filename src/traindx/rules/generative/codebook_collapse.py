"""GNR005: hardly any code of the codebook is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import COMPONENTS, FACTS, READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, fact_number, level_of, longest_of, readings_of
from traindx.rules.evidence import come_far
from traindx.rules.generative.players import has_codebook
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CodebookCollapse(Rule):
    """Hardly any code of a vector quantiser is in use.

    ## What it looks at
    The perplexity of the codes, or the share of codes in use, over the last third of the run, against one, against the
    size of the codebook, and against its own best.

    ## Why it matters
    The perplexity is the number of codes in effective use: at 1 every input gets the same code, and nothing passes the
    quantiser. Two groups of codes that both collapsed show a sum of 2.

    ## What to try
    - Start the codes from encoder outputs (k-means), restart unused ones, use moving averages, normalise codes and inputs.
    - Lower the learning rate of the encoder; a smaller codebook or code dimension.

    ## When it is wrong
    Within the first hundreds of steps; codebooks of a handful of codes.
    """

    meta: ClassVar = RuleMeta(
        code="GNR005", name="codebook-collapse", since="0.1", summary="hardly any code of the codebook is used"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (COMPONENTS, FACTS)

    points: int = 10
    one_code: float = 1.1
    few_codes: float = 2.5
    few_share: float = 0.02
    lost_share: float = 0.7
    handful: float = 8.0

    def check(self, case: Case) -> Iterator[Finding]:
        size = fact_number(case, "codebook_size")
        if size <= self.handful:
            return
        spread = longest_of(case, "codebook_perplexity", None) or self._plain(case)
        if spread is not None and self._ready(spread):
            yield from self._perplexity(case, spread, size)
            return
        usage = longest_of(case, "codebook_usage", None)
        if usage is not None and self._ready(usage):
            yield from self._usage(case, usage)

    def _plain(self, case: Case) -> Reading | None:
        """A bare "perplexity" beside terms that speak of codes."""
        if not has_codebook(case):
            return None
        found = [r for r in readings_of(case, "perplexity") if not r.held_out]
        return max(found, key=lambda r: r.curve.count if r.curve else 0, default=None)

    def _ready(self, reading: Reading) -> bool:
        return reading.curve is not None and reading.curve.count >= self.points and come_far(reading)

    def _perplexity(self, case: Case, spread: Reading, size: float) -> Iterator[Finding]:
        now, before = level_of(spread, 2 / 3), level_of(spread, 1 / 3, 1 / 2)
        low = now <= self.few_codes or now <= self.few_share * size
        if not low or now < 0 or now > 1.2 * max(before, 1.0):  # it is on its way up
            return
        alone = now <= self.one_code
        yield self.finding(
            f"{spread.name} is {now:.3g} over the last third of the run: "
            + ("every input gets the same code" if alone else f"about {now:.0f} codes are in use")
            + (f", of {size:.0f}" if size == size else ""),
            across(
                case,
                spread,
                f"{spread.name} over the last third",
                now,
                first=2 / 3,
                expected=size if size == size else None,
                formula="size of the codebook" if size == size else "",
            ),
            condition="collapsed" if alone else None,
            severity=Severity.ERROR if alone else Severity.WARNING if now <= self.few_codes else Severity.INFO,
            confidence=0.9,
            why="the perplexity of the codes is the number in effective use: nothing else passes the quantiser",
            **_ADVICE,
        )

    def _usage(self, case: Case, usage: Reading) -> Iterator[Finding]:
        best, now = usage.curve.best.value if usage.curve else float("nan"), level_of(usage, 2 / 3)
        if not (best > 0 and 0 <= now <= (1 - self.lost_share) * best):
            return
        yield self.finding(
            f"{usage.name} fell from {best:.3g} to {now:.3g}: most codes are no longer used",
            across(
                case, usage, f"{usage.name} over the last third", now, first=2 / 3, expected=best, formula="its best"
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why="codes that are not used get no gradient, and never come back by themselves",
            **_ADVICE,
        )


_ADVICE = {
    "do": (
        "start the codes from encoder outputs, and restart those that are not used",
        "normalise codes and inputs, or use moving averages in place of gradients",
    ),
    "check": "count how often each code is chosen on a thousand inputs",
    "rank": 57,
}
