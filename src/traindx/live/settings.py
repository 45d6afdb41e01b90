"""Facts and settings of a recorded run, kept beside its event file where every reading finds them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from traindx.context import SPELLINGS, TOLD, FactValue, canonical_fact, normalise_fact
from traindx.errors import UsageError
from traindx.live.warner import Warner

SETTINGS_FILE: Final = "traindx_run.json"
_SLIP: Final = 0.8  # of the letters alike: one in five is wrong, as in a name mistyped or put in the plural


def facts_given(facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """Return facts by their one name and in their own type. Raises ``UsageError`` with the nearest names."""
    return {canonical_fact(name): normalise_fact(name, value) for name, value in facts.items()}


def facts_told(facts: Mapping[str, FactValue], warner: Warner) -> dict[str, FactValue]:
    """Return facts told inside a training as ``facts_given`` does; warn of a slip and of a value that makes no sense.

    A name that is near no fact is kept as it is: no reading asks for it, and people may.
    """
    known: dict[str, FactValue] = {}
    for name, value in facts.items():
        try:
            known |= facts_given({name: value})
        except UsageError as error:
            if get_close_matches(name, SPELLINGS, n=1, cutoff=_SLIP):
                warner.once(f"fact {name}", f"the fact {name!r} is left out: {error}")
            else:
                known[name] = value
    return known


def write_settings(directory: Path, facts: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Write both, facts in a section of their own where every reading takes them by name; whole or not at all."""
    path = directory / SETTINGS_FILE
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps({**settings, TOLD: dict(facts)}, indent=1, default=str), encoding="utf-8")
    fresh.replace(path)
