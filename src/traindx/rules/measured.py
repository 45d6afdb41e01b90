"""How often each rule was right on trainings whose truth is known: figures that the accuracy benchmark writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The figures of one rule over its alarms: findings above information.

    ``precision`` is the share of its ``fired`` alarms that were right, ``recall`` the share of the runs with its condition in which
    it spoke, ``false_alarms`` the share of ``healthy`` runs that it accused; None where there was nothing to divide by.
    """

    fired: int
    healthy: int
    precision: float | None = None
    recall: float | None = None
    false_alarms: float | None = None

    @property
    def sentence(self) -> str:
        """One sentence for the rule's page."""
        if not self.fired:
            return (
                f"It raised no alarm on any training of the accuracy benchmark, {self.healthy} healthy ones among them."
            )
        right = "" if self.precision is None else f"right in {_percent(self.precision)} of "
        accused = f"it accused {_percent(self.false_alarms or 0.0)} of {self.healthy} healthy trainings"
        return f"On the accuracy benchmark it was {right or 'heard in '}{self.fired} alarms; {accused}."


def figures_of(code: str) -> Measured | None:
    """Return what was measured of a rule; None for a rule that is newer than the last measurement."""
    return _all().get(code)


@cache
def _all() -> dict[str, Measured]:
    text = (files("traindx.rules") / "measured.json").read_text(encoding="utf-8")
    return {code: Measured(**figures) for code, figures in json.loads(text).items()}


def _percent(share: float) -> str:
    """Return a share in per cent, to a tenth.

    >>> _percent(0.0), _percent(0.004), _percent(0.987), _percent(1.0)
    ('0 %', '0.4 %', '98.7 %', '100 %')
    """
    return f"{round(100 * share, 1):g} %"
