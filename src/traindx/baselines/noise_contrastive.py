"""One right answer against k drawn noises: word2vec's negative sampling and NCE. All values in nats."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least
from traindx.baselines.baseline import Baseline


def negative_sampling_chance(negatives: int) -> Baseline:
    """Return the sum of k + 1 binary guesses at zero scores: (k + 1) ln 2.

    >>> round(negative_sampling_chance(5).value, 3)
    4.159
    """
    at_least(0, negatives=negatives)
    return Baseline(
        rung="chance",
        value=(negatives + 1) * math.log(2.0),
        unit="nats",
        formula=f"({negatives} + 1) ln 2",
        meaning="one half for the right word and for every noise word",
        source="Mikolov et al. 2013, Distributed Representations of Words and Phrases, equation 4",
        conditions="summed over the k + 1 terms, as with output vectors that start at zero",
    )


def negative_sampling_trivial(negatives: int) -> Baseline:
    """Return the best constant: probability 1/(k+1) for each, (k + 1) H(1/(k+1)) = ln(k+1) + k ln((k+1)/k).

    >>> round(negative_sampling_trivial(5).value, 3)
    2.703
    """
    at_least(1, negatives=negatives)
    total = negatives + 1
    return Baseline(
        rung="trivial",
        value=math.log(total) + negatives * math.log(total / negatives),
        unit="nats",
        formula=f"ln {total} + {negatives} ln({total}/{negatives})",
        meaning="one score for all words",
        source="derived: entropy of one right word in k + 1",
        conditions="summed over the k + 1 terms",
    )
