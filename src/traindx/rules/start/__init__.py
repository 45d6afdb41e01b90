"""Rules about the first steps."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
