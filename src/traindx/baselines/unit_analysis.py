"""Absurd magnitudes: which known constants would turn the expected value into the one that was logged."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import final

from traindx.baselines.arithmetic import shown
from traindx.baselines.boxes import pixel_box_l1

TOLERANCE = 0.1
# An explanation that any magnitude would find one time in three is none.
WORTHLESS = 0.33
# Magnitudes that are looked up spread over about six decades: the odds of meeting a factor by accident count these.
_DECADES = 6 * math.log(10.0)
# Facts beyond it either way are no sizes, counts or weights.
_SMALLEST = 1e-12


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One explanation of a magnitude: ``value`` is what it predicts, ``error`` how far off, as a share of the value.

    ``constants`` are the names of those used, at most two. ``odds`` is the chance that an arbitrary magnitude would be
    met this closely by an explanation at least as simple.
    """

    value: float
    formula: str
    meaning: str
    error: float
    odds: float
    constants: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """An explanation before it is judged; ``cost`` orders them: levels of facts, known constants, others."""

    value: float
    formula: str
    meaning: str
    cost: float
    constants: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class _Multiplier:
    """A constant that a value may have been multiplied by; ``known`` where a fact gives it."""

    name: str
    number: float
    meaning: str
    known: bool


_FACT_MEANINGS: Mapping[str, str] = {
    "active_fraction": "only that share of the elements counts",
    "batch_size": "summed over the batch instead of averaged",
    "dim": "summed over dimensions instead of averaged",
    "grad_accum": "not divided by the accumulation steps",
    "image_size": "in pixels instead of fractions of the image",
    "num_boxes": "not divided by the number of boxes",
    "num_classes": "summed over classes instead of averaged",
    "num_layers": "added for every layer",
    "num_pixels": "summed over pixels instead of averaged",
    "sequence_length": "summed over tokens instead of averaged",
    "target_std": "targets not divided by their deviation",
    "world_size": "summed over devices instead of averaged",
}
_UNIVERSAL = (
    _Multiplier("log2", 1 / math.log(2.0), "bits instead of nats", known=False),
    _Multiplier("ln10", math.log(10.0), "natural instead of decimal logarithm", known=False),
    _Multiplier("coordinates", 4.0, "summed over four coordinates", known=False),
    _Multiplier("layers", 6.0, "added for six decoder layers", known=False),
    _Multiplier("degrees", 180 / math.pi, "degrees instead of radians", known=False),
    _Multiplier("percent", 100.0, "percent instead of a fraction", known=False),
    _Multiplier("bytes", 255.0, "pixels 0-255 instead of 0-1", known=False),
    _Multiplier("milli", 1000.0, "milli-units instead of units", known=False),
    _Multiplier("bytes squared", 255.0**2, "squared error of pixels 0-255 instead of 0-1", known=False),
    _Multiplier("loss scale", 65536.0, "not divided by the loss scale of mixed precision", known=False),
)


def _is_weight(name: str) -> bool:
    return ("weight" in name and name != "weight_decay") or "coef" in name or name.startswith("w_")


def _multipliers(facts: Mapping[str, float]) -> Iterator[_Multiplier]:
    for name, number in facts.items():
        if number == 1:
            continue
        if name in _FACT_MEANINGS:
            yield _Multiplier(name, number, _FACT_MEANINGS[name], known=True)
        elif _is_weight(name):
            yield _Multiplier(name, number, f"multiplied by {name}", known=True)
    size, std = facts.get("image_size", 0.0), facts.get("target_std", 0.0)
    if size > 1:
        yield _Multiplier("image_size²", size**2, "summed over pixels instead of averaged", known=True)
    if std not in (0, 1):
        yield _Multiplier("target_std²", std**2, "squared error of targets that were never normalised", known=True)


def _products(expected: float, facts: Mapping[str, float]) -> Iterator[_Candidate]:
    """Yield the expected value times one constant, or a known constant and another, each up or down."""
    ups = [(m, m.number, "·") for m in (*_multipliers(facts), *_UNIVERSAL)]
    steps = [*ups, *((m, 1 / m.number, "/") for m, _, _ in ups)]
    for i, (first, by, sign) in enumerate(steps):
        yield _product(expected, [(first, by, sign)])
        for second, by2, sign2 in steps[i + 1 :]:
            if second.name != first.name and (first.known or second.known):
                yield _product(expected, [(first, by, sign), (second, by2, sign2)])


def _product(expected: float, parts: Sequence[tuple[_Multiplier, float, str]]) -> _Candidate:
    return _Candidate(
        value=expected * math.prod(by for _, by, _ in parts),
        formula=shown(expected) + "".join(f"{sign}{shown(m.number)}" for m, _, sign in parts),
        meaning="; ".join(m.meaning if sign == "·" else f"the reverse of: {m.meaning}" for m, _, sign in parts),
        cost=sum(0.25 if m.known else 1.0 for m, _, _ in parts),
        constants=tuple(m.name for m, _, _ in parts),
    )


def _levels(facts: Mapping[str, float]) -> Iterator[_Candidate]:
    """Yield levels that follow from facts alone, bare and times each loss weight."""
    weights = [(name, w) for name, w in facts.items() if _is_weight(name) and w != 1]
    for level in _bare_levels(facts):
        yield level
        for name, weight in weights:
            yield _Candidate(
                value=level.value * weight,
                formula=f"{shown(weight)}·{level.formula}",
                meaning=f"{level.meaning}, times {name}",
                cost=0.1,
                constants=(*level.constants, name),
            )


def _bare_levels(facts: Mapping[str, float]) -> Iterator[_Candidate]:
    size, std, active = (facts.get(n, 0.0) for n in ("image_size", "target_std", "active_fraction"))
    if size > 1:
        boxes = pixel_box_l1(size)
        yield _level(
            boxes.value, boxes.formula, "box L1 of corners in pixels against predictions in [0, 1]", "image_size"
        )
        pixels = size * size
        yield _level(
            pixels * math.log(2.0), f"{shown(size)}²·ln 2", "binary cross-entropy summed over pixels", "image_size"
        )
    if std > 0:
        yield _level(std**2, f"{shown(std)}²", "MSE of predicting the mean of raw targets", "target_std")
        if 0 < active <= 1:
            formula = f"{shown(std)}²/{shown(active)}"
            meaning = "MSE of predicting 0, the deviation taken over padding too"
            yield _level(std**2 / active, formula, meaning, "target_std", "active_fraction")


def _level(value: float, formula: str, meaning: str, *constants: str) -> _Candidate:
    return _Candidate(value=value, formula=formula, meaning=meaning, cost=0.05, constants=constants)


def factorise(
    value: float, expected: float, facts: Mapping[str, float] | None = None, *, limit: int = 5
) -> tuple[Factor, ...]:
    """Return what would explain a magnitude: levels that facts give, and the expected value times known constants.

    At most two constants, of which one at least is a fact where there are two, within 10 %; the simplest first. Empty
    where the value is within 10 % of the expected one. A single number cannot prove a factor: check it on another.

    >>> factorise(10_500, 13.0, {"loss_weight": 5, "image_size": 1008})[0].formula
    '5·4·1008/2'
    """
    if not (0 < value < math.inf) or abs(value - expected) <= TOLERANCE * value:
        return ()
    given = {name: number for name, number in (facts or {}).items() if _SMALLEST < number < 1 / _SMALLEST}
    products = _products(expected, given) if 0 < expected < math.inf else iter(())
    tried = sorted((*_levels(given), *products), key=lambda c: (c.cost, abs(c.value - value)))
    costs = [c.cost for c in tried]
    near = (
        _judged(candidate, value, tried=bisect_right(costs, candidate.cost))
        for candidate in tried
        if abs(candidate.value - value) <= TOLERANCE * value
    )
    return tuple(islice((f for f in near if f.odds <= WORTHLESS), limit))


def _judged(candidate: _Candidate, value: float, *, tried: int) -> Factor:
    error = (candidate.value - value) / value
    return Factor(
        value=candidate.value,
        formula=candidate.formula,
        meaning=candidate.meaning,
        error=error,
        # Half a per cent is as close as rounded facts can be expected to come.
        odds=min(1.0, tried * 2 * max(abs(error), 0.005) / _DECADES),
        constants=candidate.constants,
    )
