"""Which checkpoint to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The checkpoint to keep, by one objective.

    ``value`` is what was measured there, ``corrected`` the same less the luck of being the best of several, ``noise`` the standard
    deviation of one evaluation. ``tied`` are the places that noise cannot tell from the best; ``path`` is the file on disk
    ("" where none was found for it).
    """

    objective: str
    direction: Literal["lower", "higher"]
    axis: Literal["step", "epoch"]
    at: float
    value: float
    corrected: float | None = None
    noise: float | None = None
    tied: tuple[float, ...] = ()
    path: str = ""
    text: str = ""
