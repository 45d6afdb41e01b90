"""Rules about preference tuning: DPO and its relatives."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
