"""What one cell of a table says: a number, a moment, nothing, or a word."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

# How programs write "not logged". "nan" is not among them: it is a value.
BLANKS: Final = frozenset({"", "na", "n/a", "#n/a", "<na>", "none", "null", "nil", "-", "--", "---", ".", "?"})
MAX_CELL = 64  # no number, moment or split name is longer

_NUMERIC = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?\s?%?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_GROUPED_POINTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d*", re.ASCII)
_DURATION = re.compile(r"(\d{1,6}):(\d\d):(\d\d(?:\.\d+)?)", re.ASCII)
_WRAPPED = re.compile(r"(?:tensor|array|np\.float\d\d|array_float)\(\s*([^\s,()\[\]]{1,40})", re.ASCII)


def is_blank(cell: str) -> bool:
    """Whether the cell says that nothing was logged."""
    return cell.strip().lower() in BLANKS


def number(cell: str, *, decimal_comma: bool = False) -> float | None:
    """Return the number in a cell, or None where it is none.

    Beyond what ``float`` reads: a percent sign (the number stays as printed), thousands separators, decimal commas,
    and a scalar wrapped by its library, as in ``tensor(0.5)``.
    """
    text = cell.strip()
    if len(text) > MAX_CELL or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return _local_number(text, decimal_comma=decimal_comma)


def _local_number(text: str, *, decimal_comma: bool) -> float | None:
    wrapped = _WRAPPED.match(text)
    if wrapped is not None:
        text = wrapped[1]
    elif _NUMERIC.fullmatch(text) is None:
        return None
    digits = text.rstrip("% ")
    if _GROUPED_POINTS.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif _GROUPED.fullmatch(digits) and not (decimal_comma and digits.count(",") == 1 and "." not in digits):
        digits = digits.replace(",", "")
    elif digits.count(",") == 1 and "." not in digits:
        digits = digits.replace(",", ".")
    try:
        return float(digits)
    except ValueError:
        return None


def moment(cell: str) -> float | None:
    """Return a date and time as seconds since 1970 (UTC where no zone is told), or a duration as seconds."""
    text = cell.strip()
    if not 6 <= len(text) <= MAX_CELL or not text[0].isdigit():
        return None
    duration = _DURATION.fullmatch(text)
    if duration is not None:
        return int(duration[1]) * 3600.0 + int(duration[2]) * 60.0 + float(duration[3])
    try:
        time = datetime.fromisoformat(text.replace("/", "-").replace(",", ".").removesuffix(" UTC"))
    except ValueError:
        return None
    return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp()
