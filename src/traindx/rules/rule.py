"""What every rule is: a frozen dataclass that asks one question of a case."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from traindx.context import Case, Key
from traindx.diagnosis import Finding, Question, RuleMeta

__all__ = ["Rule", "RuleMeta"]


class Rule(Question):
    """One question asked of a case.

    Sub-classes are final frozen dataclasses: their fields are their options, ``needs`` the keys without which they
    cannot run, ``may_use`` the keys that they read where present (``case.get``), their docstring is their page. A finding is
    left out where a rule of ``explained_by`` spoke: one fault, one finding.
    """

    __slots__ = ()

    needs: ClassVar[tuple[Key[Any], ...]]
    may_use: ClassVar[tuple[Key[Any], ...]] = ()
    explained_by: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def check(self, case: Case) -> Iterator[Finding]:
        """Yield what is wrong; nothing where the case is in order."""
