"""What a number means, in a sentence that needs no other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from traindx.retrieval.report import Measure


def share(value: float) -> str:
    """Return a fraction in per cent with at most three digits, more where they would make a whole of it: ``45.2 %``.

    >>> share(0.4521), share(0.0002), share(1.0), share(0.9998)
    ('45.2 %', '0.02 %', '100 %', '99.98 %')
    """
    return f"{nearly_whole(value) or f'{100 * value:.3g}'} %"


def nearly_whole(value: float) -> str:
    """Return a fraction that is less than a whole, but would round to 100, in per cent with the digits that tell; else nothing.

    >>> nearly_whole(0.9998), nearly_whole(0.99), nearly_whole(1.0), nearly_whole(0.9999999)
    ('99.98', '', '', '99.9999')
    """
    if not 0.9995 <= value < 1 - 1e-9:  # nearer than that is rounding
        return ""
    digits = min(max(math.ceil(-math.log10(1 - value)) - 2, 2), 4)
    return f"{math.floor(value * 10 ** (digits + 2)) / 10**digits:.{digits}f}"


def counted(number: int, one: str, many: str) -> str:
    """Return a number with the noun that it takes.

    >>> counted(1, "query", "queries"), counted(2000, "query", "queries")
    ('1 query', '2,000 queries')
    """
    return f"{number:,} {one if number == 1 else many}"


def amount(value: float) -> str:
    """Return a rank or count: whole where it is whole, else with one decimal.

    >>> amount(2500.5), amount(3.0)
    ('2,500.5', '3')
    """
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def multiple(value: float) -> str:
    """Return a multiple: ``2,260 ×``, ``1.3 ×``.

    >>> multiple(2260.2), multiple(1.34)
    ('2,260 ×', '1.3 ×')
    """
    return f"{value:,.0f} ×" if value >= 10 else f"{value:.2g} ×"


def probability(p_value: float) -> str:
    """Return a p-value in words: below a certain size its digits mean nothing.

    >>> probability(0.0312), probability(0.0)
    ('p = 0.031', 'p < 1e-16')
    """
    return f"p = {p_value:.2g}" if p_value >= 1e-16 else "p < 1e-16"


def meaning(kind: str, value: float, gallery_size: int, k: int | None = None, mean_rank: float = float("nan")) -> str:
    """Return what a metric of that kind says; ``mean_rank`` is that of the same queries, for MRR to be told from."""
    n = f"{gallery_size:,}"
    match kind:
        case "hit_rate":
            place = "first" if k == 1 else f"among the first {k}"
            return f"{share(value)} of the queries have a right item {place} of {n}"
        case "recall":
            return f"{share(value)} of a query's right items are among the first {k} of {n}, on average"
        case "mrr":
            if not value > 0:
                return "no query finds a right item"
            return f"the harmonic mean rank is {1 / value:,.3g} of {n}; the mean rank is {amount(mean_rank)}"
        case "median_rank":
            return _half(value, gallery_size)
        case "mean_rank":
            return f"the right item stands at {amount(value)} of {n} on average"
        case "map":
            return f"precision at each right item among the first {k}, averaged: order counts, and every right item"
        case _:
            return f"discounted gain of the first {k} over the best order; chance is not zero"


def sentence(measures: Sequence[Measure], headline: Measure, gallery_size: int, queries: int) -> str:
    """Return the sentence of one direction: where half of the queries find their item, and how far from guessing."""
    of_kind = {measure.kind: measure for measure in measures}
    median, mean = of_kind["median_rank"], of_kind["mean_rank"]
    told = f"{headline.name} is {share(headline.value)} of {counted(queries, 'query', 'queries')}"
    if gallery_size == 1:
        return "a gallery of one item says nothing: every model puts it first"
    if headline.at_chance and mean.below_chance:
        return (
            f"the ranks are worse than guessing: the right item stands at {amount(mean.value)} of {gallery_size:,} on average "
            f"(guessing: {amount(mean.chance)}); {told}"
        )
    if headline.at_chance:
        return (
            f"the ranks cannot be told from guessing: {told}, chance {share(headline.chance)} "
            f"in a gallery of {gallery_size:,} ({probability(headline.p_value or 0.0)})"
        )
    return f"{_half(median.value, gallery_size)} (guessing: {amount(median.chance)}); {told}, {multiple(headline.times_chance)} chance"


def _half(median: float, gallery_size: int) -> str:
    place = "first" if median <= 1 else f"among the first {amount(median)}"
    return f"half of the queries find their item {place} of {gallery_size:,}"
