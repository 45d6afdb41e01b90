"""The typed names of what a rule may need, and the facts among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, final

T_co = TypeVar("T_co", covariant=True)  # a key of text is a key of anything that text is
FactValue = int | float | str | bool


@final
@dataclass(frozen=True, slots=True)
class Key(Generic[T_co]):
    """The typed name of something that a rule may need: ``case[key]`` has type ``T``."""

    name: str
    meaning: str


@final
@dataclass(frozen=True, slots=True)
class Fact:
    """Something true of the run that is not a curve.

    ``origin`` says how we know: ``given`` by the user, ``read`` from a file (``source`` is ``file:line``), or
    ``inferred`` from numbers (``source`` shows the arithmetic).
    """

    key: str
    value: FactValue
    origin: Literal["given", "read", "inferred"]
    source: str = ""
