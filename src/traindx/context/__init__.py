"""The run under examination, with its roles and facts."""

from traindx.context.build import build_case
from traindx.context.case import Case, UndeclaredKeyError
from traindx.context.curves import (
    COMPONENTS,
    FACTS,
    GRAD_NORM,
    JUDGED_LOSS,
    LADDER,
    LEARNING_RATES,
    LOSS_FAMILY,
    LOSSES,
    METRICS,
    NOTES,
    READINGS,
    REFERENCES,
    SOURCES,
    TASKS,
    TRAIN_LOSS,
    TWINS,
    VAL_LOSS,
    Reading,
    Reference,
)
from traindx.context.keys import Fact, FactValue, Key
from traindx.context.references import is_flat
from traindx.context.roles import Direction, Role, Split

__all__ = [
    "COMPONENTS",
    "FACTS",
    "GRAD_NORM",
    "JUDGED_LOSS",
    "LADDER",
    "LEARNING_RATES",
    "LOSSES",
    "LOSS_FAMILY",
    "METRICS",
    "NOTES",
    "READINGS",
    "REFERENCES",
    "SOURCES",
    "TASKS",
    "TRAIN_LOSS",
    "TWINS",
    "VAL_LOSS",
    "Case",
    "Direction",
    "Fact",
    "FactValue",
    "Key",
    "Reading",
    "Reference",
    "Role",
    "Split",
    "UndeclaredKeyError",
    "build_case",
    "is_flat",
]
