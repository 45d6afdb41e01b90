"""What a family of baselines is: its names, its parameters and how its ladder is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

from traindx.baselines.baseline import Baseline
from traindx.errors import UsageError, unknown_name

Value = int | float | str | bool | tuple[float, ...]
ParameterType = Literal["int", "float", "str", "bool", "floats"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A fact that a family takes: ``name`` as facts spell it, ``aliases`` as people abbreviate it.

    ``default`` is used where it is not given; None then means "unknown". ``floats`` are numbers with commas between.
    ``unless`` names another parameter in whose presence a required one may be missing.
    ``choices`` lists the words that a ``str`` may be. ``example`` is shown where a required one is missing.
    """

    name: str
    type: ParameterType
    meaning: str
    default: Value | None = None
    required: bool = False
    unless: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    example: str = ""

    def parse(self, value: Value | Sequence[float]) -> Value:
        """Return the value in this parameter's type, or raise UsageError."""
        try:
            parsed = _PARSERS[self.type](value)
        except (TypeError, ValueError, OverflowError):
            raise UsageError(f"{self.name} must be {_SPOKEN[self.type]}, not {value!r}", hint=self._usage()) from None
        if self.choices and parsed not in self.choices:
            raise unknown_name(self.name, str(value), self.choices)
        return parsed

    def missing(self, family: str) -> UsageError:
        """Return the error for a required parameter that was not given."""
        return UsageError(f"{family} needs {self.name}: {self.meaning}", hint=self._usage())

    def _usage(self) -> str:
        return f"for example {self.name}={self.example}" if self.example else ""


_SPOKEN = {
    "int": "a whole number",
    "float": "a number",
    "str": "a word",
    "bool": "true or false",
    "floats": "numbers with commas between",
}
_TRUTH = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}


# Logs are hostile text: sizes beyond these are no sizes, and squares of such numbers would overflow.
_LARGEST_WHOLE = 10**12
_LARGEST = 1e18


def _whole(value: object) -> int:
    number = _number(value)
    if number != int(number) or abs(number) > _LARGEST_WHOLE:
        raise ValueError
    return int(number)


def _number(value: object) -> float:
    if isinstance(value, bool):
        raise TypeError
    if not isinstance(value, str | int | float):
        raise TypeError
    number = float(value.replace(",", "").replace("_", "")) if isinstance(value, str) else float(value)
    if not abs(number) <= _LARGEST or 0 < abs(number) < 1 / _LARGEST:
        raise ValueError
    return number


def _word(value: object) -> str:
    return str(value).strip().lower()


def _truth(value: object) -> bool:
    if str(value).lower() not in _TRUTH:
        raise ValueError
    return _TRUTH[str(value).lower()]


def _numbers(value: object) -> tuple[float, ...]:
    if isinstance(value, str):
        return tuple(_number(part) for part in value.replace(":", ",").split(",") if part.strip())
    if isinstance(value, Sequence):
        return tuple(_number(part) for part in value)  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    return (_number(value),)


_PARSERS: Mapping[str, Callable[[object], Value]] = {
    "int": _whole,
    "float": _number,
    "str": _word,
    "bool": _truth,
    "floats": _numbers,
}


@final
@dataclass(frozen=True, slots=True)
class Options:
    """The parsed parameters of one call, read by type; an absent one without default is None."""

    values: Mapping[str, Value | None]

    def whole(self, name: str) -> int:
        """Return a whole number that must be there."""
        value = self.values[name]
        assert isinstance(value, int), name
        return value

    def number(self, name: str) -> float:
        """Return a number that must be there."""
        value = self.values[name]
        assert isinstance(value, int | float), name
        return float(value)

    def word(self, name: str) -> str:
        """Return a word that must be there."""
        return str(self.values[name])

    def flag(self, name: str) -> bool:
        """Return whether a switch is on."""
        return bool(self.values.get(name))

    def maybe_whole(self, name: str) -> int | None:
        """Return a whole number, or None where it is unknown."""
        return None if self.values.get(name) is None else self.whole(name)

    def maybe_number(self, name: str) -> float | None:
        """Return a number, or None where it is unknown."""
        return None if self.values.get(name) is None else self.number(name)

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return a list of numbers, empty where it is unknown."""
        value = self.values.get(name)
        return value if isinstance(value, tuple) else ()


Build = Callable[[Options], Sequence[Baseline]]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One loss or metric family: ``build`` turns options into its baselines, the most telling of a rung first."""

    name: str
    summary: str
    build: Build
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[str, ...] = ()
    higher_is_better: bool = False

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name or alias, or None."""
        plain = name.replace("-", "_").lower()
        return next((p for p in self.parameters if plain == p.name or plain in p.aliases), None)
