"""Rules about generative models: GAN, VAE, codebooks, diffusion."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
