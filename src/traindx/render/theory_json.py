"""Baselines, and constants that a value may equal, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from traindx.render.json_v1 import json_number

if TYPE_CHECKING:
    from traindx.baselines import Ladder, Match


def ladder_json(ladder: Ladder) -> str:
    """Return the baselines of one loss or metric as a JSON document ending in a newline."""
    rungs = [
        {
            "rung": rung.rung,
            "value": json_number(rung.value),
            "unit": rung.unit,
            "formula": rung.formula,
            "meaning": rung.meaning,
            "conditions": rung.conditions,
            "source": rung.source,
        }
        for rung in ladder.rungs
    ]
    facts = {key: json_number(value) if isinstance(value, float) else value for key, value in ladder.facts.items()}
    return _document(
        {"family": ladder.family, "higher_is_better": ladder.higher_is_better, "facts": facts, "baselines": rungs}
    )


def matches_json(value: str, matches: Iterable[Match]) -> str:
    """Return what ``value`` may mean as a JSON document ending in a newline; the likeliest first."""
    return _document({"value": value, "matches": list(matches)})


def _document(content: dict[str, object]) -> str:
    document = {"schema_version": "1", **content}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
