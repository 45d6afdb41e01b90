"""Dice, IoU and pixel accuracy of predictions that know nothing of the image."""

from __future__ import annotations

from traindx.baselines.arithmetic import at_least, fraction, positive, shown
from traindx.baselines.baseline import Baseline

MILLETARI = "Milletari et al. 2016, V-Net, section 3"


def dice_loss(probability: float, foreground: float, *, squared: bool = False) -> float:
    """Return the soft Dice loss of one probability everywhere: 1 - 2pf/(p + f), or 1 - 2pf/(p^2 + f) if squared.

    >>> round(dice_loss(0.5, 0.05), 3), round(dice_loss(0.5, 0.01, squared=True), 3)
    (0.909, 0.962)
    """
    fraction(probability=probability, foreground=foreground)
    below = (probability**2 if squared else probability) + foreground
    return 1.0 - 2.0 * probability * foreground / below if below > 0 else 0.0


def dice_chance(foreground: float, *, squared: bool = False) -> Baseline:
    """Return the Dice loss of answering one half everywhere: 1 - f/(1/2 + f).

    >>> round(dice_chance(0.2).value, 3)
    0.714
    """
    power = "0.25" if squared else "0.5"
    return Baseline(
        rung="chance",
        value=dice_loss(0.5, foreground, squared=squared),
        unit="fraction",
        formula=f"1 - {shown(foreground)}/({power} + {shown(foreground)})",
        meaning="answering one half in every pixel, as a fresh network does",
        source=MILLETARI,
        conditions="squared denominator" if squared else "linear denominator",
    )


def dice_trivial(foreground: float, *, squared: bool = False) -> Baseline:
    """Return the best constant Dice loss: all ones, 1 - 2f/(1+f); squared, p = sqrt f gives 1 - sqrt f.

    >>> round(dice_trivial(0.2).value, 3), round(dice_trivial(0.04, squared=True).value, 3)
    (0.667, 0.8)
    """
    fraction(foreground=foreground)
    best = foreground**0.5 if squared else 1.0
    formula = f"1 - √{shown(foreground)}" if squared else f"1 - 2·{shown(foreground)}/(1 + {shown(foreground)})"
    return Baseline(
        rung="trivial",
        value=dice_loss(best, foreground, squared=squared),
        unit="fraction",
        formula=formula,
        meaning="the best constant answer: everything is foreground" if not squared else "the best constant answer",
        source="derived: the loss falls with p up to there",
        conditions="squared denominator" if squared else "linear denominator",
    )


def dice_all_background(foreground: float, num_pixels: int, smooth: float = 1.0) -> Baseline:
    """Return the Dice loss of answering background everywhere: 1 - s/(f n + s); 0 for an empty image.

    >>> dice_all_background(0.0, 10_000).value, round(dice_all_background(0.01, 10_000).value, 3)
    (0.0, 0.99)
    """
    fraction(foreground=foreground)
    at_least(1, num_pixels=num_pixels)
    positive(smooth=smooth)
    return Baseline(
        rung="initial",
        value=1.0 - smooth / (foreground * num_pixels + smooth),
        unit="fraction",
        formula=f"1 - {shown(smooth)}/({shown(foreground * num_pixels)} + {shown(smooth)})",
        meaning="answering background in every pixel: the usual collapse",
        source="derived from the smoothed definition",
        conditions="images without foreground score 0 and pull the mean down",
    )


def tversky_loss(probability: float, foreground: float, alpha: float = 0.3, beta: float = 0.7) -> float:
    """Return 1 - TP/(TP + a FP + b FN) of one probability everywhere; a = b = 1/2 is Dice, a = b = 1 is IoU.

    >>> round(tversky_loss(0.5, 0.05, 0.5, 0.5), 3)
    0.909
    """
    fraction(probability=probability, foreground=foreground)
    at_least(0, alpha=alpha, beta=beta)
    hit = probability * foreground
    below = hit + alpha * probability * (1 - foreground) + beta * (1 - probability) * foreground
    return 1.0 - hit / below if below > 0 else 0.0


def iou_all_foreground(foreground: float) -> Baseline:
    """Return the IoU of answering foreground everywhere: f.

    >>> iou_all_foreground(0.2).value
    0.2
    """
    fraction(foreground=foreground)
    return Baseline(
        rung="trivial",
        value=foreground,
        unit="fraction",
        formula=shown(foreground),
        meaning="everything is foreground",
        source="definition: intersection f over union 1",
    )


def pixel_accuracy_trivial(foreground: float) -> Baseline:
    """Return the pixel accuracy of the larger of foreground and background: max(f, 1-f).

    >>> pixel_accuracy_trivial(0.02).value
    0.98
    """
    fraction(foreground=foreground)
    return Baseline(
        rung="trivial",
        value=max(foreground, 1.0 - foreground),
        unit="fraction",
        formula=f"max({shown(foreground)}, {shown(1 - foreground)})",
        meaning="answering the commoner class in every pixel",
        source="definition",
    )
