"""Rules about the order in which data come: shuffling, shards, periods."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
