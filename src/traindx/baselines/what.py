"""Which known level is this value? With honest odds: a random value must find none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import final

from traindx.baselines.constants import Constant, constants
from traindx.baselines.fact_levels import fact_levels
from traindx.errors import UsageError

# Losses that people ask about lie here; odds are those of a value spread evenly over it.
RANGE = 13.0
# Levels are admitted, the commonest first, until their windows cover this share of the range.
COVERAGE = 0.02
# A float32 mean over batches wanders in the fifth decimal: more digits than four tell nothing more.
FINEST = 5e-5
# One decimal is met by some level more often than by reason.
COARSEST = 5.001e-3
# Exact levels under facts are met to about this much (epoch means, a few confident mistakes).
FACT_TOLERANCE = 1e-3
# Beyond the range a value must carry this many significant digits to be recognised.
RELATIVE = 2e-4
# How likely, before looking, a value asked about is a level: a run's own, or one of the well-known ones.
PRIOR_GIVEN = 0.5
PRIOR_KNOWN = 0.1


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One thing that a value may be: ``constant`` is the level's exact value, ``error`` the value less it.

    ``odds`` is the chance that a random value would match a level at least as well known; ``confidence`` weighs it
    against its rivals; ``from_facts`` says that the run's own facts predict the level.
    """

    value: float
    constant: float
    formula: str
    meaning: str
    decimals: int
    error: float
    odds: float
    confidence: float
    conditions: str = ""
    from_facts: bool = False


@final
@dataclass(frozen=True, slots=True)
class _Printed:
    """A value with half the unit of its last printed digit."""

    value: float
    decimals: int
    half: float


def _printed(value: float | str) -> _Printed:
    text = value.strip() if isinstance(value, str) else repr(float(value))
    if len(text) > 400:
        raise UsageError("a value of more than 400 characters is no number that a log would print")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise UsageError(f"{text[:40]!r} is no number", hint="for example 8.3178") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise UsageError(f"{text} is no number to look up: a loss that is not finite is a fault by itself")
    return _Printed(float(number), max(0, -exponent), 0.5 * 10.0 ** max(-300, min(300, exponent)))


def _admitted(known: Iterable[Constant], tolerance: float) -> list[float]:
    """Return the distinct levels that may match at this tolerance: the commonest until the coverage is spent."""
    left = COVERAGE * RANGE
    values: list[float] = []
    for value in dict.fromkeys(round(c.value, 9) for c in known):
        left -= 2 * tolerance if value < RANGE else 0.0
        if left < 0:
            break
        values.append(value)
    return values


def _odds(rank: int, tolerance: float) -> float:
    return min(1.0, rank * 2 * tolerance / RANGE)


def _well_known(printed: _Printed) -> list[tuple[Constant, float]]:
    """Return the known levels that the value equals as printed, with their odds; none unless an admitted one does."""
    tolerance = max(printed.half, FINEST)
    if printed.half > COARSEST:
        return []
    if printed.value >= RANGE:
        tolerance = max(tolerance, FINEST * printed.value / RANGE)
        if printed.half > RELATIVE * printed.value:
            return []
    known = constants()
    admitted = _admitted(known, tolerance)
    near = [v for v in admitted if abs(v - printed.value) <= tolerance + 1e-9]
    if not near:
        return []
    rank = 1 + admitted.index(near[0])
    hits = [c for c in known if abs(c.value - printed.value) <= tolerance + 1e-9]
    return [(c, _odds(rank, tolerance)) for c in hits]


def _given(printed: _Printed, facts: Mapping[str, float]) -> list[tuple[Constant, float]]:
    """Return the levels predicted by the facts that the value equals, with their odds."""
    levels = fact_levels(facts)
    distinct = sorted({round(level.value, 9) for level in levels})
    tolerance = max(printed.half, FACT_TOLERANCE)
    odds = _odds(len(distinct), tolerance)
    if odds > 1.5 * COVERAGE:
        return []
    return [
        (Constant(b.value, b.formula, b.meaning, 10.0, b.conditions), odds)
        for b in levels
        if abs(b.value - printed.value) <= min(tolerance, 0.01 * abs(b.value) + printed.half) + 1e-9
    ]


def what(value: float | str, *, facts: Mapping[str, float] | None = None, limit: int = 6) -> tuple[Match, ...]:
    """Return what a value may be, the likeliest first; empty where nothing known equals it beyond coincidence.

    Pass the text as printed, so that its digits count: "8.3178" stands for 8.31775 to 8.31785. ``facts`` are numbers
    under the names of facts (``batch_size``, ``num_samples``, ``num_classes``, ...). Raises UsageError for text that
    is no finite number.

    >>> [m.formula for m in what("2.3026")][0]
    'ln 10'
    >>> what("2.71")
    ()
    """
    printed = _printed(value)
    given = _given(printed, facts or {})
    predicted = {round(c.value, 9) for c, _ in given}
    known = _well_known(printed)
    if predicted:
        # A level that the facts predict is the better explanation; others that the digits allow stay as rivals.
        known = [(c, odds) for c, odds in known if abs(c.value - printed.value) <= printed.half + 1e-9]
    matches = [*_weighed(printed, given, PRIOR_GIVEN, from_facts=True)]
    scale = 1.0 - sum(m.confidence for m in matches)
    matches += _weighed(printed, known, PRIOR_KNOWN, scale=scale)
    return tuple(sorted(matches, key=lambda m: -m.confidence)[:limit])


def _weighed(
    printed: _Printed,
    hits: Sequence[tuple[Constant, float]],
    prior: float,
    *,
    scale: float = 1.0,
    from_facts: bool = False,
) -> list[Match]:
    """Return hits as matches: the prior against the odds of coincidence, shared among rivals by weight."""
    total = math.fsum(c.weight for c, _ in hits)
    return [
        Match(
            value=printed.value,
            constant=c.value,
            formula=c.formula,
            meaning=c.meaning,
            decimals=printed.decimals,
            error=printed.value - c.value,
            odds=odds,
            confidence=round(scale * prior / (prior + odds) * c.weight / total, 4),
            conditions=c.conditions,
            from_facts=from_facts,
        )
        for c, odds in hits
    ]
