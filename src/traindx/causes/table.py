"""The fitted table: how much each answer of each feature speaks for each cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import final

import numpy as np

from traindx.run import Floats

NONE_OF_THESE = "none-of-these"


@final
@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Weights in nats, one for each of ``causes`` (whose last is "none of these").

    ``weights`` maps feature -> answer -> weight for every cause; ``prior`` is what each has before anything is seen. ``sharpness`` is
    what they are all multiplied by so that probabilities come true, and ``floor`` is shared among all causes whatever is seen.
    """

    causes: tuple[str, ...]
    prior: Floats
    weights: Mapping[str, Mapping[str, Floats]]
    sharpness: float
    floor: float


def stored_table() -> Table:
    """Return the table that comes with traindx."""
    from msgspec import json  # here, because a healthy run needs no table

    text = files("traindx.causes").joinpath("table.json").read_bytes()
    stored = json.decode(text, type=dict[str, object])
    return table_of(stored)


def table_of(stored: Mapping[str, object]) -> Table:
    """Return the table that a document holds. Raises ValueError where its parts do not fit each other."""
    from msgspec import convert

    names = convert(stored["causes"], tuple[str, ...])
    weights = convert(stored["weights"], dict[str, dict[str, list[int]]])
    if not names or names[-1] != NONE_OF_THESE or len(set(names)) != len(names):
        raise ValueError(f"the causes of a table are named once each, and the last is {NONE_OF_THESE!r}")
    return Table(
        causes=names,
        prior=_nats(convert(stored["prior"], list[int]), len(names)),
        weights={
            feature: {answer: _nats(row, len(names)) for answer, row in answers.items()}
            for feature, answers in weights.items()
        },
        sharpness=convert(stored["sharpness"], float),
        floor=convert(stored["floor"], float),
    )


def _nats(hundredths: list[int], count: int) -> Floats:
    """A row of the document, which holds whole hundredths of a nat in the order of the causes."""
    if len(hundredths) != count:
        raise ValueError(f"a row of the table has {len(hundredths)} weights for {count} causes")
    return np.array(hundredths) / 100
