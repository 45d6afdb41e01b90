"""Binary cross-entropy: chance, class prior, positive weight. All values in nats per element."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, binary_entropy, fraction, positive, shown, xlogx
from traindx.baselines.baseline import Baseline


def uniform_bce() -> Baseline:
    """Return the loss of answering one half: -ln(1/2) = ln 2, whatever the labels are.

    >>> round(uniform_bce().value, 4)
    0.6931
    """
    return Baseline(
        rung="chance",
        value=math.log(2.0),
        unit="nats",
        formula="ln 2",
        meaning="answering one half to everything, as a network with zero logits does",
        source="definition: -ln(1/2)",
        conditions="mean over elements; a sum over C labels multiplies it by C",
    )


def prior_bce(pos: float) -> Baseline:
    """Return the loss of always answering the share of positives: H(pos).

    >>> round(prior_bce(0.1).value, 4), round(prior_bce(0.01).value, 4)
    (0.3251, 0.056)
    """
    fraction(pos=pos)
    return Baseline(
        rung="trivial",
        value=binary_entropy(pos),
        unit="nats",
        formula=f"H({shown(pos)})",
        meaning="knowing how many are positive and nothing of the input",
        source="derived: entropy of the label",
    )


def pos_weight_chance(pos: float, pos_weight: float) -> Baseline:
    """Return chance with positives weighted w: ln 2 x (w pos + 1 - pos).

    >>> round(pos_weight_chance(0.1, 9.0).value, 4)
    1.2477
    """
    fraction(pos=pos)
    at_least(0, pos_weight=pos_weight)
    return Baseline(
        rung="chance",
        value=math.log(2.0) * (1.0 + (pos_weight - 1.0) * pos),
        unit="nats",
        formula=f"ln 2 × (1 + ({shown(pos_weight)} - 1)·{shown(pos)})",
        meaning="answering one half to everything, positives weighted",
        source="derived",
        conditions="divided by the number of elements, not by the weights",
    )


def pos_weight_trivial(pos: float, pos_weight: float) -> Baseline:
    """Return the best constant with weighted positives: p* = w pos / (w pos + 1 - pos), total weight times H(p*).

    >>> round(pos_weight_trivial(0.01, 10.0).value, 4)
    0.3341
    """
    fraction(pos=pos)
    at_least(0, pos_weight=pos_weight)
    total = pos_weight * pos + 1.0 - pos
    best = pos_weight * pos / total if total > 0 else 0.0
    return Baseline(
        rung="trivial",
        value=total * binary_entropy(best),
        unit="nats",
        formula=f"{shown(total)} × H({shown(best)})",
        meaning="the best constant answer, positives weighted",
        source="derived: the derivative vanishes at the weighted share of positives",
    )


def smoothed_bce_floor(label_smoothing: float) -> Baseline:
    """Return the floor when targets are 1 - e/2 and e/2: H(e/2).

    >>> round(smoothed_bce_floor(0.1).value, 4)
    0.1985
    """
    fraction(label_smoothing=label_smoothing)
    return Baseline(
        rung="floor",
        value=binary_entropy(label_smoothing / 2.0),
        unit="nats",
        formula=f"H({shown(label_smoothing)}/2)",
        meaning="a perfect model under label smoothing",
        source="derived: cross-entropy is at least the entropy of its target",
        conditions="targets moved by half the smoothing (Keras); with targets e and 1 - e it is H(e)",
    )


def prior_bias(pos: float) -> float:
    """Return the output bias that starts training at the prior: ln(pos / (1 - pos)).

    >>> round(prior_bias(0.01), 3)
    -4.595
    """
    positive(pos=pos, negatives=1.0 - pos)
    return math.log(pos / (1.0 - pos))


def clipped_bce_ceiling(epsilon: float) -> Baseline:
    """Return what a certain and wrong answer costs where probabilities are clipped at e: -ln e.

    At single precision's smallest normal number, 2^-126, that is 87.3365.

    >>> round(clipped_bce_ceiling(2.0**-126).value, 4)
    87.3365
    """
    positive(epsilon=epsilon)
    return Baseline(
        rung="initial",
        value=-xlogx(epsilon) / epsilon,
        unit="nats",
        formula=f"-ln {shown(epsilon)}",
        meaning="certain and wrong, the probability clipped: often a NaN in disguise",
        source="IEEE 754: smallest normal single-precision number 2^-126",
        conditions="losses that clip probabilities before the logarithm",
    )
