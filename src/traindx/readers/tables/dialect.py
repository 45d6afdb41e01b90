"""How a table is written: what parts its cells, where its header is, and what the columns are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import final

from traindx.readers.logfile import HEAD_BYTES
from traindx.readers.tables.cells import is_blank, moment, number

SAMPLE_LINES = 60
MAX_COLUMNS = 16_384
_MAX_TITLES = 5
_PROSE = 0.3  # lines above a table with more numbers than this are rows of it
_GLANCE = 16_384
SPACES = " "  # stands for a run of any white space
# Where two delimiters read equally well, the one that is rarer inside cells wins.
_DELIMITERS = ("\t", ";", "|", ",", SPACES)
_QUOTED = re.compile(r'"[^"\n]*"')


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """``names`` is empty where there is no header; ``first_row`` is the 1-based line of the first row of data.

    ``share`` is the share of sampled data cells that are numbers or blank, ``regular`` that of lines with the
    right number of cells, ``rows`` how many data lines were sampled.
    """

    delimiter: str
    names: tuple[str, ...]
    width: int
    first_row: int
    decimal_comma: bool = False
    share: float = 0.0
    regular: float = 0.0
    rows: int = 0


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line without quotes that span delimiters."""
    if delimiter == SPACES:
        return line.split()
    if delimiter == "|":
        line = line.strip().removeprefix("|").removesuffix("|")
    return line.split(delimiter)


def sniff(head: bytes, *, whole: bool | None = None) -> Dialect | None:
    """Return the dialect that reads the first bytes of a file best, or None where no table is to be seen."""
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cut = len(head) >= HEAD_BYTES if whole is None else not whole
    if cut and len(lines) > 1:
        lines.pop()
    filled = ((at, line) for at, line in enumerate(lines, 1) if line.strip())
    sample = list(islice(filled, SAMPLE_LINES + 20))
    present = [one for one in _DELIMITERS if any(one in line or one == SPACES for _, line in sample)]
    found = [d for d in (_dialect(sample, delimiter) for delimiter in present) if d is not None]
    return max(found, key=_quality, default=None) or _single_column(sample)


def header_names(head: bytes) -> tuple[str, ...]:
    """Return the cells of the first line that is no comment, at a glance: to tell formats apart by their columns."""
    lines = head[:_GLANCE].decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    line = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    delimiter = max(_DELIMITERS[:4], key=line.count)
    return tuple(cell.strip().strip('"') for cell in line.split(delimiter))


def _quality(dialect: Dialect) -> tuple[bool, float, bool]:
    return (dialect.regular > 0.5, round(dialect.share * dialect.regular, 2), dialect.width > 1)


def _cells(line: str, delimiter: str) -> list[str]:
    if '"' in line:
        line = _QUOTED.sub(lambda found: found[0][1:-1].replace(delimiter, "\x1f"), line)
    if "\x1f" not in line:
        return [cell.strip() for cell in split_line(line, delimiter)]
    return [cell.replace("\x1f", delimiter).strip() for cell in split_line(line, delimiter)]


def _dialect(sample: Sequence[tuple[int, str]], delimiter: str) -> Dialect | None:
    rows = [(at, _cells(line, delimiter)) for at, line in sample if not line.lstrip().startswith("#")]
    if all(len(cells) < 2 for _, cells in rows):
        return None
    rows = _without_titles(rows[:SAMPLE_LINES])
    widths = Counter(len(cells) for _, cells in rows)
    if not widths or max(widths) < 2:
        return None
    if is_name_row(rows[0][1]):
        header, body = rows[0], rows[1:]
        return _with_header(header[0], header[1], body, delimiter)
    return _without_header(rows, widths.most_common(1)[0][0], sample, delimiter)


def _without_titles(rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Drop the lines above a table: those that are not as wide as most, nor narrower by the name of an index."""
    most = Counter(len(cells) for _, cells in rows).most_common(1)[0][0] if len(rows) > _MAX_TITLES else 0
    start = next((at for at, (_, cells) in enumerate(rows) if len(cells) >= most - 1), 0)
    prose = _numeric_share([cells for _, cells in rows[:start]]) < _PROSE
    return rows[start:] if most > 2 and start <= _MAX_TITLES and prose else rows


def is_name_row(cells: Sequence[str]) -> bool:
    """Whether cells are names: no number, no moment, and at least one word."""
    if any(number(cell) is not None or moment(cell) is not None for cell in cells if cell):
        return False
    return any(not is_blank(cell) for cell in cells)


def _with_header(line: int, names: list[str], body: list[tuple[int, list[str]]], delimiter: str) -> Dialect | None:
    width = len(names)
    while width > 1 and not names[width - 1]:
        width -= 1
    if width < 2:
        return None
    if not body:
        return Dialect(
            delimiter=delimiter, names=unique_names(names[:width]), width=width, first_row=line + 1, regular=1.0
        )
    exact = [cells for _, cells in body if _fits(cells, width)]
    longer = [cells for _, cells in body if len(cells) == width + 1 and cells[-1]]
    if longer and not exact:  # the index has no name, as in tables written by R
        names, width, exact = ["", *names[:width]], width + 1, longer
    if not exact:
        return None
    return Dialect(
        delimiter=delimiter,
        names=unique_names(names[:width]),
        width=width,
        first_row=line + 1,
        decimal_comma=delimiter != "," and _decimal_comma(exact),
        share=_numeric_share(exact),
        regular=len(exact) / len(body),
        rows=len(exact),
    )


def _without_header(
    rows: list[tuple[int, list[str]]], width: int, sample: Sequence[tuple[int, str]], delimiter: str
) -> Dialect | None:
    exact = [cells for _, cells in rows if len(cells) == width]
    if width < 2:
        return None
    return Dialect(
        delimiter=delimiter,
        names=_commented_header(sample, rows[0][0], width, delimiter) or _numbered_names(exact),
        width=width,
        first_row=rows[0][0],
        decimal_comma=delimiter != "," and _decimal_comma(exact),
        share=_numeric_share(exact),
        regular=len(exact) / len(rows),
        rows=len(exact),
    )


def _single_column(sample: Sequence[tuple[int, str]]) -> Dialect | None:
    rows = [(at, line.strip().strip('"')) for at, line in sample if not line.lstrip().startswith("#")]
    if not rows:
        return None
    named = is_name_row([rows[0][1]])
    body = [[cell] for _, cell in rows[1:] if cell] if named else [[cell] for _, cell in rows]
    return Dialect(
        delimiter=",",
        names=(rows[0][1],) if named else (),
        width=1,
        first_row=rows[0][0] + named,
        share=_numeric_share(body),
        regular=1.0,
        rows=len(body),
    )


def _fits(cells: Sequence[str], width: int) -> bool:
    """A row may end in further delimiters with nothing behind them."""
    return len(cells) == width or (len(cells) > width and not any(cells[width:]))


def _numeric_share(rows: Sequence[Sequence[str]]) -> float:
    cells = [cell for row in rows for cell in row]
    good = sum(is_blank(cell) or number(cell) is not None for cell in cells)
    return good / len(cells) if cells else 0.0


def _decimal_comma(rows: Sequence[Sequence[str]]) -> bool:
    """Whether commas are decimal signs: more cells hold one comma and no point than points."""
    cells = [cell for row in rows for cell in row if number(cell) is not None]
    commas = sum("," in cell and "." not in cell for cell in cells)
    return commas > sum("." in cell and "," not in cell for cell in cells)


def _commented_header(sample: Sequence[tuple[int, str]], first_row: int, width: int, delimiter: str) -> tuple[str, ...]:
    """Return the names in the comment just above the data, as ``numpy.savetxt`` writes them."""
    comments = [line.strip().lstrip("#").strip() for at, line in sample if at < first_row]
    names = _cells(comments[-1], delimiter) if comments else []
    return unique_names(names) if len(names) == width and is_name_row(names) else ()


def _numbered_names(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names for a table without a header: a first column that counts is the step."""
    first = [number(row[0]) for row in rows]
    whole = [value for value in first if value is not None and value.is_integer()]
    counts = len(first) == len(whole) > 1 and all(a < b for a, b in pairwise(whole))
    names = [f"column {at}" for at in range(1, len(rows[0]) + 1)]
    return ("step", *names[1:]) if counts else tuple(names)


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return stripped names, each once: a second ``loss`` becomes ``loss (2)``, an empty one ``column N``."""
    seen: Counter[str] = Counter()
    taken = {name.strip().strip('"').strip() for name in names}
    unique: list[str] = []
    for at, raw in enumerate(names, 1):
        name = raw.strip().strip('"').strip() or ("" if at == 1 else f"column {at}")
        seen[name] += 1
        while seen[name] > 1 and f"{name} ({seen[name]})" in taken:
            seen[name] += 1
        unique.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return tuple(unique)
