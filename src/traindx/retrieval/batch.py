"""Loss and accuracy inside batches against ranks in a gallery: what each allows the other to be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UsageError
from traindx.retrieval.other_sizes import hits_at_size
from traindx.retrieval.spread import Labels, mean_spread

_LN2 = math.log(2)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BatchBound:
    """An in-batch loss beside the recall at 1 that ranks give in batches of its size.

    ``recall`` lies between ``low`` and ``high``; the loss allows no less than ``least``. ``chance`` is the loss of a guesser, ln B.
    """

    loss: float
    batch_size: int
    least: float
    recall: float
    low: float
    high: float
    chance: float

    @property
    def violated(self) -> bool:
        """Whether even the upper end of the recall is less than the loss allows."""
        return self.high < self.least


def least_accuracy(loss: float) -> float:
    """Return the least accuracy that a mean cross-entropy allows: 1 - L/ln 2, as an error gives the truth one half at most.

    >>> round(least_accuracy(0.0521), 4)
    0.9248
    """
    if not 0 <= loss < math.inf:
        raise UsageError(f"a loss of {loss} is no mean cross-entropy", hint="it is a number of at least 0")
    return max(0.0, 1 - loss / _LN2)


def least_loss(accuracy: float) -> float:
    """Return the least mean cross-entropy that an accuracy allows: ln 2 for each error.

    >>> round(least_loss(0.9), 4)
    0.0693
    """
    if not 0 <= accuracy <= 1:
        raise UsageError(f"an accuracy of {accuracy} is no share", hint="write 90 % as 0.9")
    return (1 - accuracy) * _LN2


def batch_bound(
    above: NDArray[np.int64], gallery_size: int, *, loss: float, batch_size: int, clusters: Labels | None = None
) -> BatchBound:
    """Return the loss of batches beside their recall at 1, which is that of random sub-galleries of the batch's size.

    ``above`` counts the rivals that beat each query's item in the whole gallery.
    """
    if not 2 <= batch_size <= gallery_size:
        raise UsageError(
            f"batches of {batch_size:,} cannot be drawn from a gallery of {gallery_size:,}",
            hint="the batch size counts the items that a query is compared with",
        )
    hits = hits_at_size(above, gallery_size, batch_size)
    spread = mean_spread(hits, clusters)
    return BatchBound(
        loss=loss,
        batch_size=batch_size,
        least=least_accuracy(loss),
        recall=float(hits.mean()),
        low=spread.low,
        high=spread.high,
        chance=math.log(batch_size),
    )
