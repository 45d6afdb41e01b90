"""Where a peer is better than traindx, measure by measure: said by the figures, not by us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_MORE = {
    "failing_found": "finds more failing runs",
    "faulty_alarmed": "notices more faults",
}
_LESS = {
    "failing_called_clean": "calls fewer failing runs clean",
    "false_errors": "has fewer false errors",
    "false_alarms": "has fewer false alarms",
    "silent_alarmed": "is quieter where a fault cannot be seen",
}


def wins(found: Mapping[str, Any]) -> list[str]:
    """Return one line per measure in which a peer is strictly better."""
    tools = found["tools"]
    ours = tools["traindx"]
    return [line for name, theirs in tools.items() if name != "traindx" for line in _of_one(name, theirs, ours)]


def _of_one(name: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for key, words in (_MORE | _LESS).items():
        mine, other = ours["all"][key], theirs["all"][key]
        if mine is not None and other is not None and (other > mine if key in _MORE else other < mine):
            yield f"{name} {words}: {_shown(other)} against {_shown(mine)}{_weight(key, theirs)}."
    for condition, figures in theirs["conditions"].items():
        for key in ("precision", "recall"):
            mine, other = ours["conditions"][condition][key], figures[key]
            if mine is not None and other is not None and other > mine:
                yield f"{name} has the better {key} of {condition}: {_shown(other)} against {_shown(mine)} (its {_other(key)}: {_shown(figures[_other(key)])})."


def _weight(key: str, theirs: Mapping[str, Any]) -> str:
    """Few alarms are easily had by a tool that says little: its other side belongs in the same line."""
    if key in _LESS:
        return f" (it read {theirs['all']['read']} of {theirs['all']['runs']} files and noticed {_shown(theirs['all']['faulty_alarmed'])} of the faults)"
    return f" (with false alarms on {_shown(theirs['all']['false_alarms'])} of the healthy)"


def _other(key: str) -> str:
    return "recall" if key == "precision" else "precision"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.3g} %"
