"""One thing to look at in a run when asking for causes: what levels it can have, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

from traindx.causes.sight import Sight

NO = "no"


@final
@dataclass(frozen=True, slots=True)
class Feature:
    """A question about a run with a few possible answers.

    ``levels`` maps each answer to a clause that can be read after "because" ("" for answers that speak for nothing by themselves);
    ``read`` returns one of them, or None where the log cannot tell: then the feature counts neither way.
    """

    name: str
    levels: Mapping[str, str]
    read: Callable[[Sight], str | None]


def grade(value: float, *steps: tuple[float, str], above: str) -> str | None:
    """Return the name of the first step that ``value`` lies under, ``above`` where it lies under none; None for NaN.

    >>> grade(0.3, (0.1, "little"), (0.5, "some"), above="much")
    'some'
    """
    if value != value:
        return None
    return next((name for limit, name in steps if value < limit), above)
