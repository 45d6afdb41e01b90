"""Rules about policies: rewards, entropy, divergence from a reference."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
