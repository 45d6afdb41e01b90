"""MinHash: short signatures of sets, from which pairs with many common members are found without comparing all pairs.

The smallest hash of a set under a random order of all members is the same for two sets with probability J, their Jaccard similarity (A. Broder, 1997). Signatures are
cut into bands; sets that agree in a whole band are candidates, and each candidate is compared by itself afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import compiled, has_numba
from traindx.dataset.overlap.hashing import Words, hash_words, packed
from traindx.dataset.overlap.shingles import Offsets

Signatures = NDArray[np.uint32]

PERMUTATIONS = 128
"""The usual number: an estimate of J = 0.8 from it has a standard error of 0.035, and candidates are verified anyway."""

RECALL = 0.99
"""The share of pairs at the threshold that must become candidates."""


@final
@dataclass(frozen=True, slots=True)
class Banding:
    """``bands`` bands of ``rows`` signature values each."""

    bands: int
    rows: int

    def candidates(self, similarity: float) -> float:
        """The probability that a pair of this similarity agrees in a band: 1 - (1 - J^r)^b."""
        return 1 - (1 - similarity**self.rows) ** self.bands


def banding(threshold: float, permutations: int = PERMUTATIONS) -> Banding:
    """Return the longest bands that still find pairs at the threshold in 99 of 100 cases: they let the fewest others through.

    >>> banding(0.8)
    Banding(bands=21, rows=6)
    """
    options = [Banding(permutations // rows, rows) for rows in range(1, permutations + 1)]
    return [b for b in options if b.candidates(threshold) >= RECALL or b.rows == 1][-1]


@cache
def _orders() -> tuple[Signatures, Signatures]:
    """The random orders of 32-bit numbers: x -> (x xor b) times an odd a, from a fixed seed."""
    rng = np.random.default_rng(0x6D696E)
    drawn = rng.integers(0, 1 << 32, size=(2, PERMUTATIONS), dtype=np.uint32)
    return drawn[0] | np.uint32(1), drawn[1]


def signatures(found: Words, starts: Offsets) -> Signatures:
    """Return the signature of each set of hashes, ``found[starts[i]:starts[i + 1]]``: 128 smallest values.

    An empty set has the largest number everywhere.
    """
    out = np.full((len(starts) - 1, PERMUTATIONS), np.uint32(0xFFFFFFFF))
    factors, masks = _orders()
    if has_numba():
        compiled(_signature_kernel)(found, starts, factors, masks, out)
        return out
    short = (found >> np.uint64(32)).astype(np.uint32)
    for i in range(len(out)):
        one = short[starts[i] : starts[i + 1]]
        for begin in range(0, len(one), 1024):
            out[i] = np.minimum(out[i], ((one[begin : begin + 1024, None] ^ masks) * factors).min(axis=0))
    return out


def _signature_kernel(found: Words, starts: Offsets, factors: Signatures, masks: Signatures, out: Signatures) -> None:
    half = np.uint64(32)
    for i in range(len(starts) - 1):
        for k in range(starts[i], starts[i + 1]):
            x = np.uint32(found[k] >> half)
            for j in range(len(factors)):
                value = np.uint32((x ^ masks[j]) * factors[j])
                out[i, j] = min(out[i, j], value)


def band_hashes(values: Signatures, cut: Banding) -> NDArray[np.uint64]:
    """Return one hash for each set and band."""
    rows, used = len(values), cut.bands * cut.rows
    bands = np.ascontiguousarray(values[:, :used]).reshape(rows * cut.bands, cut.rows)
    return hash_words(packed(bands)).reshape(rows, cut.bands)
