"""What the caller told of the objective, and the levels that theory draws from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, final

from traindx.baselines import build_ladder, find_family, is_family, relevant_facts
from traindx.context import FactValue, canonical_fact, normalise_fact
from traindx.errors import UsageError
from traindx.probe.kinds import is_mapping

# Losses that compare the samples of a batch with one another: to them, more samples are more negatives.
CONTRASTIVE = frozenset({"info_nce", "siglip", "supcon", "ntxent", "two_view"})
_BY_FACT = (
    ("vocab_size", "cross_entropy"),
    ("num_classes", "cross_entropy"),
    ("negatives", "info_nce"),
    ("target_std", "mse"),
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Facts under their proper names, and the family of the loss where they tell it."""

    facts: Mapping[str, FactValue] = field(default_factory=lambda: MappingProxyType({}))
    family: str = ""

    def whole(self, *names: str) -> int | None:
        """Return the first of these facts that was told as a whole number."""
        for name in names:
            value = self.facts.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return None

    def is_true(self, name: str) -> bool:
        """Whether a yes-or-no fact was told as true."""
        return self.facts.get(name) is True

    @property
    def contrastive(self) -> bool:
        """Whether the samples of a batch are each other's negatives."""
        return self.family in CONTRASTIVE


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What the loss of this batch is worth: ``floor``, the best constant ``trivial``, and ``chance``; None where nothing tells it."""

    family: str = ""
    floor: float | None = None
    trivial: float | None = None
    trivial_formula: str = ""
    chance: float | None = None
    chance_formula: str = ""
    unit: str = ""

    @property
    def reference(self) -> tuple[float, str] | None:
        """The level of knowing nothing of the input, with its formula: the trivial one, or chance."""
        if self.trivial is not None:
            return self.trivial, self.trivial_formula
        return None if self.chance is None else (self.chance, self.chance_formula)


def told_of(objective: Any, facts: Mapping[str, FactValue | str] | None) -> Told:
    """Return the facts of an objective (anything with ``facts()``) and those given, the latter first. Raises UsageError for unknown ones."""
    given: dict[str, Any] = {}
    if objective is not None:
        listed = getattr(objective, "facts", None)
        if not callable(listed):
            raise UsageError(
                f"the objective {objective!r} has no facts()",
                hint="for example objective=traindx.InfoNCE(negatives=256), or facts={'loss': 'cross_entropy', 'num_classes': 10}",
            )
        listing: Any = listed()
        given |= dict(listing)
    if facts is not None and not is_mapping(facts):
        raise UsageError(
            f"facts is a {type(facts).__name__}, not a mapping", hint="for example facts={'num_classes': 10}"
        )
    given |= dict(facts or {})
    known = {canonical_fact(name): normalise_fact(name, value) for name, value in given.items()}
    family = str(known.get("loss", "")) or next((family for name, family in _BY_FACT if name in known), "")
    if family and is_family(family):
        family = find_family(family).name
    return Told(facts=MappingProxyType(known), family=family)


def told_levels(told: Told) -> Levels | None:
    """Return the levels of the told family; None where there is none, or where facts are missing for it."""
    if not told.family or not is_family(told.family):
        return None
    try:
        ladder = build_ladder(told.family, **relevant_facts(told.family, told.facts))
    except UsageError:
        return None
    floor, trivial, chance = ladder.rung("floor"), ladder.rung("trivial"), ladder.rung("chance")
    named = next((rung for rung in (trivial, chance, floor) if rung is not None), None)
    return Levels(
        family=told.family,
        floor=floor.value if floor else None,
        trivial=trivial.value if trivial else None,
        trivial_formula=trivial.formula if trivial else "",
        chance=chance.value if chance else None,
        chance_formula=chance.formula if chance else "",
        unit=named.unit if named else "",
    )
