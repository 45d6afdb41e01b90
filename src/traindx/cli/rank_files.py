"""Files that hold one rank for each query: a number a line, or a table with a column called rank."""

from __future__ import annotations

from pathlib import Path

from traindx.errors import UnreadableLogError
from traindx.run import Floats, floats

_MOST_BYTES = 1 << 28


def ranks_of(path: str) -> Floats:
    """Return the ranks in a file, in its order. Raises ``UnreadableLogError`` with the line that holds none."""
    file = Path(path)
    if not file.is_file():
        raise UnreadableLogError("no such file", where=path)
    if file.stat().st_size > _MOST_BYTES:
        raise UnreadableLogError("larger than 256 MiB, which no list of ranks is", where=path)
    lines = [line.strip() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
    rows = [(place, line) for place, line in enumerate(lines, 1) if line and not line.startswith("#")]
    column, separator = 0, ","
    if rows and not _is_number(rows[0][1].replace("\t", ",").split(",")[0]):
        separator = "\t" if "\t" in rows[0][1] else ","
        names = [name.strip().strip('"').lower() for name in rows[0][1].split(separator)]
        if "rank" not in names:
            raise UnreadableLogError("neither a number nor a column called rank", where=f"{path}:{rows[0][0]}")
        column, rows = names.index("rank"), rows[1:]
    return floats([_rank(path, place, line.split(separator), column) for place, line in rows])


def _rank(path: str, place: int, cells: list[str], column: int) -> float:
    if column >= len(cells) or not _is_number(cells[column]):
        raise UnreadableLogError(
            "no rank in this line", where=f"{path}:{place}", hint="one whole number for each query"
        )
    return float(cells[column])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
