"""The learning rate over a run, as a shape: relative to its peak, over the share of the run that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, final, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Family = Literal[
    "constant", "cosine", "linear", "wsd", "step", "exponential", "inverse-square-root", "one-cycle", "unknown"
]
FAMILIES: Final[tuple[str, ...]] = get_args(Family)[:-1]
# Fine enough that a warm-up of one percent has several points; interpolation between them is linear.
GRID: Final[Floats] = np.linspace(0.0, 1.0, 401)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """A family of schedules and its relative learning rate at the places of ``GRID`` (1 at the peak)."""

    family: Family
    rates: Floats

    def at(self, share: Floats) -> Floats:
        """Relative learning rate where ``share`` of the run is done."""
        return np.interp(share, GRID, self.rates)

    def travelled(self, share: Floats) -> Floats:
        """Sum of the relative learning rate up to ``share``: what a constant peak rate would cover in that share."""
        steps = 0.5 * (self.rates[1:] + self.rates[:-1]) * np.diff(GRID)
        return np.interp(share, GRID, np.concatenate(([0.0], np.cumsum(steps))))


def made(
    family: Family,
    *,
    warmup: float = 0.0,
    final: float = 0.0,
    decay: float = 0.2,
    milestones: tuple[float, ...] = (0.5, 0.75),
    factor: float = 0.1,
) -> Schedule:
    """Return a schedule of ``family`` in its usual form.

    ``warmup`` is the share of the run over which the rate rises from zero; ``final`` the relative rate at the end of a cosine,
    linear, exponential (0 stands for 0.01) or trapezoidal schedule; ``decay`` the share of a trapezoid that is its descent;
    ``milestones`` and ``factor`` say where steps fall and to how much of the rate before. A one-cycle schedule rises over 30 %.
    """
    rise = 0.3 if family == "one-cycle" else warmup
    done = np.clip((GRID - rise) / max(1e-9, 1 - rise), 0, 1)
    shape = _shape(family, done, final, decay, milestones, factor, max(warmup, 0.01))
    rising = np.minimum(1.0, GRID / rise) if rise > 0 else np.ones_like(GRID)
    if family == "one-cycle":  # both flanks are half cosines; it begins at a twenty-fifth of the peak
        rising = 0.04 + 0.96 * 0.5 * (1 - np.cos(np.pi * rising))
    return Schedule(family, np.where(rise > GRID, rising, shape))


def _shape(
    family: Family,
    done: Floats,
    final: float,
    decay: float,
    milestones: tuple[float, ...],
    factor: float,
    warmup: float,
) -> Floats:
    """The relative rate behind the warm-up, over the share of the rest that is done."""
    match family:
        case "cosine" | "one-cycle":
            return final + (1 - final) * 0.5 * (1 + np.cos(np.pi * done))
        case "linear":
            return final + (1 - final) * (1 - done)
        case "wsd":
            return final + (1 - final) * np.clip((1 - done) / decay, 0, 1)
        case "step":
            passed = np.sum([done >= place for place in milestones], axis=0)
            return np.asarray(np.power(factor, passed), dtype=np.float64)
        case "exponential":
            return np.power(final or 0.01, done)
        case "inverse-square-root":
            return np.sqrt(warmup / (warmup + done))
        case _:
            return np.ones_like(done)


_WORDS: Final[tuple[tuple[str, Family], ...]] = (
    # the longer word first where one contains the other
    ("onecycle", "one-cycle"),
    ("one-cycle", "one-cycle"),
    ("cosine", "cosine"),
    ("inverse-sq", "inverse-square-root"),
    ("inv-sqrt", "inverse-square-root"),
    ("rsqrt", "inverse-square-root"),
    ("noam", "inverse-square-root"),
    ("wsd", "wsd"),
    ("warmup-stable", "wsd"),
    ("trapez", "wsd"),
    ("exponential", "exponential"),
    ("step", "step"),
    ("linear", "linear"),
    ("poly", "linear"),
    ("constant", "constant"),
    ("fixed", "constant"),
)


def family_of(name: str) -> Family:
    """Return the family that a schedule's name in some program means; ``unknown`` where none is known or the data decide.

    >>> family_of("CosineAnnealingLR"), family_of("constant_with_warmup"), family_of("ReduceLROnPlateau")
    ('cosine', 'constant', 'unknown')
    """
    word = name.strip().lower().replace("_", "-").replace(" ", "-")
    if "restart" in word:
        return "unknown"
    for part, family in _WORDS:
        if part in word:
            return family
    return "unknown"
