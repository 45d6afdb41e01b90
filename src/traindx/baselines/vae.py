"""Variational and vector-quantised autoencoders: reconstruction levels and collapse. Values in nats."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, binary_entropy, fraction, positive, shown
from traindx.baselines.baseline import Baseline


def binary_reconstruction_chance(num_pixels: int) -> Baseline:
    """Return the summed binary cross-entropy of one half per pixel: n ln 2.

    >>> round(binary_reconstruction_chance(784).value, 1)
    543.4
    """
    at_least(1, num_pixels=num_pixels)
    return Baseline(
        rung="chance",
        value=num_pixels * math.log(2.0),
        unit="nats per image",
        formula=f"{num_pixels} ln 2",
        meaning="one half for every pixel",
        source="definition: -ln(1/2) per pixel",
        conditions="summed over pixels; a mean is ln 2",
    )


def binary_reconstruction_trivial(num_pixels: int, brightness: float) -> Baseline:
    """Return the summed binary cross-entropy of the mean brightness for every pixel: n H(m).

    Grey targets keep it exact: the loss is linear in the target.

    >>> round(binary_reconstruction_trivial(784, 0.13).value)
    303
    """
    at_least(1, num_pixels=num_pixels)
    fraction(brightness=brightness)
    return Baseline(
        rung="trivial",
        value=num_pixels * binary_entropy(brightness),
        unit="nats per image",
        formula=f"{num_pixels}·H({shown(brightness)})",
        meaning="the mean brightness for every pixel",
        source="derived: the loss is linear in the target",
        conditions="the mean image, pixel by pixel, is lower still",
    )


def normal_reconstruction_trivial(num_pixels: int, std: float = 1.0) -> Baseline:
    """Return the summed square error over two of the mean answer: n s^2/2, the unit-variance normal likelihood.

    >>> normal_reconstruction_trivial(784).value
    392.0
    """
    at_least(1, num_pixels=num_pixels)
    positive(std=std)
    return Baseline(
        rung="trivial",
        value=num_pixels * std**2 / 2,
        unit="nats per image",
        formula=f"{num_pixels}·{shown(std)}²/2",
        meaning="the mean image",
        source="derived: unit-variance normal likelihood",
        conditions="without the constant n/2 ln 2π",
    )


def posterior_collapse() -> Baseline:
    """Return the KL term of a posterior equal to its prior: 0; the latent then carries nothing.

    >>> posterior_collapse().value
    0.0
    """
    return Baseline(
        rung="floor",
        value=0.0,
        unit="nats",
        formula="KL(p‖p)",
        meaning="posterior equal to prior: for a latent that is collapse, it carries nothing",
        source="Kingma and Welling 2014, Auto-Encoding Variational Bayes, appendix B",
        conditions="with free bits the level is their sum instead",
    )


def effective_beta(beta: float, num_pixels: int, latent_dim: int = 1) -> float:
    """Return the weight on the summed KL when reconstruction is a mean over pixels and KL a mean over latents.

    A mean over n pixels and d latents is the sum divided by n and d: beta n/d against a summed objective.

    >>> effective_beta(1.0, 784)
    784.0
    """
    at_least(0, beta=beta)
    at_least(1, num_pixels=num_pixels, latent_dim=latent_dim)
    return beta * num_pixels / latent_dim


def codebook_perplexity_best(codebook_size: int) -> Baseline:
    """Return the perplexity of a codebook whose codes are used alike: K; 1 is its collapse.

    >>> codebook_perplexity_best(512).value
    512.0
    """
    at_least(1, codebook_size=codebook_size)
    return Baseline(
        rung="floor",
        value=float(codebook_size),
        unit="codes",
        formula=f"e^(ln {codebook_size})",
        meaning="every code used equally often",
        source="definition: exponential of the entropy of use",
    )


def codebook_collapse() -> Baseline:
    """Return the perplexity of a codebook of which one code is used: 1.

    >>> codebook_collapse().value
    1.0
    """
    return Baseline(
        rung="trivial",
        value=1.0,
        unit="codes",
        formula="e^0",
        meaning="one code for everything: codebook collapse",
        source="definition: exponential of the entropy of use",
    )
