"""What a number means, in a sentence that needs no other."""

from __future__ import annotations

from traindx.retrieval.report import Measure


def share(value: float) -> str:
    """Return a fraction in per cent with at most three digits: ``45.2 %``.

    >>> share(0.4521), share(0.0002), share(1.0)
    ('45.2 %', '0.02 %', '100 %')
    """
    return f"{100 * value:.3g} %"


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


def sentence(median: Measure, headline: Measure, gallery_size: int, queries: int) -> str:
    """Return the sentence of one direction: where half of the queries find their item, and how far from guessing."""
    told = f"{headline.name} is {share(headline.value)} of {queries:,} queries"
    if headline.at_chance:
        return (
            f"the ranks cannot be told from guessing: {told}, chance {share(headline.chance)} "
            f"in a gallery of {gallery_size:,} ({probability(headline.p_value or 0.0)})"
        )
    return f"{_half(median.value, gallery_size)} (guessing: {amount(median.chance)}); {told}, {multiple(headline.times_chance)} chance"


def _half(median: float, gallery_size: int) -> str:
    place = "first" if median <= 1 else f"among the first {amount(median)}"
    return f"half of the queries find their item {place} of {gallery_size:,}"
