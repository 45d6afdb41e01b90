"""Adversarial losses when the discriminator cannot tell: one table, a line per flavour."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

from traindx.baselines.baseline import Baseline
from traindx.errors import unknown_name

LN2 = math.log(2.0)
GOODFELLOW = "Goodfellow et al. 2014, Generative Adversarial Nets"
Player = Literal["discriminator", "generator"]


@final
@dataclass(frozen=True, slots=True)
class Flavour:
    """One pair of losses at an undecided discriminator, real and fake terms summed."""

    name: str
    discriminator: float
    discriminator_formula: str
    generator: float
    generator_formula: str
    source: str


FLAVOURS: Mapping[str, Flavour] = {
    f.name: f
    for f in (
        Flavour("bce", 2 * LN2, "2 ln 2", LN2, "ln 2", GOODFELLOW + ", non-saturating generator"),
        Flavour("hinge", 2.0, "1 + 1", 0.0, "0", "Lim and Ye 2017, Geometric GAN"),
        Flavour("lsgan", 0.5, "1/4 + 1/4", 0.25, "1/4", "Mao et al. 2017, Least Squares GAN, without its factor 1/2"),
        Flavour("minimax", 2 * LN2, "2 ln 2", -LN2, "-ln 2", GOODFELLOW + ", saturating generator"),
        Flavour("ragan", 2 * LN2, "2 ln 2", 2 * LN2, "2 ln 2", "Jolicoeur-Martineau 2019, relativistic average GAN"),
        Flavour("rpgan", LN2, "ln 2", LN2, "ln 2", "Jolicoeur-Martineau 2019, relativistic paired GAN"),
        Flavour("wgan", 0.0, "0", 0.0, "0", "Arjovsky et al. 2017, Wasserstein GAN"),
        Flavour(
            "wgan_gp", 10.0, "0 + 10·(0 - 1)²", 0.0, "0", "Gulrajani et al. 2017, a critic with vanishing gradient"
        ),
    )
}


def gan_chance(flavour: str, player: Player) -> Baseline:
    """Return a player's loss when the discriminator answers one half (or 0) to everything.

    >>> round(gan_chance("bce", "discriminator").value, 4), gan_chance("hinge", "discriminator").value
    (1.3863, 2.0)
    """
    found = FLAVOURS.get(flavour)
    if found is None:
        raise unknown_name("GAN flavour", flavour, FLAVOURS)
    first = player == "discriminator"
    return Baseline(
        rung="chance",
        value=found.discriminator if first else found.generator,
        unit="nats" if "ln" in found.discriminator_formula else "loss units",
        formula=found.discriminator_formula if first else found.generator_formula,
        meaning=f"{player}: real and generated samples cannot be told apart",
        source=found.source,
        conditions="real and fake terms summed; half of it where they are averaged. Adversarial losses do not rank samples"
        if first
        else "an equilibrium and a start look alike; adversarial losses do not rank samples",
    )
