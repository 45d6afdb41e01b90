"""Headings of a document: where one run ends and the next begins, and the settings that a heading tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.text.lines import Lines
from traindx.readers.text.points import Points
from traindx.run import Setting

_HEADING: Final = re.compile(
    rb"(?m)^[ \t]*(?:#{1,6} [^\n]{1,200}|\*\*[^*\n]{3,160}\*\*[^\w\n]{0,4}|(?:\d{1,2}\. )\*\*[^*\n]{3,160}\*\*[^\w\n]{0,4}|(?:[-*] )?\*\*[^*\n]{3,160}:\*\*\s*)$"
)
_DOCUMENT: Final = re.compile(rb"(?m)^[ \t]*(?:#{2,6} \S|\*\*[^*\n]{3,160}\*\*:?\s*$)")
_PROGRAM: Final = re.compile(rb"(?m)^(?:import \w+|from \w[\w.]* import \w+)\n(?:[^\n]*\n){0,200}?(?:def|class) \w")
_QUANTITY: Final = re.compile(
    r"(\d[\d.,]*)\s?([kKmM])?\s+(samples|examples|epochs|steps|classes|images|iterations|pairs|tokens|batch size)\b"
)
_PAIR: Final = re.compile(
    r"\b(lr|learning rate|batch size|bs|epochs|temperature|margin)\s*[=:]?\s*(\d[\d.,]*(?:e-?\d+)?)\b", re.IGNORECASE
)
_NAMES: Final = {
    "samples": "num_samples",
    "examples": "num_samples",
    "images": "num_samples",
    "pairs": "num_samples",
    "classes": "num_classes",
}
_SCALES: Final = {"k": 1e3, "m": 1e6}
_MOST: Final = 400


def headings_of(lines: Lines) -> NDArray[np.int64]:
    """Return the lines that are headings of a document (``## Results``, ``**Previous training:**``)."""
    if b"**" not in lines.data and b"# " not in lines.data:
        return np.zeros(0, dtype=np.int64)
    if _DOCUMENT.search(lines.data) is None or _PROGRAM.search(lines.data) is not None:
        return np.zeros(0, dtype=np.int64)
    offsets = [match.start() for match in _HEADING.finditer(lines.data)]
    return np.unique(np.searchsorted(lines.starts, np.array(offsets, dtype=np.int64), side="right") - 1)


def divided(points: Sequence[Points], headings: NDArray[np.int64]) -> list[tuple[int, list[Points]]]:
    """Return the runs of a document: the line of the heading that each began under (-1 without), and its points.

    A run ends where a name starts again, at an earlier or equal step, under a new heading.
    """
    if not len(headings) or len(headings) > _MOST:
        return [(-1, list(points))]
    runs: list[tuple[int, list[Points]]] = []
    last: dict[str, float] = {}
    for heading, found in _by_section(points, headings):
        if not runs or any(_again(one, last) for one in found):
            runs.append((heading, []))
            last = {}
        runs[-1][1].extend(found)
        for one in found:
            last[one.name] = float(one.steps[-1])
    return runs


def _again(points: Points, last: dict[str, float]) -> bool:
    if points.name not in last:
        return False
    before, first = last[points.name], float(points.steps[0])
    return not first > before


def _by_section(points: Sequence[Points], headings: NDArray[np.int64]) -> list[tuple[int, list[Points]]]:
    sections: dict[int, list[Points]] = {}
    for one in points:
        at = np.searchsorted(headings, one.lines, side="right") - 1
        for section in np.unique(at):
            sections.setdefault(int(section), []).append(one.take(at == section))
    return [(int(headings[section]) if section >= 0 else -1, sections[section]) for section in sorted(sections)]


def heading_text(lines: Lines, line: int) -> str:
    """Return the words of a heading."""
    return lines.text(line).strip(" \t#*:-").replace("**", "").strip(" :")[:80]


def heading_settings(text: str, where: str) -> tuple[Setting, ...]:
    """Return the settings that a heading tells, as in ``Previous training (50k samples, 10 epochs)``."""
    found: dict[str, float] = {}
    for match in _QUANTITY.finditer(text):
        name = str(match[3])
        found[_NAMES.get(name, name)] = _number(match[1]) * _SCALES.get(str(match[2]).lower(), 1.0)
    for match in _PAIR.finditer(text):
        found.setdefault(str(match[1]).lower(), _number(match[2]))
    return tuple(Setting(name, int(value) if value.is_integer() else value, where) for name, value in found.items())


def _number(digits: str) -> float:
    try:
        return float(digits.replace(",", "").rstrip("."))
    except ValueError:
        return float("nan")
