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


def sum_of_terms(parts: Mapping[str, str], by_name: Mapping[str, Reading], split: Split) -> Reading | None:
    """Return the sum of the terms of a split as a reading of its own, or None where they cannot be added.

    The terms must be logged at the same points; they are taken as printed, which is weighted in the programs that print
    no total. The points keep the origin of the first term.
    """
    terms = [by_name[name] for name in parts.values() if name in by_name]
    first = terms[0] if terms else None
    if first is None or len(terms) < 2 or any(t.role.family in _ADVERSARIAL for t in terms):
        return None
    same = all(len(t.series) == len(first.series) and bool((t.series.steps == first.series.steps).all()) for t in terms)
    if not same:
        return None
    values = floats(np.sum([t.series.values for t in terms], axis=0))
    name = " + ".join(t.name for t in terms)
    series = replace(first.series, name=name, values=values, logged_as=name)
    curve = summarise(values) if bool(np.isfinite(values).any()) else None
    return Reading(series, Role(kind="loss", split=split, direction="lower"), curve, series)
