"""Numbers of a retrieval as its text, Markdown and table show them."""

from __future__ import annotations

from traindx.render.numbers import counted
from traindx.retrieval import AtSize, Direction, Measure, RetrievalReport, multiple, nearly_whole

LEAST_BAR = 0.5


def level(measure: Measure, value: float) -> str:
    """Return a value of a metric: hit rates and recalls in per cent, ranks as ranks, all else as fractions."""
    if measure.kind in ("hit_rate", "recall"):
        return f"{percentage(value)} %"
    if not measure.higher_is_better:
        return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:,.1f}"
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f}"


def percentage(value: float) -> str:
    """Return a fraction in per cent: one decimal, more where it is small.

    >>> percentage(0.4521), percentage(0.0002), percentage(1.0)
    ('45.2', '0.02', '100')
    """
    if told := nearly_whole(value):
        return told
    number = 100 * value
    if number < 0.1:
        return f"{number:.2g}"
    return f"{number:.3g}" if number < 10 or number >= 100 else f"{number:.1f}"


def span(measure: Measure) -> str:
    """Return the interval of a metric."""
    low, high = level(measure, measure.low), level(measure, measure.high)
    return f"{low.removesuffix(' %')} to {high}"


def times(measure: Measure) -> str:
    """Return the multiple of chance, or that there is none to speak of."""
    if measure.certain:
        return "certain"
    if measure.at_chance:
        return "below chance" if measure.below_chance else "at chance"
    value = measure.times_chance
    return multiple(value) if value < float("inf") else ""


def direction_head(way: Direction) -> str:
    """Return how many queries were ranked against how many items."""
    more = "" if way.positives <= 1 else f", {way.positives:.3g} right each"
    shared = "" if way.clusters is None else f", {int(way.clusters.max()) + 1:,} clusters"
    sizes = f"{counted(way.queries, 'query', 'queries')}, {counted(way.gallery_size, 'item', 'items')}"
    return f"{sizes}{more}{shared}"


def other_size(found: AtSize) -> str:
    """Return what to expect in a gallery of another size."""
    sure = "exactly, over random sub-galleries" if found.exact else f"an estimate: {found.by}"
    return (
        f"R@1 among {found.gallery_size:,} items: {percentage(found.value)} % "
        f"({percentage(found.low)} to {percentage(found.high)} %; {sure})"
    )


def told_limits(report: RetrievalReport) -> list[str]:
    """Return what could not be judged, and what the loss of batches allows where one was given."""
    limits = list(report.limits)
    bound = report.batch
    if bound is not None and not bound.least > 0:
        limits.append(
            f"a loss of {bound.loss:.4g} holds for any ranks: only one below ln 2 = 0.693 bounds the errors of a batch; "
            f"these ranks give {percentage(bound.recall)} % right in batches of {bound.batch_size:,}, guessing costs {bound.chance:.4g}"
        )
    elif bound is not None and not bound.violated:
        limits.append(
            f"a loss of {bound.loss:.4g} in batches of {bound.batch_size:,} agrees with these ranks: it needs at least "
            f"{percentage(bound.least)} % right there, they give {percentage(bound.recall)} %; guessing costs {bound.chance:.4g}"
        )
    return limits
