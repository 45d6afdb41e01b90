"""What a first look at an array decides: where its histogram is centred, and which exact values are counted beside it.

The look takes a few thousand rows from places spread evenly over the array, so that the plan depends on the array alone. All states of
one array share its plan; that is what makes their histograms add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.fields import Floats
from traindx.dataset.statistics.wire import from_array, pack, to_array, unpack

_CELLS: Final = 1 << 22  # of one worker's histograms: 16 MiB of 32-bit counts
_FINEST_BITS: Final = 16  # sign, eight of exponent, seven of mantissa: values are known to 1/128 of their distance
_COARSEST_BITS: Final = 10  # one bit of mantissa; with more features than such histograms fit, only the pool gets one
_ATOMS: Final = 16  # exact values counted for each feature
_LEAST_REPEATS: Final = 3  # two equal float32 among thousands happen by chance; three do not
_WINDOW: Final = 1 << 16  # whole numbers counted one by one: class labels, pixels, counts
_WINDOW_CELLS: Final = 1 << 22
_MARGIN: Final = 256  # whole numbers beyond the sample's extremes that are counted too


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """``centre`` has a value for each feature (or one for their pool); ``atoms`` (number, features) is NaN where there are fewer.

    Whole numbers from ``base`` to before ``base + size`` are counted one by one; ``size`` is 0 for features that hold others.
    ``single`` says that values are measured as float32, and else as float64.
    """

    centre: Floats
    bits: int
    atoms: Floats
    base: Floats
    size: NDArray[np.int64]
    single: bool = True

    @property
    def measured(self) -> type[np.float32 | np.float64]:
        """The type of the values that are counted."""
        return np.float32 if self.single else np.float64

    @property
    def features(self) -> int:
        """How many histograms there are."""
        return len(self.centre)

    @property
    def error(self) -> float:
        """The width of a bin, as a share of the distance to the centre."""
        return 2.0 ** -(self.bits - 9)

    def to_bytes(self) -> bytes:
        """Return the plan as bytes."""
        arrays = [from_array(array) for array in (self.centre, self.atoms, self.base, self.size)]
        return pack({"what": "plan", "bits": self.bits, "single": self.single, "arrays": arrays})

    @classmethod
    def from_bytes(cls, data: bytes) -> Plan:
        """Return the plan that ``to_bytes`` wrote."""
        found = unpack(data, "plan")
        centre, atoms, base, size = (to_array(array) for array in found["arrays"])
        return cls(centre, int(found["bits"]), atoms, base, size, bool(found["single"]))


def histogram_bits(features: int) -> int:
    """Return how many bits of each float the histograms of so many features may keep; 0: there are too many features.

    >>> histogram_bits(1), histogram_bits(64), histogram_bits(1024), histogram_bits(100_000)
    (16, 16, 12, 0)
    """
    bits = min(_FINEST_BITS, (_CELLS // features).bit_length() - 1)
    return bits if bits >= _COARSEST_BITS else 0


def planned(sample: NDArray[Any], keep: NDArray[np.bool_] | None = None) -> Plan:
    """Return the plan for an array from some of its observations: (observations, features), float32 or float64."""
    bits = histogram_bits(sample.shape[1])
    if not bits:
        sample, keep = sample.reshape(-1, 1), None if keep is None else keep.reshape(-1, 1)
        bits = _FINEST_BITS
    wanted = np.isfinite(sample) if keep is None else np.isfinite(sample) & keep
    ordered = np.sort(np.where(wanted, sample, np.nan), axis=0)  # what is not wanted goes to the end
    counts = wanted.sum(0)
    middle = ordered[np.maximum(counts - 1, 0) // 2, np.arange(len(counts))] if len(ordered) else np.zeros(len(counts))
    centre = np.where(counts > 0, middle, 0.0).astype(np.float64)
    base, size = _windows(ordered, counts)
    atoms = _repeated(ordered, counts, size)
    return Plan(centre, bits, atoms, base, size, sample.dtype == np.float32)


def _windows(ordered: NDArray[Any], counts: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Return first number and length of the window of each feature that holds whole numbers in a narrow range."""
    features = len(counts)
    base, size = np.zeros(features), np.zeros(features, np.int64)
    if not len(ordered):
        return base, size
    filled = counts > 0
    low = np.where(filled, ordered[0], 0.0).astype(np.float64)
    high = np.where(filled, ordered[np.maximum(counts - 1, 0), np.arange(features)], 0.0).astype(np.float64)
    whole = ((ordered == np.floor(ordered)) | np.isnan(ordered)).all(0)
    width = np.where(np.abs(high) < 2.0**52, high - np.where(np.abs(low) < 2.0**52, low, 0.0) + 1, np.inf)
    fits = filled & whole & (width <= min(_WINDOW, _WINDOW_CELLS // features) - 2 * _MARGIN) & (np.abs(low) < 2.0**52)
    base[fits] = low[fits] - _MARGIN
    size[fits] = (width[fits] + 2 * _MARGIN).astype(np.int64)
    return base, size


def _repeated(ordered: NDArray[Any], counts: NDArray[np.int64], size: NDArray[np.int64]) -> Floats:
    """Return the values that the sample repeats, the commonest first."""
    found: list[Floats] = []
    for feature in range(ordered.shape[1]):
        column = ordered[: counts[feature], feature]
        same = column[_LEAST_REPEATS - 1 :] == column[: max(0, len(column) - _LEAST_REPEATS + 1)]
        few = len(column) < _LEAST_REPEATS or column[0] == column[-1]
        if size[feature] or not (few or same.any()):
            found.append(np.empty(0))
            continue
        values, repeats = np.unique(column, return_counts=True)
        if len(values) > _ATOMS:  # of few values, all are counted, so that their number is known
            values, repeats = values[repeats >= _LEAST_REPEATS], repeats[repeats >= _LEAST_REPEATS]
        best = np.argsort(-repeats, kind="stable")[:_ATOMS]
        found.append(values[best].astype(np.float64) + 0.0)  # no -0.0
    most = max((len(values) for values in found), default=0)
    atoms = np.full((most, len(found)), np.nan)
    for feature, values in enumerate(found):
        atoms[: len(values), feature] = values
    return atoms
