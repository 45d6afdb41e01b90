"""Rules about time: slow steps, waiting for data, memory that grows."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
