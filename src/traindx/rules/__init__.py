"""One rule per file, listed by family."""

from traindx.rules.rule import Rule, RuleMeta

__all__ = ["Rule", "RuleMeta"]
