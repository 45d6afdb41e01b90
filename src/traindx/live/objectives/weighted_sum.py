"""A loss that is a sum of named terms, each with its own theory and weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from traindx.baselines import Ladder
from traindx.context import FactValue, normalise_fact
from traindx.errors import UsageError, unknown_name
from traindx.live.objectives.objective import FamilyObjective, Objective

# What a term is worth where its own theory lacks a level: the nearest one that it has.
_STAND_INS = {"floor": ("floor",), "trivial": ("trivial", "chance"), "chance": ("chance", "trivial")}


@final
@dataclass(frozen=True, slots=True, init=False)
class WeightedSum(Objective):
    """A total of named terms: ``WeightedSum({"ce": CrossEntropy(num_classes=10), "l1": MeanAbsoluteError(target_std=1)}, l1=0.5)``.

    The names are those under which the terms are logged; keywords are their weights, 1 where none is given. The levels of the total
    are the weighted sums of the terms' own, told wherever every term has one. Facts on which two terms agree, or that
    one alone tells, are told too; what they say differently (two numbers of classes) is left out.
    """

    terms: Mapping[str, FamilyObjective]
    weights: Mapping[str, float] = field(default_factory=dict[str, float])

    def __init__(self, terms: Mapping[str, FamilyObjective], /, **weights: float) -> None:
        object.__setattr__(self, "terms", dict(terms))
        object.__setattr__(self, "weights", dict(weights))
        if not terms:
            raise UsageError("a weighted sum needs at least one term")
        for name in weights:
            if name not in terms:
                raise unknown_name("term of the sum", name, terms)
        self.facts()

    def facts(self) -> Mapping[str, FactValue]:
        told = {f"weight.{name}": self._weight(name) for name in self.terms}
        return {"loss": "weighted_sum", **self._levels(), **self._agreed(), **told}

    def _weight(self, name: str) -> float:
        return float(normalise_fact(f"weight.{name}", self.weights.get(name, 1.0)))

    def _levels(self) -> dict[str, FactValue]:
        ladders = {name: term.ladder() for name, term in self.terms.items()}
        found: dict[str, FactValue] = {}
        for rung, stand_ins in _STAND_INS.items():
            values = {name: _level(ladder, stand_ins) for name, ladder in ladders.items()}
            known = {name: value for name, value in values.items() if value is not None}
            if len(known) == len(self.terms):
                found[f"sum_{rung}"] = sum(self._weight(name) * value for name, value in known.items())
        return found

    def _agreed(self) -> dict[str, FactValue]:
        told: dict[str, set[FactValue]] = {}
        for term in self.terms.values():
            for key, value in term.facts().items():
                told.setdefault(key, set()).add(value)
        return {key: values.pop() for key, values in told.items() if len(values) == 1 and key != "loss"}


def _level(ladder: Ladder | None, rungs: tuple[str, ...]) -> float | None:
    levels = {b.rung: b.value for b in reversed(ladder.rungs)} if ladder is not None else {}
    return next((levels[rung] for rung in rungs if rung in levels), None)
