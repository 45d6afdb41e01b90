"""Rules about magnitudes: reductions, units, weights of terms."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
