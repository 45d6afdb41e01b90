"""An explanation of several findings, with its probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """An explanation that would produce the findings of a run.

    ``probability`` is among all causes and "none of them"; ``because`` and ``against`` are the codes of findings that speak for it,
    and of those that it would have made but that are absent; ``signs`` says in words what in the curves speaks for it; ``test`` is the cheapest test that would confirm or refute it,
    ``fix`` what to do if it is true. ``leads`` marks the one cause that is clearly ahead of all others.
    """

    name: str
    probability: float
    meaning: str
    because: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    test: str = ""
    fix: str = ""
    leads: bool = False
