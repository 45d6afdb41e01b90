"""Rules about collapse of representations that train themselves."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
