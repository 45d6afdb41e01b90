"""Diffusion and flow matching: what a zero output scores, and what per-pixel statistics alone can reach.

Targets are normalised so that noise has variance 1; V is the variance of the data per element. With x_t = a x + s e,
a = cos u, s = sin u and u uniform on a quarter circle (the cosine schedule), the best affine guess from x_t alone has
closed forms. It is what a network reaches that has learnt each pixel's spread and nothing of images.
"""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import positive, shown
from traindx.baselines.baseline import Baseline, Rung

HO = "Ho et al. 2020, Denoising Diffusion Probabilistic Models, equation 14"
SALIMANS = "Salimans and Ho 2022, Progressive Distillation, appendix D"
LIPMAN = "Lipman et al. 2023, Flow Matching for Generative Modeling; straight paths from noise to data"


def _level(rung: Rung, value: float, formula: str, source: str) -> Baseline:
    affine = rung == "typical"
    return Baseline(
        rung=rung,
        value=value,
        unit="target units²",
        formula=formula,
        meaning="the best affine guess from the noisy element alone" if affine else "a zero output",
        source=source + ("; averaged here" if affine else ""),
        conditions="white data, u uniform; real images go far below" if affine else "all noise levels weighted alike",
    )


def noise_prediction_trivial() -> Baseline:
    """Return the MSE of answering 0 for noise of variance 1.

    >>> noise_prediction_trivial().value
    1.0
    """
    return _level("trivial", 1.0, "Var(ε) = 1", HO)


def noise_prediction_affine(variance: float = 1.0) -> Baseline:
    """Return the mean of V a^2/(V a^2 + s^2) over the quarter circle: sqrt V/(1 + sqrt V).

    >>> noise_prediction_affine().value, round(noise_prediction_affine(0.25).value, 3)
    (0.5, 0.333)
    """
    positive(variance=variance)
    root = math.sqrt(variance)
    return _level("typical", root / (1 + root), f"√{shown(variance)}/(1 + √{shown(variance)})", HO)


def data_prediction_trivial(variance: float = 1.0) -> Baseline:
    """Return the MSE of the mean image: the variance of the data.

    >>> data_prediction_trivial(0.25).value
    0.25
    """
    positive(variance=variance)
    return _level("trivial", variance, f"Var(x) = {shown(variance)}", HO)


def data_prediction_affine(variance: float = 1.0) -> Baseline:
    """Return the mean of V s^2/(V a^2 + s^2): V/(1 + sqrt V).

    >>> data_prediction_affine().value
    0.5
    """
    positive(variance=variance)
    value = variance / (1 + math.sqrt(variance))
    return _level("typical", value, f"{shown(variance)}/(1 + √{shown(variance)})", HO)


def velocity_prediction_trivial(variance: float = 1.0) -> Baseline:
    """Return the mean square of v = a e - s x: 1/2 + V/2.

    >>> velocity_prediction_trivial(0.25).value
    0.625
    """
    positive(variance=variance)
    return _level("trivial", 0.5 + 0.5 * variance, f"½ + ½·{shown(variance)}", SALIMANS)


def velocity_prediction_affine(variance: float = 1.0) -> Baseline:
    """Return the mean of V/(V a^2 + s^2): sqrt V; for V = 1 the noisy pixel alone tells nothing of v.

    >>> velocity_prediction_affine(0.25).value
    0.5
    """
    positive(variance=variance)
    return _level("typical", math.sqrt(variance), f"√{shown(variance)}", SALIMANS)


def flow_matching_trivial(variance: float = 1.0) -> Baseline:
    """Return the mean square of the target e - x: 1 + V.

    >>> flow_matching_trivial().value
    2.0
    """
    positive(variance=variance)
    return _level("trivial", 1.0 + variance, f"1 + {shown(variance)}", LIPMAN)


def flow_matching_affine(variance: float = 1.0) -> Baseline:
    """Return the integral over t in [0, 1] of V/(V (1-t)^2 + t^2): pi/2 sqrt V.

    The target and x_t = (1-t) x + t e have a joint variance of determinant V at every t.

    >>> round(flow_matching_affine().value, 4)
    1.5708
    """
    positive(variance=variance)
    return _level("typical", math.pi / 2 * math.sqrt(variance), f"π/2·√{shown(variance)}", LIPMAN)
