"""How precisely numbers were printed, told from the numbers themselves."""

from __future__ import annotations

import numpy as np

from traindx.run.series import Floats

_LOOKED_AT = 256
_FLOAT32 = 2.0**-23


def print_error(values: Floats) -> Floats:
    """Return for each value by how much its print may differ from what was computed.

    Half a unit of the last decimal place where all values have few decimals (``%.4f``), half a unit of the last
    significant digit where all have few digits (``%.3g``), the larger of the two where both hold, and one unit of
    float32 otherwise. Slightly more than half, because two programs may round a tie differently.
    """
    size = np.abs(np.where(np.isfinite(values), values, 0.0))
    sample = values[np.isfinite(values)][:_LOOKED_AT].tolist()
    error = _FLOAT32 * size
    places = next((n for n in range(7) if all(round(one, n) == one for one in sample)), None)
    if places is not None:
        error = np.maximum(error, 0.51 * 10.0**-places)
    digits = next((n for n in range(2, 7) if all(float(f"{one:.{n}g}") == one for one in sample)), None)
    if digits is not None:
        exponent = np.floor(np.log10(np.where(size > 0, size, 1.0)))
        error = np.maximum(error, np.where(size > 0, 0.51 * 10.0 ** (exponent - digits + 1), 0.0))
    return error
