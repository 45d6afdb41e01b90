"""Rules about which checkpoints were kept."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
