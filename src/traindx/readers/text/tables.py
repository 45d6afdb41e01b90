"""Tables in text: a header and rows of numbers, rows that begin with their name, boxes of names and values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, final

import numpy as np

from traindx.readers.text.cells import cells_of, is_absent, is_grid, is_rule, number_in, without_bar
from traindx.readers.text.lines import Lines
from traindx.readers.text.names import axis_of, is_metric, split_mark
from traindx.readers.text.prefix import prefix_of

_RULE: Final = re.compile(rb"(?m)^[ \t]*(?:[-=+|]|\xe2[\x94\x95][\x80-\xbf]){6,400}[ \t]*$")
_BOXED: Final = re.compile(
    rb"[ \t]*(?:\|[^|]{1,100}\|[^|]{0,100}\||[A-Za-z][\w/.() -]{0,80}?[ \t]{2,60}[-+\dni][\w.+-]{0,40})[ \t]*"
)
_BOX_ROWS: Final = 400
_BOX_WIDTH: Final = 300
_LEAST_WORDED: Final = 2
_EPOCH_AND_STEP: Final = re.compile(r"^\s{0,8}E\s{1,8}#\s{1,8}")
_HEADER_REACH: Final = 3  # lines above a row that can be its header: a rule may stand between
_OF_EPOCHS: Final = re.compile(
    r"\s*\d{1,6}/\d{1,6}\s"
)  # such rows stand below bars, notes and results of another table
_EPOCHS_REACH: Final = 8
_SUBJECT: Final = frozenset(
    {"metric", "metrics", "指标", "name", "measure", "quantity", "item", "statistic", "stat", "量", "损失类型", "项目"}
)


@final
@dataclass(frozen=True, slots=True)
class Row:
    """Numbers of one row of a table: the line, its counters, and the values by name.

    ``percent`` holds the names printed with a percent sign. ``position`` is the place of the row where the table
    itself is the axis (Before, After), -1 elsewhere.
    """

    line: int
    values: dict[str, float]
    step: float = float("nan")
    epoch: float = float("nan")
    percent: frozenset[str] = field(default_factory=frozenset)
    position: int = -1


def box_rows(lines: Lines) -> Iterator[tuple[range, Row]]:
    """Return the boxes of ``| name | value |`` rows: one row of numbers each, at the step that the box tells."""
    if b"---" not in lines.data and b"===" not in lines.data and b"\xe2\x94" not in lines.data:
        return
    rules = np.array([match.start() for match in _RULE.finditer(lines.data)], dtype=np.int64)
    at = np.searchsorted(lines.starts, rules, side="right") - 1
    for above, below in pairwise(at.tolist()):
        rows = _boxed(lines, above + 1, below)
        row = _box(above + 1, rows) if rows else None
        if row is not None:
            yield range(above + 1, below), row


def _boxed(lines: Lines, first: int, stop: int) -> list[str]:
    """The lines between two rules, where all of them are a name and a value; nothing elsewhere."""
    if not 2 <= stop - first <= _BOX_ROWS or int(lines.ends[stop - 1] - lines.starts[first]) > _BOX_WIDTH * _BOX_ROWS:
        return []
    rows: list[str] = []
    for index in range(first, stop):
        raw = lines.raw(index)
        if len(raw) > _BOX_WIDTH or _BOXED.fullmatch(raw) is None:
            return []
        rows.append(raw.decode("utf-8", "replace"))
    return rows if "|" in rows[0] or len(rows) >= _LEAST_WORDED else []


def _box(first: int, rows: Sequence[str]) -> Row | None:
    section = ""
    values: dict[str, float] = {}
    percent: set[str] = set()
    step = epoch = float("nan")
    for text in rows:
        cells = cells_of(text)
        name, cell = cells[0], cells[1] if len(cells) > 1 else ""
        if not cell.strip():
            section = f"{name}/" if name else ""
            continue
        indented = re.match(r"\s*\|\s{2,}", text) is not None
        found = number_in(cell)
        if found is None:
            continue
        section = section if indented else ""
        axis = axis_of(name, separated=True)
        if axis == "epoch":
            epoch = found[0]
        elif axis == "step" and _better(name, step):
            step = found[0]
        else:
            values[section + name] = found[0]
            percent |= {section + name} if found[1] else set()
    return Row(first, values, step, epoch, frozenset(percent)) if values else None


def _better(name: str, step: float) -> bool:
    return step != step or "total" in name.lower() or "step" in name.lower()


def table_rows(lines: Lines, candidates: Sequence[int]) -> Iterator[Row]:
    """Return the rows of tables; ``candidates`` are the lines that hold cells of numbers, in order."""
    start = 0
    while start < len(candidates):
        stop = start + 1
        while stop < len(candidates) and candidates[stop] - candidates[stop - 1] <= 2:
            stop += 1
        yield from _table(lines, candidates[start:stop])
        start = stop


def _table(lines: Lines, rows: Sequence[int]) -> Iterator[Row]:
    header: list[str] | None = None
    block: list[tuple[int, list[str]]] = []
    previous, since = -10, 0
    for line in rows:
        message = _message(lines, line)
        if not is_grid(message):
            continue
        since = 0 if line != previous + 1 else since + 1
        if since == 0 or (header is None and since < _HEADER_REACH):
            found = _header(lines, line, message)
            if found is not None:
                yield from _read(header, block)
                header, block = found, []
        previous = line
        if header is not None:
            cells = cells_of(message, len(header))
            if block and lines.records[block[-1][0]] == lines.records[line] and block[-1][1][0] == cells[0]:
                _ = block.pop()  # the row was drawn again with its bar further on
            block.append((line, cells))
    yield from _read(header, block)


def _message(lines: Lines, line: int) -> str:
    text = lines.text(line)
    return without_bar(text if text.lstrip(" >").startswith("|") else text[prefix_of(text).end :])


def _header(lines: Lines, line: int, row: str) -> list[str] | None:
    """The nearest line above that has as many cells as the row (or one fewer) and no numbers in most of them."""
    far = _OF_EPOCHS.match(row) is not None
    for above in range(line - 1, max(-1, line - 1 - (_EPOCHS_REACH if far else _HEADER_REACH)), -1):
        message = _EPOCH_AND_STEP.sub("epoch  step  ", _message(lines, above))
        if not message.strip() or is_rule(message):
            continue
        if re.match(r"\s*(?:[-*•#]|\d{1,3}[.)])\s", lines.text(above)) or re.match(r"\s*\d{1,3}[.)]\s", row):
            return None
        for found in {tuple(cells_of(message)), tuple(message.split())}:
            names = _stacked(lines, above, found)
            cells = cells_of(row, len(names))
            words = sum(number_in(name) is None and re.search(r"[^\W\d_]", name) is not None for name in names)
            if (
                len(names) >= 2
                and words >= len(names) - ("|" in message)
                and _numbers(cells)
                and len(cells) in (len(names), len(names) + 1)
                and ("|" in message) == ("|" in row)
            ):
                return [*([""] if len(cells) > len(names) else []), *names]
        if number_in(message.split()[0]) is None and above < line - 1 and not far:
            return None
    return None


def _stacked(lines: Lines, line: int, names: Sequence[str]) -> list[str]:
    """Header cells with the words that stand above them in further header lines."""
    whole = list(names)
    for above in range(line - 1, max(-1, line - 3), -1):
        message = _message(lines, above)
        more = cells_of(message)
        if is_rule(message) or "|" not in message or len(more) != len(whole) or any(map(number_in, more)):
            break
        whole = [f"{upper} {lower}".strip() for upper, lower in zip(more, whole, strict=True)]
    return whole


def _numbers(cells: list[str]) -> bool:
    return sum(number_in(cell) is not None for cell in cells) >= 2 or (len(cells) == 3 and any(map(number_in, cells)))


def _read(header: list[str] | None, block: list[tuple[int, list[str]]]) -> Iterator[Row]:
    rows = [(line, cells) for line, cells in block if header is not None and len(cells) == len(header)]
    if header is None or not rows or _is_report(header):
        return
    header = _ungrouped(header)
    named = sum(number_in(cells[0]) is None for _, cells in rows) > len(rows) / 2
    if not named:
        yield from _columns(header, rows)
    elif any(split_mark(name) is not None for name in header[1:]) and not any(map(is_metric, header[1:])):
        yield from _by_split(header, rows)
    elif header[0].lower() in _SUBJECT and not any(is_metric(name) for name in header[1:]):
        yield from _by_name(header, rows)
    elif any(map(is_metric, header[1:])):
        yield from _columns(header, rows, skip=1)


def _is_report(header: list[str]) -> bool:
    """Whether the rows are classes, with their precision and how often they occur: they are no series."""
    return {"precision", "recall", "support"} <= {name.lower() for name in header}


def _ungrouped(header: list[str]) -> list[str]:
    """Names without brackets that open in one column and close in another: ``Box(P``, ``R``, ``mAP50)``."""
    groups = sum("(" in name and ")" not in name for name in header)
    if not groups:
        return header
    group, plain = "", list[str]()
    for name in header:
        opened, _, rest = name.rpartition("(") if ")" not in name else ("", "", name)
        group = opened or group
        base = rest.replace(")", "") if group else name
        plain.append(f"{group}/{base}" if group and groups > 1 else base)
        group = "" if ")" in name else group
    return plain


def _columns(header: list[str], rows: list[tuple[int, list[str]]], skip: int = 0) -> Iterator[Row]:
    wanted = [at for at in range(skip, len(header)) if header[at] and (not skip or _tells(header[at]))]
    keep = [at for at in wanted if _mostly_numbers([cells[at] for _, cells in rows])]
    axes = {at: axis_of(header[at], separated=True) for at in keep}
    step = next((at for at in keep if axes[at] in ("step", "inner")), -1)
    epoch = next((at for at in keep if axes[at] == "epoch"), -1)
    for place, (line, cells) in enumerate(rows):
        found = {at: number_in(cells[at]) for at in keep}
        got = {at: pair for at, pair in found.items() if pair is not None and at not in (step, epoch)}
        yield Row(
            line,
            {header[at]: pair[0] for at, pair in got.items()},
            step=(found.get(step) or (float("nan"), False))[0],
            epoch=(found.get(epoch) or (float("nan"), False))[0],
            percent=frozenset(header[at] for at, pair in got.items() if pair[1]),
            position=place if skip and len(rows) > 1 and step < 0 and epoch < 0 else -1,
        )


def _tells(name: str) -> bool:
    """Whether a column of named rows is a metric or a counter; the rest are properties of what the row is about."""
    return is_metric(name) or name.rpartition("/")[2] in ("P", "R") or bool(axis_of(name, separated=True))


def _mostly_numbers(cells: list[str]) -> bool:
    numbers = sum(number_in(cell) is not None for cell in cells)
    logged = sum(not is_absent(cell) for cell in cells)
    return numbers > 0 and numbers >= 0.5 * logged


def _by_split(header: list[str], rows: list[tuple[int, list[str]]]) -> Iterator[Row]:
    """``name | training | validation``: one series for each name and split."""
    for line, cells in rows:
        values: dict[str, float] = {}
        for name, cell in zip(header[1:], cells[1:], strict=True):
            found, split = number_in(cell), split_mark(name)
            if found is not None:
                values[f"{split}/{cells[0]}" if split else cells[0]] = found[0]
        if values:
            yield Row(line, values)


def _by_name(header: list[str], rows: list[tuple[int, list[str]]]) -> Iterator[Row]:
    """``Metric | Before | After``: one series for each row of numbers, its columns are the points; one must be a metric."""
    if not any(is_metric(cells[0]) for _, cells in rows):
        return
    keep = [at for at in range(1, len(header)) if _mostly_numbers([cells[at] for _, cells in rows])]
    for line, cells in rows:
        if sum(number_in(cells[at]) is not None for at in keep) >= 2:
            for position, at in enumerate(keep):
                found = number_in(cells[at])
                if found is not None:
                    yield Row(
                        line, {cells[0]: found[0]}, percent=frozenset({cells[0]} if found[1] else ()), position=position
                    )
