"""The library: how far forecasts of known schedules missed, on small trainings that were run to their end.

``library.json`` is generated (benchmarks/forecast_library.py). For each kind of curve, family of schedules and share of the run it
holds weights of the features for the 5 %, 50 % and 95 % quantile of the drop, and the margins by which the outer two were moved so
that they held on programs that the weights had not seen (conformal quantile regression, with whole programs left out).
Source of the method: Romano, Patterson, Candès, "Conformalized quantile regression" (2019).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, final

import numpy as np

from traindx.forecast.features import Features
from traindx.forecast.schedule import Floats

Kind = Literal["train", "val"]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One place of the library: ``weights`` (3 x features) and ``margins`` (upper and lower drop), for the unit of a curve."""

    weights: Floats
    margins: Floats

    def drops(self, features: Features) -> tuple[float, float, float]:
        """Return the least, the middle and the greatest drop that are to be expected."""
        low, middle, high = (float(one) for one in self.weights @ features.drops)
        low, high = low - float(self.margins[0]) * features.unit, high + float(self.margins[1]) * features.unit
        low, high = min(low, high), max(low, high)
        return low, min(max(middle, low), high), high


@final
@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """All shares of the run of one family: cells between two of them are interpolated. ``runs`` made them."""

    shares: Floats
    cells: tuple[Cell, ...]
    runs: int

    def at(self, share: float) -> Cell:
        """Return the cell for ``share``."""
        place = float(np.interp(share, self.shares, np.arange(len(self.shares))))
        left = min(int(place), len(self.cells) - 2)
        part, one, two = place - left, self.cells[left], self.cells[left + 1]
        return Cell(one.weights * (1 - part) + two.weights * part, one.margins * (1 - part) + two.margins * part)


@cache
def shelf(kind: Kind, family: str) -> Shelf | None:
    """Return what is known of a family of schedules; None for a family that the library does not hold."""
    held = _held()["shelves"].get(f"{kind} {family}")
    return None if held is None else shelf_of(held)


def shelf_of(held: dict[str, list[float]]) -> Shelf:
    """Return a shelf from its numbers: ``shares``, ``weights`` and ``margins`` in one row each, ``runs``."""
    shares = np.array(held["shares"])
    weights, margins = np.array(held["weights"]).reshape(len(shares), 3, -1), np.array(held["margins"]).reshape(-1, 2)
    cells = tuple(Cell(w, m) for w, m in zip(weights, margins, strict=True))
    return Shelf(shares, cells, int(held["runs"][0]))


@cache
def _held() -> dict[str, dict[str, dict[str, list[float]]]]:
    text = (files("traindx.forecast") / "library.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, dict[str, list[float]]]] = json.loads(text)
    return loaded
