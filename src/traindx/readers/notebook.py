"""Jupyter notebooks: what their cells printed and the tables that they showed, each cell a run of its own."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, cast

import msgspec
import numpy as np

from traindx.errors import UnreadableLogError
from traindx.readers.contract import Reader
from traindx.readers.logfile import LogFile
from traindx.readers.text.reading import read_text
from traindx.run import Run, Series

_ROW: Final = re.compile(r"<tr[^>]{0,200}>([^\0]{0,20000}?)</tr>", re.IGNORECASE)
_CELL: Final = re.compile(r"<t[hd][^>]{0,200}>([^<]{0,200})</t[hd]>", re.IGNORECASE)
# A cell that printed fewer numbers of each kind showed results, not a training.
_FEWEST: Final = 3


class _Output(msgspec.Struct):
    text: list[str] | str = ""
    data: dict[str, object] = {}


class _Cell(msgspec.Struct):
    cell_type: str = ""
    outputs: list[_Output] = []


class _Notebook(msgspec.Struct):
    cells: list[_Cell]


def _recognises(log: LogFile) -> bool:
    return log.name.lower().endswith(".ipynb") and log.head.lstrip()[:1] == b"{"


def _read(log: LogFile) -> list[Run]:
    try:
        notebook = msgspec.json.decode(bytes(log.data), type=_Notebook)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableLogError(
            f"no readable notebook: {error}", where=log.path, hint="save it again, or give the log that it wrote"
        ) from None
    printed = [(number, _printed(cell)) for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]
    runs = [run for number, text in printed if text.strip() for run in _runs(log, number, text)]
    if not runs:
        raise UnreadableLogError(
            "no cell of this notebook shows a metric",
            where=log.path,
            hint="save it with its outputs, or give the log that it wrote",
        )
    long = [run for run in runs if max(len(series) for series in run.series.values()) >= _FEWEST]
    kept = long or runs
    return [replace(run, name=log.name) for run in kept] if len(kept) == 1 else kept


def _printed(cell: _Cell) -> str:
    return "\n".join(part for output in cell.outputs for part in _parts(output))


def _parts(output: _Output) -> Iterator[str]:
    """What one output shows as text: its stream, else its tables, else its plain form."""
    if output.text:
        yield _joined(output.text)
        return
    rows = list(_rows(_joined(output.data.get("text/html", ""))))
    if rows:
        yield "\n".join(rows)
    else:
        yield _joined(output.data.get("text/plain", ""))


def _joined(text: object) -> str:
    return "".join(str(part) for part in cast("list[object]", text)) if isinstance(text, list) else str(text)


def _rows(page: str) -> Iterator[str]:
    """The rows of the tables of a page, as a table of text: cells between bars, a rule below the first."""
    for index, row in enumerate(_ROW.finditer(page)):
        cells = [html.unescape(cell).strip() for cell in _CELL.findall(row[1])]
        if cells:
            yield f"| {' | '.join(cells)} |"
            if index == 0:
                yield "|" + "---|" * len(cells)


def _runs(log: LogFile, number: int, text: str) -> list[Run]:
    """The runs of one cell; lines of a cell are no lines of the file, so no place in it is told."""
    try:
        found = read_text(LogFile(path=log.path, data=text.encode()))
    except UnreadableLogError:
        return []
    name = f"{log.name} cell {number}"
    return [
        replace(
            run,
            name=name,
            series={key: _unplaced(series) for key, series in run.series.items()},
            sources=tuple(replace(source, format="notebook", unit="record") for source in run.sources),
        )
        for run in found
        if run.series
    ]


def _unplaced(series: Series) -> Series:
    return replace(series, records=np.zeros(len(series), dtype=np.int64))


READER = Reader(name="notebook", recognises=_recognises, read=_read, alone=True)
