"""The base of the logarithm, from a perplexity that is logged beside the loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import numpy as np

from traindx.context import curves
from traindx.context.curves import Reading
from traindx.context.keys import Fact

# Bases in use besides e: fairseq prints its losses to base 2.
_BASES: Final = ((2.0, "2"), (10.0, "10"))
# Printed with two or three decimals, the quotient of the logarithms is right to a per cent.
_TOLERANCE: Final = 0.01
_FEWEST: Final = 3


def infer_log_base(values: Mapping[str, object]) -> Fact | None:
    """Return the fact ``log_base`` where a perplexity is 2 or 10 to the power of the loss of its split, else None."""
    readings = values.get(curves.READINGS.name)
    losses = values.get(curves.LOSSES.name)
    for ppl in (r for r in _readings(readings) if r.role.kind == "perplexity"):
        for loss in (r for r in _readings(losses) if r.role.split == ppl.role.split):
            base = _base(loss, ppl)
            if base:
                return Fact("log_base", base, "inferred", f"{ppl.name!r} is {base} to the power of {loss.name!r}")
    return None


def _base(loss: Reading, ppl: Reading) -> str:
    """The base in which one is the logarithm of the other at every point, "" where none is."""
    if len(loss.series) != len(ppl.series):
        return ""
    with np.errstate(all="ignore"):
        quotient = np.log(ppl.series.values) / loss.series.values
    known = quotient[np.isfinite(quotient)]
    if len(known) < _FEWEST:
        return ""
    low, high = float(known.min()), float(known.max())
    return next(
        (name for base, name in _BASES if abs(low / np.log(base) - 1) <= _TOLERANCE >= abs(high / np.log(base) - 1)), ""
    )


def _readings(value: object) -> list[Reading]:
    """The readings of a value of the case; none where it holds something else."""
    return (
        [one for one in cast("tuple[object, ...]", value) if isinstance(one, Reading)]
        if isinstance(value, tuple)
        else []
    )
