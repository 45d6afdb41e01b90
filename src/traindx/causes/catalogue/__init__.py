"""Every cause that is weighed, written by hand."""

from __future__ import annotations

from traindx.causes.catalogue import data, evaluation, machine, model, objective, special, steps
from traindx.causes.kind import CauseKind

CAUSES: tuple[CauseKind, ...] = tuple(
    sorted(
        (
            *data.CAUSES,
            *evaluation.CAUSES,
            *machine.CAUSES,
            *model.CAUSES,
            *objective.CAUSES,
            *special.CAUSES,
            *steps.CAUSES,
        ),
        key=lambda cause: cause.name,
    )
)
