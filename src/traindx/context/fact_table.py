"""The table of known facts, and how a user or a settings file spells them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from traindx.context.facts.batches import BATCHES
from traindx.context.facts.data import DATA
from traindx.context.facts.losses import LOSS
from traindx.context.facts.optimiser import OPTIMISER
from traindx.context.facts.outputs import OUTPUTS
from traindx.context.facts.settings import facts_from_rows
from traindx.context.facts.spec import FactSpec
from traindx.context.facts.theory import theory_facts
from traindx.context.facts.values import fact_value
from traindx.context.keys import Fact, FactValue
from traindx.errors import UsageError, unknown_name
from traindx.run import Setting

__all__ = ["FACTS", "SPELLINGS", "TOLD", "FactSpec", "canonical_fact", "facts_from_settings", "normalise_fact"]

FACTS: Final[Mapping[str, FactSpec]] = MappingProxyType(
    {spec.name: spec for spec in (*BATCHES, *DATA, *OUTPUTS, *LOSS, *OPTIMISER)}
)
_OF_THEORY: Final[Mapping[str, FactSpec]] = MappingProxyType({spec.name: spec for spec in theory_facts(FACTS.values())})

SPELLINGS: Final[Mapping[str, str]] = MappingProxyType(
    # Own names come last so that they win over another fact's alias.
    {alias: spec.name for spec in FACTS.values() for alias in spec.aliases}
    | {name: name for name in _OF_THEORY}
    | {name: name for name in FACTS}
)
TOLD: Final = "traindx_facts"
"""The section of a settings file whose entries are facts by their own names, told on purpose: they win over guesses."""

_WEIGHT: Final = FactSpec(name="weight", type="float", minimum=0, meaning="factor of one term of the loss")


def canonical_fact(name: str) -> str:
    """Return the one name of a fact that users may also call by an alias: ``batch`` is ``batch_size``.

    ``weight.<component>`` is the factor of one term of the loss. Raises UsageError with the nearest names.
    """
    plain = name.strip().lower().replace("-", "_")
    if plain.startswith("weight.") and len(plain) > len("weight."):
        return plain
    if plain not in SPELLINGS:
        raise unknown_name("fact", name, SPELLINGS)
    return SPELLINGS[plain]


def normalise_fact(name: str, text: FactValue) -> FactValue:
    """Return the value that ``text`` gives the fact ``name`` (or one of its aliases).

    Numbers may be written ``50k``, ``1.5M``, ``1e-4``, ``1_000``, ``5%``. Raises UsageError for an unknown fact, a value of
    another type, and one outside the fact's bounds.

    >>> normalise_fact("batch", "1k")
    1000
    """
    key = canonical_fact(name)
    return fact_value(FACTS.get(key) or _OF_THEORY.get(key, _WEIGHT), text)


def facts_from_settings(settings: tuple[Setting, ...] | list[Setting], *, log: str = "") -> tuple[Fact, ...]:
    """Return the facts that the settings of a run tell, each with the place it was read from.

    ``log`` is the path of the log itself. Where two settings give different values, one in the log wins over one
    beside it, a more telling name over a general one, an earlier one over a later; ``source`` then names the other.
    Settings that no fact knows, or whose value makes no sense for it, are left out.
    """
    told = [fact for setting in settings if (fact := _told(setting)) is not None]
    known = {fact.key for fact in told}
    return (*told, *(fact for fact in facts_from_rows(FACTS, settings, log) if fact.key not in known))


def _told(setting: Setting) -> Fact | None:
    """The fact that a setting of the section of told facts is; None for any other, and for a value that makes no sense."""
    name = setting.name.removeprefix(f"{TOLD}.")
    if name == setting.name or setting.value is None:
        return None
    try:
        return Fact(canonical_fact(name), normalise_fact(name, setting.value), "read", setting.source)
    except UsageError:
        return None
