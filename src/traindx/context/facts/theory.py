"""Facts that only the theory of one loss needs: the parameters of its family that no other table names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from traindx.baselines import FAMILIES, Parameter
from traindx.context.facts.spec import FactSpec, FactType

_TYPES: Final[Mapping[str, FactType]] = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "floats": "floats",
    "str": "choice",
}


def theory_facts(named: Iterable[FactSpec]) -> Iterator[FactSpec]:
    """Yield a fact for each parameter of a family that is none of those ``named`` yet, nor spelled like one.

    They are told, never guessed from settings: "labels" or "frames" in a configuration may mean anything.
    """
    taken = {name for spec in named for name in (spec.name, *spec.aliases)}
    for family in FAMILIES.values():
        for parameter in family.parameters:
            if parameter.name not in taken and len(parameter.name) > 1:
                taken.add(parameter.name)
                yield _fact(parameter)


def _fact(parameter: Parameter) -> FactSpec:
    return FactSpec(
        name=parameter.name,
        type=_TYPES[parameter.type],
        meaning=parameter.meaning,
        choices=parameter.choices,
    )
