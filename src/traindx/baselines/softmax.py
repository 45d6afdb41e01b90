"""Softmax cross-entropy over classes: chance, class priors and the start of training. All values in nats."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from traindx.baselines.arithmetic import at_least, entropy, fraction, normalised, positive, shown
from traindx.baselines.baseline import Baseline
from traindx.baselines.random_scores import log_mean_exp_excess

SHANNON = "Shannon 1948, A Mathematical Theory of Communication, section 6"


def uniform_cross_entropy(num_classes: int) -> Baseline:
    """Return the loss of guessing every class equally: -ln(1/C) = ln C, whatever the labels are.

    >>> round(uniform_cross_entropy(1000).value, 4)
    6.9078
    """
    at_least(1, num_classes=num_classes)
    return Baseline(
        rung="chance",
        value=math.log(num_classes),
        unit="nats",
        formula=f"ln {shown(num_classes)}",
        meaning=f"guessing all {shown(num_classes)} classes equally",
        source="definition: -ln(1/C)",
        conditions="counts every output of the softmax, padded vocabulary entries too; a level, neither minimum nor maximum",
    )


def prior_cross_entropy(prior: Sequence[float]) -> Baseline:
    """Return the loss of the best constant prediction, the class frequencies: H(p) = -sum p ln p.

    ``prior`` holds one count or probability per class.

    >>> round(prior_cross_entropy([90, 10]).value, 4)
    0.3251
    """
    shares = normalised(prior)
    terms = ", ".join(shown(p) for p in shares[:4]) + (", ..." if len(shares) > 4 else "")
    return Baseline(
        rung="trivial",
        value=entropy(prior),
        unit="nats",
        formula=f"H({terms})",
        meaning="knowing the class frequencies and nothing of the input",
        source=SHANNON,
    )


def unigram_cross_entropy(entropy_nats: float) -> Baseline:
    """Return the loss of knowing how often each token occurs, from the entropy of the counted frequencies.

    >>> unigram_cross_entropy(7.2).value
    7.2
    """
    at_least(0, entropy_nats=entropy_nats)
    return Baseline(
        rung="trivial",
        value=entropy_nats,
        unit="nats",
        formula="H(token frequencies)",
        meaning="knowing how often each token occurs and nothing of the context",
        source=SHANNON,
        conditions="frequencies counted in this data; the plug-in estimate is low by about (tokens seen - 1)/2n in small files",
    )


def zipf_cross_entropy(vocab_size: int, exponent: float = 1.0) -> Baseline:
    """Return the entropy of word frequencies that fall as 1/rank^a: sum p (a ln r + ln Z), Z = sum r^-a.

    It is where a language model stands that has learnt word frequencies only, if they are Zipf's.

    >>> round(zipf_cross_entropy(50257).value, 2)
    7.57
    """
    at_least(1, vocab_size=vocab_size)
    at_least(0, exponent=exponent)
    if vocab_size > 2_000_000:
        at_least(vocab_size, largest_supported_vocab_size=2_000_000)
    return Baseline(
        rung="trivial",
        value=_zipf_entropy(vocab_size, exponent),
        unit="nats",
        formula=f"H(1/r^{shown(exponent)}, r = 1..{shown(vocab_size)})",
        meaning="knowing word frequencies only (unigram plateau), if they follow Zipf's law",
        source="derived: entropy of Zipf's law",
        conditions="an estimate: real vocabularies differ by about half a nat",
    )


def _zipf_entropy(size: int, exponent: float) -> float:
    ranks = np.log(np.arange(1, size + 1, dtype=np.float64))
    weights = np.exp(-exponent * ranks)
    total = float(weights.sum())
    return exponent * float((weights * ranks).sum()) / total + math.log(total)


def initial_cross_entropy(num_classes: int, logit_std: float) -> Baseline:
    """Return the loss of random normal logits of standard deviation s: about ln C + s^2/2, computed exactly.

    The mean of ln sum e^z is ln(C e^(s^2/2)) less what few classes or a wide spread take away.

    >>> round(initial_cross_entropy(50257, 1.0).value - math.log(50257), 3)
    0.5
    """
    at_least(1, num_classes=num_classes)
    return Baseline(
        rung="initial",
        value=math.log(num_classes) + log_mean_exp_excess(num_classes, logit_std),
        unit="nats",
        formula=f"ln {shown(num_classes)} + {shown(logit_std)}²/2",
        meaning="a fresh network whose logits have that standard deviation",
        source="derived: mean of ln Σ e^z over normal logits",
        conditions="independent normal logits; the formula is the limit of many classes and a small spread",
    )


def head_logit_std(dim: int, weight_std: float) -> float:
    """Return the logit standard deviation of a linear head on normalised features: w * sqrt(D).

    >>> round(head_logit_std(768, 0.02), 4)
    0.5543
    """
    at_least(1, dim=dim)
    at_least(0, weight_std=weight_std)
    return weight_std * math.sqrt(dim)


def balanced_class_weights(counts: Sequence[float]) -> tuple[float, ...]:
    """Return n / (C n_c) per class: the weights under which every class counts equally.

    >>> balanced_class_weights([90, 10])
    (0.5555555555555556, 5.0)
    """
    positive(**{f"count of class {i}": c for i, c in enumerate(counts)})
    total = math.fsum(counts)
    return tuple(total / (len(counts) * c) for c in counts)


def weighted_uniform_cross_entropy(prior: Sequence[float], weights: Sequence[float]) -> Baseline:
    """Return chance where class weights are summed and divided by the *number* of samples: ln C * sum p w.

    Divided by the sum of weights instead (torch ``reduction="mean"``), chance stays ln C.

    >>> round(weighted_uniform_cross_entropy([0.9, 0.1], [1.0, 9.0]).value, 4)
    1.2477
    """
    at_least(len(prior), number_of_weights=len(weights))
    factor = math.fsum(p * w for p, w in zip(normalised(prior), weights, strict=True))
    return Baseline(
        rung="chance",
        value=math.log(len(prior)) * factor,
        unit="nats",
        formula=f"ln {len(prior)} × Σpw = ln {len(prior)} × {shown(factor)}",
        meaning="guessing uniformly, class weights applied and divided by the number of samples",
        source="derived",
        conditions="not where the loss divides by the sum of the weights: there chance stays ln C",
    )


def weighted_prior_cross_entropy(prior: Sequence[float], weights: Sequence[float]) -> Baseline:
    """Return the best constant under class weights, divided by their sum: H(q) with q proportional to p w.

    Balanced weights make q uniform, and the trivial level ln C.

    >>> round(weighted_prior_cross_entropy([0.9, 0.1], [1.0, 9.0]).value, 4)
    0.6931
    """
    at_least(len(prior), number_of_weights=len(weights))
    q = normalised([p * w for p, w in zip(prior, weights, strict=True)])
    return Baseline(
        rung="trivial",
        value=entropy(q),
        unit="nats",
        formula="H(q), q ∝ prior × weight",
        meaning="knowing the re-weighted class frequencies and nothing of the input",
        source="derived: Gibbs' inequality on the re-weighted labels",
        conditions="loss divided by the sum of the weights",
    )


def mixture_cross_entropy(sizes: Mapping[int, float]) -> Baseline:
    """Return chance for tokens of several kinds: sum of share x ln(size of that kind's own set).

    ``sizes`` maps the number of choices of a kind to its share or count of the predicted tokens.

    >>> round(mixture_cross_entropy({8192: 1, 256: 1}).value, 4)
    7.278
    """
    at_least(1, **{"choices of a kind": min(sizes, default=0)})
    shares = normalised(list(sizes.values()))
    parts = " + ".join(f"{shown(w)} ln {shown(k)}" for k, w in zip(sizes, shares, strict=True))
    return Baseline(
        rung="chance",
        value=math.fsum(w * math.log(k) for k, w in zip(sizes, shares, strict=True)),
        unit="nats",
        formula=parts,
        meaning="guessing uniformly within the right kind of token",
        source="derived: chain rule, kind of token known",
        conditions="comparing with ln of the whole vocabulary would overstate the skill",
    )


def padded_cross_entropy(true_loss: float, padded_fraction: float) -> float:
    """Return what is logged when padding counts with loss 0: (1 - q) times the true loss.

    >>> padded_cross_entropy(3.0, 0.6)
    1.2000000000000002
    """
    fraction(padded_fraction=padded_fraction)
    return (1.0 - padded_fraction) * true_loss
