"""The levels that a loss may be standing at when it has learnt nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from traindx.baselines import Baseline, Ladder, what
from traindx.context.curves import Reading, Reference
from traindx.context.keys import Fact
from traindx.context.loss_family import FamilyGuess
from traindx.run import Floats
from traindx.signals import Curve

# A loss at chance need not equal it: the short last batch, a few confident mistakes and rounding move it. One per cent
# of the level is more than any of these takes away for batches and class counts in use.
_TOLERANCE = 0.01
# A constant that no fact supports needs a plateau to be matched with, not one or two values.
_FEWEST = 5
_WEAKER = {"given": 0, "read": 1, "inferred": 2, "constant": 3}


def is_flat(curve: Curve) -> bool:
    """Whether a curve never left its level: nothing gained beyond noise, or under one per cent of the level."""
    return curve.gained <= max(3 * curve.gain_error, _TOLERANCE * abs(curve.start.value))


def is_frozen(values: Floats) -> bool:
    """Whether the last half of at least six values is one and the same number, as printed."""
    late = values[len(values) // 2 :]
    return len(late) >= 3 and float(np.ptp(late)) == 0.0


def references(
    judged: Reading, ladder: Ladder | None, guess: FamilyGuess | None, facts: Mapping[str, Fact]
) -> tuple[Reference, ...]:
    """Return the chance and trivial levels of the judged loss, those from facts first.

    Where no fact gives one and the curve never moved, well-known constants that its level equals are offered, with
    the odds of a coincidence.
    """
    if ladder is not None:
        origin = _origin(ladder, guess, facts)
        return tuple(_from_rung(rung, origin) for rung in ladder.rungs if rung.rung in ("chance", "trivial"))
    if judged.curve is None or not (is_flat(judged.curve) or is_frozen(judged.series.finite().values)):
        return ()
    return _constants(judged.curve, facts)


def _origin(ladder: Ladder, guess: FamilyGuess | None, facts: Mapping[str, Fact]) -> str:
    """The weakest origin among the facts that the ladder used."""
    used = [facts[key].origin for key in ladder.facts if key in facts] + ([guess.origin] if guess else [])
    return max(used, key=lambda origin: _WEAKER[origin], default="inferred")


def _from_rung(rung: Baseline, origin: str) -> Reference:
    return Reference(
        value=rung.value,
        formula=rung.formula,
        meaning=rung.meaning,
        kind=rung.rung,
        origin=origin,
        tolerance=_TOLERANCE * abs(rung.value),
    )


def _constants(curve: Curve, facts: Mapping[str, Fact]) -> tuple[Reference, ...]:
    numbers = {k: float(f.value) for k, f in facts.items() if isinstance(f.value, int | float)}
    found = next((matches for text in _as_printed(curve) if (matches := what(text, facts=numbers))), ())
    return tuple(
        Reference(
            value=match.constant,
            formula=match.formula,
            meaning=match.meaning,
            kind="chance",
            origin="constant",
            tolerance=abs(match.constant) * 0.002,
            odds=match.odds,
        )
        for match in found
        if match.from_facts or (curve.count >= _FEWEST and not _is_round(match.constant))
    )


def _is_round(value: float) -> bool:
    """Whether a value has two decimals at most: a loss that stands at 1 or 2 has many reasons to."""
    return abs(100 * value - round(100 * value)) < 1e-9


def _as_printed(curve: Curve) -> tuple[str, ...]:
    """The end level with as many decimals as its error leaves meaning, then with fewer: few losses sit exactly at chance."""
    error = curve.end.error if curve.end.error == curve.end.error else 0.0
    return tuple(
        f"{curve.end.value:.{decimals}f}" for decimals in (4, 3, 2) if error <= 0.5 * 10**-decimals or decimals == 2
    )
