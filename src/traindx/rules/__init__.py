"""One rule per file, listed by family."""

from traindx.rules import (
    arithmetic,
    baseline,
    checkpoints,
    data_order,
    detection,
    experts,
    generalisation,
    generative,
    integrity,
    numerics,
    optimiser,
    precision,
    preference,
    progress,
    ranks,
    reinforcement,
    retrieval,
    scale,
    self_supervised,
    sequence,
    speed,
    stability,
    start,
)
from traindx.rules.measured import Measured, figures_of
from traindx.rules.rule import Rule, RuleMeta

ALL_RULES: tuple[type[Rule], ...] = tuple(
    sorted(
        (
            *arithmetic.RULES,
            *baseline.RULES,
            *checkpoints.RULES,
            *data_order.RULES,
            *detection.RULES,
            *experts.RULES,
            *generalisation.RULES,
            *generative.RULES,
            *integrity.RULES,
            *numerics.RULES,
            *optimiser.RULES,
            *precision.RULES,
            *preference.RULES,
            *progress.RULES,
            *ranks.RULES,
            *reinforcement.RULES,
            *retrieval.RULES,
            *scale.RULES,
            *self_supervised.RULES,
            *sequence.RULES,
            *speed.RULES,
            *stability.RULES,
            *start.RULES,
        ),
        key=lambda rule: rule.meta.code,
    )
)

__all__ = ["ALL_RULES", "Measured", "Rule", "RuleMeta", "figures_of"]
