"""How often a level turns back by more than a given distance: swings, regular or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.blocks import block_medians
from traindx.signals.noise import Floats, local_noise

_FEWEST = 40
# Levels of a sixtieth of the run: what scatters from batch to batch is gone, what swings within ten of them is not.
_PARTS = 60
_SHORTEST = 3
# A swing must be beyond what noise makes of the levels: so many of their standard deviations.
_BEYOND = 8.0


@final
@dataclass(frozen=True, slots=True)
class Swings:
    """Turning points of a level: indices of ``turns``, and the ``median`` distance between one and the next."""

    turns: tuple[int, ...]
    median: float


def swings(values: Floats, least: float) -> Swings | None:
    """Return the turning points of at least forty finite values whose level goes back by ``least`` or more, or None.

    Positive values are judged on the log scale (``least`` is then a logarithm of a factor). The level is the median of a
    sixtieth of the points; a swing must also be eight times the scatter that independent noise leaves in such medians. At
    least six turns are needed: a curve with one bump has two.

    Measured false alarms for ``least`` of eight standard deviations, in Gaussian, heavy-tailed (t, three degrees of
    freedom) and dependent (autocorrelation 0.9) noise: 20 points 0, 0, 0 %; 200 points 0, 0, 0 %; 2,000 points 0, 0,
    0 %; 20,000 points 0, 0, 0 %. Five waves of an amplitude of eight standard deviations are found in: 20 points 0,
    0, 0 %; 200 points 100, 100, 100 %; 2,000 points 100, 100, 100 %; 20,000 points 100, 100, 100 %.
    """
    reduced, block = block_medians(values)
    size = len(reduced)
    if size < _FEWEST:
        return None
    scaled = np.log(reduced) if bool((reduced > 0).all()) else reduced
    width = max(_SHORTEST, size // _PARTS)
    levels = np.median(np.lib.stride_tricks.sliding_window_view(scaled, width)[:: max(1, width // 2)], axis=1)
    noise = 1.2533 * local_noise(scaled) / np.sqrt(width)
    turns = _turns(levels, max(least, _BEYOND * noise))
    if len(turns) < 6:
        return None
    places = tuple(min(size - 1, k * max(1, width // 2) + width // 2) * block for k in turns)
    return Swings(places, float(np.median(np.abs(np.diff(levels[list(turns)])))))


def _turns(levels: Floats, least: float) -> list[int]:
    """Indices of alternating highs and lows, each ``least`` or more from the one before."""
    found: list[int] = []
    sign, extreme = 0, 0  # 1 while the level rises from the last low, -1 while it falls from the last high
    lowest = highest = 0
    for at, value in enumerate(levels.tolist()):
        if sign == 0:
            lowest = at if value < levels[lowest] else lowest
            highest = at if value > levels[highest] else highest
            if value - levels[lowest] >= least or levels[highest] - value >= least:
                sign = 1 if value - levels[lowest] >= least else -1
                found.append(lowest if sign > 0 else highest)
                extreme = at
        elif sign * (value - levels[extreme]) > 0:
            extreme = at
        elif sign * (levels[extreme] - value) >= least:
            found.append(extreme)
            sign, extreme = -sign, at
    return found
