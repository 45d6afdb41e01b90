"""The run under examination, with everything a rule may ask of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, cast, final

from traindx.context.keys import Key
from traindx.run import Run, Series, Span

T = TypeVar("T")


class UndeclaredKeyError(KeyError):
    """A rule read a key that it did not declare: a mistake in the rule."""


@final
@dataclass(frozen=True, slots=True)
class Case:
    """The run under examination.

    ``case[KEY]`` gives what a rule needs, ``case.get(KEY)`` what it may use (None where absent). ``only`` narrows the
    case to declared keys, so that a rule which reads another one fails in its first test.
    """

    run: Run
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    allowed: frozenset[str] | None = None

    def __getitem__(self, key: Key[T]) -> T:
        self._permit(key)
        return cast("T", self.values[key.name])

    def __contains__(self, key: Key[Any]) -> bool:
        return key.name in self.values

    def get(self, key: Key[T]) -> T | None:
        """Return the value of a key, or None where the run does not have it."""
        self._permit(key)
        return cast("T | None", self.values.get(key.name))

    def only(self, keys: Iterable[Key[Any]]) -> Case:
        """Return the same case, in which nothing but ``keys`` can be read."""
        return Case(self.run, self.values, frozenset(key.name for key in keys))

    def span(self, series: Series, first: int = 0, last: int = -1) -> Span:
        """Return the span of ``series`` between two points, with its place in the file."""
        return self.run.span(series, first, last)

    def _permit(self, key: Key[Any]) -> None:
        if self.allowed is not None and key.name not in self.allowed:
            raise UndeclaredKeyError(f"the rule does not declare that it reads {key.name!r}")
