"""In-batch contrastive losses (InfoNCE, CLIP): chance and the start of training. All values in nats."""

from __future__ import annotations

import math
from typing import Literal

from traindx.baselines.arithmetic import at_least, positive, shown
from traindx.baselines.baseline import Baseline
from traindx.baselines.random_scores import log_mean_exp_excess

OORD = "van den Oord et al. 2018, Representation Learning with Contrastive Predictive Coding, section 2.3"
Weighting = Literal["batches", "samples"]


def candidates(batch_size: int, world_size: int = 1, *, gather: bool = False) -> int:
    """Return how many answers each query chooses from: the batch of one device, or of all if gathered.

    Gradient accumulation adds none: every micro-batch is scored alone.

    >>> candidates(32, 8), candidates(32, 8, gather=True)
    (32, 256)
    """
    at_least(1, batch_size=batch_size, world_size=world_size)
    return batch_size * world_size if gather else batch_size


def info_nce_chance(num_candidates: int) -> Baseline:
    """Return the loss of scores that say nothing: one answer in N is right, ln N.

    >>> round(info_nce_chance(256).value, 4)
    5.5452
    """
    at_least(1, num_candidates=num_candidates)
    return Baseline(
        rung="chance",
        value=math.log(num_candidates),
        unit="nats",
        formula=f"ln {shown(num_candidates)}",
        meaning=f"guessing among {shown(num_candidates)} candidates of a full batch",
        source=OORD,
        conditions="candidates of one scored batch: all devices if embeddings are gathered; accumulation adds none",
    )


def info_nce_epoch_chance(num_samples: int, batch_size: int, weighting: Weighting = "batches") -> Baseline:
    """Return chance averaged over an epoch whose last batch is short: q full batches of B and one of r = n mod B.

    Mean over batches: (q ln B + ln r)/(q + 1). Mean over samples: (q B ln B + r ln r)/n.

    >>> round(info_nce_epoch_chance(5000, 256).value, 4)
    5.5136
    >>> round(info_nce_epoch_chance(5000, 256, "samples").value, 4)
    5.528
    """
    at_least(1, num_samples=num_samples, batch_size=batch_size)
    full, rest = divmod(num_samples, batch_size)
    big, small = math.log(batch_size), math.log(max(rest, 1))
    if weighting == "batches":
        value = (full * big + small) / (full + 1) if rest else big
        formula = f"({full} ln {batch_size} + ln {rest})/{full + 1}"
    else:
        value = (full * batch_size * big + rest * small) / num_samples
        formula = f"({full * batch_size} ln {batch_size} + {rest} ln {rest})/{num_samples}"
    return Baseline(
        rung="chance",
        value=value,
        unit="nats",
        formula=formula if rest else f"ln {batch_size}",
        meaning=f"guessing, averaged over {weighting}, the last batch holding {rest or batch_size} of {batch_size}",
        source="derived",
        conditions="the short last batch is kept (no drop_last)",
    )


def scaled_cosine_start(num_candidates: int, scale: float, dim: int) -> Baseline:
    """Return the start of independent random unit vectors: ln N + s^2/2D, as a cosine has variance 1/D.

    The excess is computed exactly: it saturates once s^2/D nears 2 ln N, where the largest of N scores rules the sum.

    >>> round(scaled_cosine_start(256, 14.3, 512).value - math.log(256), 2)
    0.2
    """
    at_least(1, num_candidates=num_candidates, dim=dim)
    positive(scale=scale)
    return Baseline(
        rung="initial",
        value=math.log(num_candidates) + log_mean_exp_excess(num_candidates, scale / math.sqrt(dim)),
        unit="nats",
        formula=f"ln {shown(num_candidates)} + {shown(scale)}²/(2·{shown(dim)})",
        meaning="independent random unit vectors, as two unrelated encoders give",
        source="derived: a cosine of random directions has variance 1/D",
        conditions="encoders that map everything to one narrow cone start at ln N instead",
    )


def temperature_scale(temperature: float) -> float:
    """Return the factor on the cosine: 1/temperature.

    >>> round(temperature_scale(0.07), 2)
    14.29
    """
    positive(temperature=temperature)
    return 1.0 / temperature


def in_batch_accuracy_bound(loss: float) -> Baseline:
    """Return the lowest top-1 accuracy that a mean cross-entropy allows: 1 - L/ln 2.

    Where the answer is wrong, a rival has at least the same probability: p <= 1/2 and the loss is >= ln 2.

    >>> round(in_batch_accuracy_bound(0.0521).value, 3)
    0.925
    """
    at_least(0, loss=loss)
    return Baseline(
        rung="floor",
        value=max(0.0, 1.0 - loss / math.log(2.0)),
        unit="fraction",
        formula=f"1 - {shown(loss)}/ln 2",
        meaning="accuracy is at least this on the items that the loss was averaged over",
        source="derived: Markov's inequality at ln 2",
        conditions="any softmax cross-entropy without label smoothing, same items and mode",
    )
