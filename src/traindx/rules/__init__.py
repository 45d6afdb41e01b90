"""One rule per file, listed by family."""

from traindx.rules import (
    arithmetic,
    baseline,
    generalisation,
    integrity,
    numerics,
    optimiser,
    progress,
    retrieval,
    stability,
)
from traindx.rules.rule import Rule, RuleMeta

ALL_RULES: tuple[type[Rule], ...] = tuple(
    sorted(
        (
            *arithmetic.RULES,
            *baseline.RULES,
            *generalisation.RULES,
            *integrity.RULES,
            *numerics.RULES,
            *optimiser.RULES,
            *progress.RULES,
            *retrieval.RULES,
            *stability.RULES,
        ),
        key=lambda rule: rule.meta.code,
    )
)

__all__ = ["ALL_RULES", "Rule", "RuleMeta"]
