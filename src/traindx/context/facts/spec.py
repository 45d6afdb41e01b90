"""What one known fact is: its type, its unit, its bounds, and the names under which it occurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

FactType = Literal["int", "float", "bool", "flag", "floats", "choice", "family", "optimizer", "schedule", "precision"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FactSpec:
    """One known fact.

    ``minimum`` and ``maximum`` are inclusive. ``aliases`` are what a user may call it besides ``name``; ``settings`` the
    names that frameworks give it, the most telling first. A ``flag`` is a yes or no that settings also express by a path or
    a rank (``pretrained: openai``); ``floats`` are numbers with commas between, kept as text.
    """

    name: str
    type: FactType
    meaning: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
