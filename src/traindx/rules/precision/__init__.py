"""Rules about mixed precision: loss scales, overflows, skipped steps."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
