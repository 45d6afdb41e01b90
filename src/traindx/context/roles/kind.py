"""What a kind of series is: its name, which way is better, and the words that mean it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

from traindx.context.roles.role import Direction

Strength = Literal["weak", "normal"]


@final
@dataclass(frozen=True, slots=True)
class Kind:
    """A quantity that training programs log.

    ``phrases`` are the ways to write it, separated by ``|``, each a sequence of lower-case words as the tokeniser gives
    them; ``#`` stands for any number. ``strength`` settles names that hold several: a weak word (``step``, ``count``) only
    means its kind where nothing better is said.
    """

    name: str
    meaning: str
    direction: Direction | None
    phrases: str
    strength: Strength = "normal"
