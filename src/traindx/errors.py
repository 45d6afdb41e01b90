"""Every error that traindx raises on purpose: what failed, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class TraindxError(Exception):
    """Something failed in a way that traindx foresaw.

    ``problem`` says what failed, ``where`` is ``file:line`` (or a file, or empty), ``hint`` says what
    to do about it. All three are lower-case sentences without a full stop.
    """

    def __init__(self, problem: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(problem, where, hint)
        self.problem = problem
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.problem}{advice}"


class UnreadableLogError(TraindxError):
    """A file could not be read as a training log."""


class UnreadableDataError(TraindxError):
    """A file of arrays or tables, or a part of it, could not be read: ``where`` names the file, and the chunk if one failed."""


class UsageError(TraindxError):
    """A setting, a fact, a name or an option given by the caller is wrong."""


class MissingExtraError(TraindxError):
    """An optional dependency is needed and not installed."""

    def __init__(self, purpose: str, *, package: str, extra: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed",
            hint=f"pip install 'traindx[{extra}]'",
        )


def unknown_name(what: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error for a name that is not known, with the nearest ones that are."""
    near = get_close_matches(name, list(known), n=3, cutoff=0.5)
    hint = "did you mean " + " or ".join(near) + "?" if near else ""
    return UsageError(f"unknown {what} {name!r}", hint=hint)
