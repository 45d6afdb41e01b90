"""Cells of table rows, and whether a cell holds one number."""

from __future__ import annotations

import re
from typing import Final

from traindx.readers.text.keys import tidy

_VALUE: Final = re.compile(
    r"([-+]?(?:\d{1,3}(?:,\d{3}){1,8}|\d{1,320})?(?:\.\d{0,320})?(?:[eE][-+]?\d{1,9})?|[-+]?(?:nan|inf|NaN|Inf|NAN|INF))\s?"
    r"(%|[GMKk]i?[Bb]?|ms|s|it/s|s/it)?(?:\s*[^\w\s].{0,40})?"
)
_FRACTION: Final = re.compile(r"(\d{1,9})/(\d{1,9})")
_ABSENT: Final = frozenset({"", "-", "--", "—", "?", "none", "n/a", "na", "no log", "null", "...", "…"})
_NAMED_ROW: Final = re.compile(
    r"\s*[^\W\d][\w/@.-]{0,40}(?:\s{2,}[-+]?(?:\d{1,20}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?|\.\d{1,20}|nan|inf)){3,}\s*"
)
_ALL_ROW: Final = re.compile(r"\s*all(?:\s{2,}[-+]?(?:\d{1,20}(?:\.\d{0,20})?|nan)){2,}\s*")
_NUMBERS: Final = re.compile(
    r"\s*(?:\d{1,9}/\d{1,9}|[-+]?[\d.]{1,40}(?:[eE][-+]?\d{1,3})?)(?:\s{2,}(?:[-+]?[\d.]{1,40}(?:[eE][-+]?\d{1,3})?(?:[GMKk%sm]|ms)?|nan|inf|-nan|-inf)){2,}\s*"
)
_GRID: Final = re.compile(
    r"\s*(?:(?:[-+]?[\d.]{1,40}+(?:[eE][-+]?\d{1,3})?[GMKk%x]?|\d{1,9}/\d{1,9}|\d{1,3}(?::\d\d){1,2}|[Nn]o log|[-+]?(?:nan|inf|NaN)|-+|N/A)(?:\s+|,\s*|$)){2,80}"
)
_NAME_AND_NUMBER: Final = re.compile(r"[A-Za-z_][\w /.-]{0,40} [-+\d][\w.+%-]{0,40}")
_RULE: Final = re.compile(r"[\s|+:\-=_─━═┼╪╞╡├┤]{3,}")
_BAR: Final = re.compile(r"(?<!\s):?\s+\d{1,3}%(?:\||\s*[━─╸]).*$")


def cells_of(message: str, count: int = 0) -> list[str]:
    """Return the cells of a row: between pipes, else tabs, else gaps; ``count`` says how many there should be."""
    message = _BAR.sub("", message.rstrip())
    if "|" in message:
        return [_cell(cell) for cell in message.strip().strip("|").split("|")]
    ways = (message.split("\t"), re.split(r"\s{2,}", message.strip()), message.split(), message.split(","))
    for way in ways:
        if len(way) == count or (not count and len(way) > 1):
            return [_cell(cell) for cell in way]
    return [tidy(message)]


def _cell(text: str) -> str:
    """A cell without what surrounds it; the dash before a name is decoration, before a number it is its sign."""
    return text.strip() if number_in(text) is not None else tidy(text)


def without_bar(message: str) -> str:
    """Return a row without the progress bar behind it."""
    return _BAR.sub("", message)


def is_rule(message: str) -> bool:
    """Whether the line only draws the frame of a table."""
    return _RULE.fullmatch(message) is not None


def is_absent(cell: str) -> bool:
    """Whether the cell says that nothing was logged."""
    return cell.strip().lower() in _ABSENT


def number_in(cell: str) -> tuple[float, bool] | None:
    """Return the number of a cell and whether it is a percentage; None where the cell holds none, or a range."""
    plain = cell.strip(" *`_")
    fraction = _FRACTION.fullmatch(plain)
    if fraction:
        return float(fraction.group(1)), False
    match = _VALUE.fullmatch(plain)
    if match is None or not match.group(1) or match.group(1) in "+-.":
        return None
    if re.search(r"^[-+~]|\d", plain[match.end(1) :].lstrip("%")):
        return None
    try:
        return float(match.group(1).replace(",", "")), match.group(2) == "%"
    except ValueError:
        return None


def is_row(line: str, message: str) -> bool:
    """Whether the line is a row of a table: a name and two numbers between pipes, a Markdown row, a name and columns."""
    message = plain = _BAR.sub("", message)
    if "=" in message or ": " in message:
        return False
    if "|" in message:
        cells = [cell.strip() for cell in message.strip().strip("|").split("|")]
        numbers = sum(number_in(cell) is not None for cell in cells)
        numbers += sum(is_absent(cell) for cell in cells[1:]) if numbers else 0
        framed = line.strip(" >").startswith("|") and line.rstrip().endswith("|") and len(cells) >= 3
        return (numbers >= 2 and number_in(cells[0]) is None) or (framed and numbers >= 1 and not _named_cells(cells))
    return _is_named_row(plain) or _NUMBERS.fullmatch(plain) is not None


def is_grid(message: str) -> bool:
    """Whether the line can be a row of a table: cells between pipes or tabs, or nothing but numbers."""
    plain = _BAR.sub("", message)
    return (
        "|" in plain
        or "\t" in plain
        or _NUMBERS.fullmatch(plain) is not None
        or _GRID.fullmatch(plain) is not None
        or _is_named_row(plain)
    )


def _is_named_row(plain: str) -> bool:
    return _NAMED_ROW.fullmatch(plain) is not None or _ALL_ROW.fullmatch(plain) is not None


def is_barred_header(message: str) -> bool:
    """Whether the line is a table header with a progress bar behind it."""
    plain = _BAR.sub("", message)
    return (
        len(plain) < len(message)
        and len(re.split(r"\s{2,}", plain.strip())) >= 4
        and "=" not in plain
        and not _NUMBERS.fullmatch(plain)
    )


def _named_cells(cells: list[str]) -> bool:
    """Whether most cells hold a name and its number, as ``loss 3.88`` does."""
    return sum(_NAME_AND_NUMBER.fullmatch(cell) is not None for cell in cells) * 2 > len(cells)
