"""Curves that are fitted to the past and carried on: falling powers, exponentials and logarithms, weighted by how well they foretold.

Each is c + a f(x) (+ b z): f falls, and c, a and b follow from least squares (variable projection), so that only the shape of f is
searched, on a fixed grid. x is the distance travelled (the sum of learning rates), 1 at present; z is the learning rate, whose noise
lifts a loss while it is high and leaves it as the rate decays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.forecast.schedule import Floats

# Shifts and exponents of (x + s)^-p, rates of exp(-k x), shifts of -log(x + s).
_SHIFTS: Final = (0.003, 0.03, 0.1, 0.3, 1.0)
_POWERS: Final = (0.15, 0.35, 0.6, 1.0, 1.6)
_RATES: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
_LEARNT = 0.75  # this share of the past is fitted to foretell the rest of it
_TAIL = 0.1  # the last tenth says where the curve stands


@final
@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """What the fits say: the level ``now``, the drops along the ``path``, and the ``spread`` (a standard deviation) of the last one.

    ``offset`` is how far the last tenth of the points lies above the fits: as much of it as is noise will not last.
    """

    now: float
    path: Floats
    spread: float
    offset: float = 0.0

    @property
    def drop(self) -> float:
        """How much lower the end will be than now."""
        return float(self.path[-1])


def shapes(x: Floats) -> Floats:
    """Return every falling shape of the grid at ``x``: one row each."""
    powers = [(x + shift) ** -power for shift in _SHIFTS for power in _POWERS]
    falls = [np.exp(-rate * x) for rate in _RATES]
    logs = [-np.log(x + shift) for shift in _SHIFTS]
    return np.stack([*powers, *falls, *logs])


def project(
    x: Floats, levels: Floats, ends: Floats, noise: float, rates: tuple[Floats, Floats] | None = None
) -> Projection:
    """Carry the curve of ``levels`` at ``x`` (ascending, present 1) on to each of ``ends``.

    ``noise`` is the standard error of one level. ``rates`` are the relative learning rates at ``x`` and at ``ends``, where they are to be fitted.
    """
    ahead = np.concatenate((x[-1:], ends))
    past, future = shapes(x), shapes(ahead)
    weights = 0.2 + x / x[-1]  # the late past tells more of the future than the early one
    z = None if rates is None else rates[0]
    learnt = max(4, int(_LEARNT * len(x)))
    a, b, c = _solve(past[:, :learnt], levels[:learnt], weights[:learnt], None if z is None else z[:learnt])
    missed = levels[learnt:] - _values(past[:, learnt:], a, b, c, None if z is None else z[learnt:])
    errors = np.mean(missed**2, axis=1) if missed.shape[1] else np.zeros(len(past))
    a, b, c = _solve(past, levels, weights, z)
    residual = levels - _values(past, a, b, c, z)
    tail = max(2, int(_TAIL * len(x)))
    fitted = _values(future, a, b, c, None if rates is None else np.concatenate((rates[0][-1:], rates[1])))
    offsets = np.median(residual[:, -tail:], axis=1)
    drops = fitted[:, :1] - fitted[:, 1:]
    share = _shares(errors, noise)
    path = share @ drops
    spread = float(np.sqrt(max(0.0, share @ (drops[:, -1] - path[-1]) ** 2)))
    return Projection(float(share @ (fitted[:, 0] + offsets)), path, spread, float(share @ offsets))


def _shares(errors: Floats, noise: float) -> Floats:
    """How far each shape is believed: by its squared error on the part of the past that it had not seen."""
    scale = max(float(errors.min()), noise**2, 1e-300)
    believed = np.exp(-0.5 * np.minimum((errors - errors.min()) / scale, 1e3))
    return np.asarray(believed / believed.sum(), dtype=np.float64)


def _values(shape: Floats, a: Floats, b: Floats, c: Floats, z: Floats | None) -> Floats:
    lifted = 0.0 if z is None else b[:, None] * z
    return np.asarray(c[:, None] + a[:, None] * shape + lifted, dtype=np.float64)


def _solve(shape: Floats, levels: Floats, weights: Floats, z: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Weighted least squares of c + a f (+ b z) for every shape, with a and b not negative."""
    w = weights / weights.sum()
    means, level = shape @ w, float(levels @ w)
    f, y = shape - means[:, None], levels - level
    ff, fy = (f * f) @ w, (f * y) @ w
    tiny = 1e-12 * np.maximum(ff, 1e-300)
    if z is None:
        a = np.maximum(0.0, fy / (ff + tiny))
        return a, np.zeros_like(a), level - a * means
    mean = float(z @ w)
    d = z - mean
    dd, dy, fd = float((d * d) @ w), float((d * y) @ w), (f * d) @ w
    a, b = _two(ff + tiny, fd, dd * (1 + 1e-9) + 1e-300, fy, dy)
    return a, b, level - a * means - b * mean


def _two(ff: Floats, fd: Floats, dd: float, fy: Floats, dy: float) -> tuple[Floats, Floats]:
    """Solve two normal equations for every shape; where one answer is negative it is nothing and the other one stands alone."""
    size: NDArray[np.float64] = np.maximum(ff * dd - fd * fd, 1e-9 * ff * dd)
    a, b = (fy * dd - dy * fd) / size, (dy * ff - fy * fd) / size
    alone_a, alone_b = np.maximum(0.0, fy / ff), np.full_like(fy, max(0.0, dy / dd))
    a, b = np.where(b < 0, alone_a, a), np.where(b < 0, 0.0, b)
    return np.where(a < 0, 0.0, a), np.where(a < 0, alone_b, b)
