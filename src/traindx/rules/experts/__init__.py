"""Rules about mixtures of experts: balance, overflow, router losses."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
