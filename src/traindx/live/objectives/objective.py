"""What a run is trained on, as facts: told once, and judged by from the first step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

from traindx.baselines import Ladder, build_ladder, find_family, relevant_facts
from traindx.context import FactValue, normalise_fact
from traindx.errors import UsageError

Numbers = Sequence[float]


class Objective(ABC):
    """A loss and what its theory needs to know. ``facts()`` are those of ``traindx.diagnose(..., facts=...)``."""

    __slots__ = ()

    @abstractmethod
    def facts(self) -> Mapping[str, FactValue]:
        """Return the facts that this objective tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyObjective(Objective, ABC):
    """A loss of one family of baselines: its fields are facts, those left at None are not known.

    Raises ``UsageError`` where a value makes no sense for its fact, or a set of values for the family.
    """

    family: ClassVar[str]
    one_of: ClassVar[tuple[str, ...]] = ()
    """Fields of which theory needs at least one, and that whoever writes the loss knows."""

    def __post_init__(self) -> None:
        if self.one_of and all(getattr(self, name) is None for name in self.one_of):
            raise UsageError(f"{type(self).__name__} needs {' or '.join(self.one_of)}")
        self.ladder()

    def facts(self) -> Mapping[str, FactValue]:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        told = {name: normalise_fact(name, _as_fact(value)) for name, value in given.items() if value is not None}
        return {"loss": self.family, **told}

    def ladder(self) -> Ladder | None:
        """Return the levels that theory gives this loss, or None where a fact is left open that they need."""
        told = relevant_facts(self.family, self.facts())
        needed = [p for p in find_family(self.family).parameters if p.required and p.unless not in told]
        if any(p.name not in told for p in needed):
            return None
        return build_ladder(self.family, **told)


def _as_fact(value: FactValue | Numbers) -> FactValue:
    """Numbers in a row are told as facts are written: with commas between."""
    if isinstance(value, int | float | str | bool):
        return value
    return ", ".join(f"{float(number):.12g}" for number in value)
