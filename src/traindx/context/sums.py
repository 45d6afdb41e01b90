"""The total loss of a log that prints only its terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from traindx.context.curves import Reading
from traindx.context.roles import Role, Split
from traindx.run import floats
from traindx.signals import summarise

# Terms of opposing players do not add up to anything.
_ADVERSARIAL = frozenset({"gan_generator", "gan_discriminator", "cycle", "ppo_policy", "ppo_value"})


def named_total(parts: Mapping[str, str], by_name: Mapping[str, Reading], split: Split) -> Reading | None:
    """Return a series called no more than "total" that holds the terms of a split, as detectors print it; else None.

    Alone the word may count anything. Beside loss terms, at their points and never below their sum, it is their total.
    """
    terms = [by_name[name] for name in parts.values() if name in by_name]
    if not terms or any(t.role.family in _ADVERSARIAL for t in terms):
        return None
    least = np.sum([t.series.values for t in terms if same_points(t, terms[0])], axis=0)
    for reading in by_name.values():
        called = reading.series.name.rsplit("/", 1)[-1].strip().lower() in ("total", "sum")
        own = reading.role.split in (None, split) and reading.role.kind == "unknown"
        if called and own and same_points(reading, terms[0]) and bool((reading.series.values >= 0.99 * least).all()):
            role = Role(kind="loss", split=split, direction="lower", confidence=0.8)
            return Reading(reading.series, role, reading.curve, reading.whole)
    return None


def same_points(one: Reading, other: Reading) -> bool:
    """Whether two series were logged at the same steps, point by point."""
    return len(one.series) == len(other.series) and bool((one.series.steps == other.series.steps).all())


def sum_of_terms(parts: Mapping[str, str], by_name: Mapping[str, Reading], split: Split) -> Reading | None:
    """Return the sum of the terms of a split as a reading of its own, or None where they cannot be added.

    The terms must be logged at the same points; they are taken as printed, which is weighted in the programs that print
    no total. The points keep the origin of the first term.
    """
    terms = [by_name[name] for name in parts.values() if name in by_name]
    first = terms[0] if terms else None
    if first is None or len(terms) < 2 or any(t.role.family in _ADVERSARIAL for t in terms):
        return None
    if not all(same_points(t, first) for t in terms):
        return None
    values = floats(np.sum([t.series.values for t in terms], axis=0))
    name = " + ".join(t.name for t in terms)
    series = replace(first.series, name=name, values=values, logged_as=name)
    curve = summarise(values) if bool(np.isfinite(values).any()) else None
    return Reading(series, Role(kind="loss", split=split, direction="lower"), curve, series)
