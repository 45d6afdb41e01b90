"""Every cause that is weighed, written by hand."""

from __future__ import annotations

from dataclasses import replace

from traindx.causes.catalogue import data, evaluation, machine, model, objective, special, steps
from traindx.causes.catalogue.by_rule import RULE_SIGNS
from traindx.causes.kind import CauseKind

_WRITTEN: tuple[CauseKind, ...] = (
    *data.CAUSES,
    *evaluation.CAUSES,
    *machine.CAUSES,
    *model.CAUSES,
    *objective.CAUSES,
    *special.CAUSES,
    *steps.CAUSES,
)

CAUSES: tuple[CauseKind, ...] = tuple(
    replace(cause, signs=f"{cause.signs} {RULE_SIGNS.get(cause.name, '')}".strip())
    for cause in sorted(_WRITTEN, key=lambda cause: cause.name)
)
