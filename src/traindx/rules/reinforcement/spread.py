"""The entropy of the policy, under its own sign."""

from __future__ import annotations

import numpy as np

from traindx.context import Case, Reading
from traindx.rules.choosing import longest_of, sample
from traindx.run import Floats

_OF_POLICY = (None, "policy", "actor")
_AS_LOSS = ("entropy", "actor_entropy", "policy_entropy", "ent")


def entropy_of(case: Case) -> tuple[Reading, Floats] | None:
    """A series of the policy's entropy and at most a thousand of its values.

    Some programs log its negative as a term of the loss; a term that is never above zero is taken as that.
    """
    reading = longest_of(case, "entropy", _OF_POLICY)
    if reading is not None:
        return reading, sample(reading)
    reading = longest_of(case, "loss", _AS_LOSS)
    values = sample(reading) if reading is not None else np.array([])
    if reading is None or not len(values):
        return None
    return reading, (-values if float(np.median(values)) < 0 else values)
