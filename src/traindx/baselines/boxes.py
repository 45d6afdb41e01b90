"""Box regression: ranges of L1 and GIoU, and what boxes that ignore the image score."""

from __future__ import annotations

from traindx.baselines.arithmetic import positive, shown
from traindx.baselines.baseline import Baseline

REZATOFIGHI = "Rezatofighi et al. 2019, Generalized Intersection over Union, property 4: GIoU lies in [-1, 1]"
COORDINATES = 4


def box_l1_ceiling() -> Baseline:
    """Return the largest L1, summed over four coordinates in [0, 1]: 4.

    >>> box_l1_ceiling().value
    4.0
    """
    return Baseline(
        rung="initial",
        value=float(COORDINATES),
        unit="image sides",
        formula="4 × 1",
        meaning="the worst possible box: more means that boxes are not scaled to [0, 1]",
        source="definition",
        conditions="coordinates in [0, 1], summed over four, divided by the number of boxes",
    )


def box_l1_chance() -> Baseline:
    """Return the L1 of uniform guesses at uniform coordinates: 4 E|U - U'| = 4/3.

    >>> round(box_l1_chance().value, 4)
    1.3333
    """
    return Baseline(
        rung="chance",
        value=COORDINATES / 3,
        unit="image sides",
        formula="4 × 1/3",
        meaning="coordinates guessed at random",
        source="derived: mean distance of two uniform numbers is 1/3",
        conditions="targets spread evenly over [0, 1]; real boxes are smaller and score nearer 1.2",
    )


def box_l1_trivial() -> Baseline:
    """Return the L1 of one half for every coordinate: 4 E|U - 1/2| = 1.

    >>> box_l1_trivial().value
    1.0
    """
    return Baseline(
        rung="trivial",
        value=COORDINATES / 4,
        unit="image sides",
        formula="4 × 1/4",
        meaning="one half for every coordinate, as a fresh head with a sigmoid answers",
        source="derived: mean distance of a uniform number from its median is 1/4",
        conditions="targets spread evenly over [0, 1]",
    )


def pixel_box_l1(image_size: float) -> Baseline:
    """Return the summed L1 of [0, 1] predictions against corner boxes in pixels: 4 x W/2.

    The mean coordinate of corners spread evenly over the image is half its side.

    >>> pixel_box_l1(1008).value
    2016.0
    """
    positive(image_size=image_size)
    return Baseline(
        rung="initial",
        value=COORDINATES * image_size / 2,
        unit="pixels",
        formula=f"4·{shown(image_size)}/2",
        meaning="boxes left in pixels while predictions lie in [0, 1]",
        source="derived: mean corner coordinate is W/2",
        conditions="corners (x0, y0, x1, y1); centre and size give about 0.7 of it",
    )


def giou_ceiling() -> Baseline:
    """Return the largest GIoU loss, 1 - GIoU = 2, of boxes infinitely far apart.

    >>> giou_ceiling().value
    2.0
    """
    return Baseline(
        rung="initial",
        value=2.0,
        unit="fraction",
        formula="1 - (-1)",
        meaning="the worst possible box",
        source=REZATOFIGHI,
    )


def giou_chance() -> Baseline:
    """Return the GIoU loss of random boxes against objects of natural size: about 1.3, by simulation.

    Objects' sides log-uniform in [0.03, 0.9] of the image, guesses' uniform in [0, 1], both placed anywhere they
    fit. It lies above 1 because disjoint boxes are charged for the gap between them.

    >>> giou_chance().value
    1.3
    """
    return Baseline(
        rung="chance",
        value=1.3,
        unit="fraction",
        formula="E(1 - GIoU) of random boxes",
        meaning="boxes placed at random",
        source="simulated: object sides log-uniform in [0.03, 0.9], guesses' uniform",
        conditions="1.1 to 1.6 by the sizes of the boxes",
    )


def disjoint_iou_loss() -> Baseline:
    """Return the IoU loss of boxes that miss: 1 - 0.

    >>> disjoint_iou_loss().value
    1.0
    """
    return Baseline(
        rung="chance",
        value=1.0,
        unit="fraction",
        formula="1 - 0",
        meaning="no box overlaps its target",
        source="definition",
        conditions="plain IoU; it has no gradient there",
    )
