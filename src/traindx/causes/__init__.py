"""Explanations that would produce a set of findings, ranked: what may be the cause, how likely it is, and the test that decides."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traindx.causes.catalogue import CAUSES
    from traindx.causes.evidence import observe
    from traindx.causes.feature import Feature
    from traindx.causes.features import FEATURES
    from traindx.causes.kind import CauseKind
    from traindx.causes.posterior import fitness, kinds_of, probabilities, weigh
    from traindx.causes.rank import rank_causes, unfit_for, unsupported
    from traindx.causes.table import NONE_OF_THESE, Table, stored_table, table_of

_HOMES = {
    "CAUSES": "catalogue",
    "CauseKind": "kind",
    "FEATURES": "features",
    "Feature": "feature",
    "NONE_OF_THESE": "table",
    "Table": "table",
    "fitness": "posterior",
    "kinds_of": "posterior",
    "observe": "evidence",
    "probabilities": "posterior",
    "rank_causes": "rank",
    "stored_table": "table",
    "table_of": "table",
    "unfit_for": "rank",
    "unsupported": "rank",
    "weigh": "posterior",
}

__all__ = [
    "CAUSES",
    "FEATURES",
    "NONE_OF_THESE",
    "CauseKind",
    "Feature",
    "Table",
    "fitness",
    "kinds_of",
    "observe",
    "probabilities",
    "rank_causes",
    "stored_table",
    "table_of",
    "unfit_for",
    "unsupported",
    "weigh",
]


def __getattr__(name: str) -> object:
    """Import on first use: a healthy run asks for no cause, and pays for none."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'traindx.causes' has no attribute {name!r}")
    return getattr(import_module(f"traindx.causes.{home}"), name)
