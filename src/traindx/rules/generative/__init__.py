"""Rules about models that make samples: GANs, variational and quantised autoencoders, diffusion, densities."""

from traindx.rules.generative.codebook_collapse import CodebookCollapse
from traindx.rules.generative.density_without_bound import DensityWithoutBound
from traindx.rules.generative.diffusion_loss_flat import DiffusionLossFlat
from traindx.rules.generative.discriminator_undecided import DiscriminatorUndecided
from traindx.rules.generative.discriminator_wins import DiscriminatorWins
from traindx.rules.generative.divergence_switched_off import DivergenceSwitchedOff
from traindx.rules.generative.generator_wins import GeneratorWins
from traindx.rules.generative.posterior_collapse import PosteriorCollapse
from traindx.rules.generative.predicts_no_noise import PredictsNoNoise
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    DiscriminatorWins,
    DiscriminatorUndecided,
    GeneratorWins,
    PosteriorCollapse,
    CodebookCollapse,
    PredictsNoNoise,
    DiffusionLossFlat,
    DensityWithoutBound,
    DivergenceSwitchedOff,
)
