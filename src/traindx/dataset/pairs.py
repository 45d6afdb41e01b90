"""Whether the rows of two arrays belong together: the strength of their relation against that of shuffled pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.errors import UsageError

Floats = NDArray[np.float64]

_ROWS: Final = 1_024  # beyond these the power of the test is certain, and its cost grows with their square
_SHUFFLES: Final = 200
_SHIFTS: Final = (-3, -2, -1, 1, 2, 3)  # how far rows have slipped where one was dropped or a header was read as one


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """How strongly the rows of two arrays are related as they are paired, and as they are not.

    ``measured`` is the linear dependence of the pairs (0 none, 1 complete: the normalised HSIC with a linear kernel, known as CKA),
    ``shuffled`` its mean and ``spread`` its deviation over random pairings; ``shift`` is the displacement of rows at which it is largest, and
    ``at_shift`` its value there. ``rows`` were looked at of ``of``.
    """

    first: str
    second: str
    rows: int
    of: int
    measured: float
    shuffled: float
    spread: float
    shift: int
    at_shift: float

    @property
    def deviations(self) -> float:
        """How many deviations of random pairings the measured dependence lies above their mean."""
        return (self.measured - self.shuffled) / self.spread if self.spread > 0 else float("nan")


def pairing(first: ArraySource, second: ArraySource, *, seed: int = 0) -> Pairing:
    """Measure the pairing of two arrays with equally many rows, on at most 1,024 neighbouring rows. Raises ``UsageError``.

    The dependence is that of Kornblith et al. 2019 (arXiv 1905.00414); random pairings give its null, exact for any distribution.
    """
    if len(first) != len(second):
        raise UsageError(
            f"{first.where} has {len(first):,} rows and {second.where} {len(second):,}: they cannot be paired one to one",
            hint="give two arrays of equally many rows",
        )
    rows = min(len(first), _ROWS)
    start = (len(first) - rows) // 2
    x, y = _block(first, start, rows), _block(second, start, rows)
    good = np.isfinite(x).all(1) & np.isfinite(y).all(1)
    x, y = x[good], y[good]
    if len(x) < 8:  # fewer rows have too few orders for a test
        raise UsageError(
            f"{first.where} and {second.where} share {len(x)} finite rows", hint="the test of pairs needs eight"
        )
    return _tested(_gram(x), _gram(y), first, second, seed)


def _tested(x: Floats, y: Floats, first: ArraySource, second: ArraySource, seed: int) -> Pairing:
    norm = float(np.sqrt((x * x).sum() * (y * y).sum()))
    rng, size = np.random.default_rng(seed), len(x)

    def dependence(order: NDArray[np.intp]) -> float:
        return float((x * y[np.ix_(order, order)]).sum()) / norm if norm > 0 else float("nan")

    here = np.arange(size)
    null = np.array([dependence(rng.permutation(size)) for _ in range(_SHUFFLES)])
    shifted = {0: dependence(here)} | {shift: dependence(np.roll(here, -shift)) for shift in _SHIFTS}
    best = max(shifted, key=lambda shift: shifted[shift])
    return Pairing(
        first=first.name or first.where,
        second=second.name or second.where,
        rows=size,
        of=len(first),
        measured=shifted[0],
        shuffled=float(null.mean()),
        spread=float(null.std()),
        shift=best,
        at_shift=shifted[best],
    )


def _block(source: ArraySource, start: int, rows: int) -> Floats:
    block = source.read(start, start + rows)
    return block.reshape(len(block), -1).astype(np.float64)


def _gram(x: Floats) -> Floats:
    """Return the centred Gram matrix of rows, each feature scaled to unit deviation so that no unit decides."""
    x = x - x.mean(0)
    deviation = x.std(0)
    x = x / np.where(deviation > 0, deviation, 1.0)
    return x @ x.T
