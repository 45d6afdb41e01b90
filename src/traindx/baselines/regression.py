"""Regression losses: what the best constant predictor scores, by the distribution of the targets."""

from __future__ import annotations

import math
from statistics import NormalDist

from traindx.baselines.arithmetic import at_least, normal_density, positive, shown
from traindx.baselines.baseline import Baseline
from traindx.baselines.distributions import distribution, mean_huber
from traindx.errors import UsageError


def mse_trivial(std: float = 1.0) -> Baseline:
    """Return the MSE of always answering the mean: the variance of the targets. R^2 = 1 - MSE/variance.

    >>> mse_trivial(1.5).value
    2.25
    """
    positive(std=std)
    return Baseline(
        rung="trivial",
        value=std**2,
        unit="target units²",
        formula=f"{shown(std)}²",
        meaning="always answering the mean target",
        source="definition of the variance",
        conditions="targets with that standard deviation, on the elements that the loss counts; 1 for z-scored targets",
    )


def l1_trivial(std: float = 1.0, shape: str = "normal") -> Baseline:
    """Return the mean absolute error of always answering the median, for a named shape of the targets.

    >>> round(l1_trivial().value, 4), round(l1_trivial(1 / 3**0.5, "uniform").value, 4)
    (0.7979, 0.5)
    """
    positive(std=std)
    deviation = distribution(shape).mean_deviation
    return Baseline(
        rung="trivial",
        value=std * deviation,
        unit="target units",
        formula=f"{shown(std)} × {shown(deviation)}",
        meaning="always answering the median target",
        source="derived: mean absolute deviation about the median",
        conditions=f"targets of {shape} shape; already a mean over dimensions",
    )


def measured_l1_trivial(abs_deviation: float) -> Baseline:
    """Return the mean absolute error of always answering the median, as it was measured on the targets.

    >>> measured_l1_trivial(0.8).value
    0.8
    """
    positive(abs_deviation=abs_deviation)
    return Baseline(
        rung="trivial",
        value=abs_deviation,
        unit="target units",
        formula="E|y - median|",
        meaning="always answering the median target",
        source="measured on the targets",
        conditions="already a mean over dimensions",
    )


def rmse_trivial(std: float = 1.0) -> Baseline:
    """Return the RMSE of always answering the mean: the standard deviation of the targets.

    >>> rmse_trivial(1.5).value
    1.5
    """
    positive(std=std)
    return Baseline(
        rung="trivial",
        value=std,
        unit="target units",
        formula=shown(std),
        meaning="always answering the mean target",
        source="definition of the standard deviation",
    )


def huber_trivial(delta: float = 1.0, std: float = 1.0, shape: str = "normal") -> Baseline:
    """Return Huber's loss (x^2/2 inside delta, delta (|x| - delta/2) outside) of the best constant.

    >>> round(huber_trivial().value, 3), round(huber_trivial(shape="laplace").value, 3)
    (0.425, 0.378)
    """
    positive(delta=delta, std=std)
    found = distribution(shape)
    if found.tail is None:
        raise UsageError(f"huber needs a symmetric shape, not {shape}", hint="use normal, uniform, laplace or student3")
    value = std**2 * mean_huber(found.tail, found.mean_deviation, delta / std, found.support)
    return Baseline(
        rung="trivial",
        value=value,
        unit="target units²",
        formula=f"E huber({shape} of std {shown(std)}, delta {shown(delta)})",
        meaning="always answering the centre of the targets",
        source="derived: integral of min(x, delta) P(|X| > x)",
        conditions=f"targets of {shape} shape",
    )


def smooth_l1_trivial(beta: float = 1.0, std: float = 1.0, shape: str = "normal") -> Baseline:
    """Return smooth-L1 of the best constant: Huber's loss with delta = beta, divided by beta.

    >>> round(smooth_l1_trivial(0.5).value, 3)
    0.581
    """
    huber = huber_trivial(beta, std, shape)
    return Baseline(
        rung="trivial",
        value=huber.value / beta,
        unit="target units",
        formula=f"{huber.formula} / {shown(beta)}",
        meaning=huber.meaning,
        source=huber.source,
        conditions=huber.conditions,
    )


def pinball_trivial(quantile: float, std: float = 1.0) -> Baseline:
    """Return the pinball loss of the best constant for normal targets: std x density at the quantile's z.

    E max(q x, (q-1) x) about the q-quantile is E[X; X > z] = phi(z) for mean 0.

    >>> round(pinball_trivial(0.9).value, 4)
    0.1755
    """
    positive(quantile=quantile, complement=1.0 - quantile, std=std)
    return Baseline(
        rung="trivial",
        value=std * normal_density(NormalDist().inv_cdf(quantile)),
        unit="target units",
        formula=f"{shown(std)} × φ(z at {shown(quantile)})",
        meaning="always answering that quantile of the targets",
        source="derived: mean of the upper tail of a normal variable",
        conditions="normal targets",
    )


def log_cosh_trivial(std: float = 1.0) -> Baseline:
    """Return the mean ln cosh of normal targets about their mean (trapezoid rule over 12 deviations).

    >>> round(log_cosh_trivial().value, 3)
    0.375
    """
    positive(std=std)
    points = [i / 100 for i in range(-1200, 1201)]
    value = math.fsum((_ln_cosh(std * z)) * normal_density(z) for z in points) / 100
    return Baseline(
        rung="trivial",
        value=value,
        unit="nats",
        formula=f"E ln cosh({shown(std)} z)",
        meaning="always answering the mean target",
        source="derived: numerical integral",
        conditions="normal targets",
    )


def _ln_cosh(x: float) -> float:
    return abs(x) + math.log1p(math.exp(-2 * abs(x))) - math.log(2.0)


def gaussian_nll_trivial(std: float = 1.0, *, full: bool = True) -> Baseline:
    """Return the negative log likelihood of the best constant normal: ln s + 1/2, plus ln sqrt(2 pi) if full.

    >>> round(gaussian_nll_trivial().value, 4), gaussian_nll_trivial(full=False).value
    (1.4189, 0.5)
    """
    positive(std=std)
    constant = 0.5 * math.log(2 * math.pi) if full else 0.0
    return Baseline(
        rung="trivial",
        value=math.log(std) + 0.5 + constant,
        unit="nats",
        formula=f"½ ln(2πe·{shown(std)}²)" if full else f"ln {shown(std)} + ½",
        meaning="always answering the mean and the variance of the targets",
        source="differential entropy of the normal distribution",
        conditions="densities: negative values are legitimate; falling without bound means the variance collapses",
    )


def fresh_network_mse(std: float = 1.0, output_std: float = 0.1) -> Baseline:
    """Return the MSE of a fresh network, whose output is independent of the target: variances add.

    >>> round(fresh_network_mse(1.0, 1.0).value, 2)
    2.0
    """
    positive(std=std)
    at_least(0, output_std=output_std)
    return Baseline(
        rung="initial",
        value=std**2 + output_std**2,
        unit="target units²",
        formula=f"{shown(std)}² + {shown(output_std)}²",
        meaning="a fresh network whose outputs have that spread",
        source="derived: variance of a difference of independent variables",
    )


def padded_statistics_mse(active_fraction: float) -> Baseline:
    """Return the trivial MSE where targets were scaled by a deviation that counted padded zeros: 1/f.

    Zeros with share 1-f shrink the variance to f times that of the active targets, if their mean is near 0.

    >>> round(padded_statistics_mse(0.291).value, 2)
    3.44
    """
    positive(active_fraction=active_fraction)
    at_least(active_fraction, one=1.0)
    return Baseline(
        rung="trivial",
        value=1.0 / active_fraction,
        unit="target units²",
        formula=f"1/{shown(active_fraction)}",
        meaning="always answering zero, the statistics taken over padding and the loss not",
        source="derived: E[z² | active] = 1/f",
        conditions="active targets of mean near zero",
    )
