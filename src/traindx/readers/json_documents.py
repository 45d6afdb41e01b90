"""JSON documents in general: whole histories as objects of lists, lists of objects, or both, nested at will."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from traindx.errors import UnreadableLogError
from traindx.readers.contract import Reader
from traindx.readers.json_blocks import has_json_start, source_bytes
from traindx.readers.json_metric import Node
from traindx.readers.json_parts import Findings, examine
from traindx.readers.json_rows import Reading, RowStore
from traindx.readers.json_tolerant import Documents, NotJsonError, documents
from traindx.readers.json_values import is_list, is_object, settings_of
from traindx.readers.logfile import LogFile
from traindx.run import Run, Series, Setting, Source, Unit


def load(log: LogFile) -> Documents:
    """Return the documents of ``log``, or raise ``UnreadableLogError`` saying where reading stopped."""
    data = bytes(source_bytes(log))
    try:
        return documents(data)
    except NotJsonError as error:
        line = data.decode("utf-8", "replace").count("\n", 0, error.position) + 1
        raise UnreadableLogError(
            f"no readable JSON: {error}",
            where=f"{log.path}:{line}",
            hint="is the file complete, and is it the log rather than a configuration?",
        ) from None


def reading(
    log: LogFile,
    format_name: str,
    incomplete: str = "",
    settings: tuple[Setting, ...] = (),
    *,
    notes: tuple[str, ...] = (),
    unit: Unit = "record",
) -> Reading:
    """Return what is known of ``log`` beside its rows."""
    return Reading(
        name=log.name,
        path=log.path,
        format=format_name,
        unit=unit,
        incomplete=incomplete or log.truncated,
        settings=settings,
        notes=notes,
    )


_ROUND = re.compile(rb"\[\d{1,9}(?:,[ ]{0,8}\d{1,9})?\](?:[ \t:]{1,8}[A-Za-z]|<std)")
_FIRST_KEY = re.compile(rb'\s*+\{\r?\n([ \t]++)"')


def top_settings(log: LogFile, node: Node, *, without: frozenset[str] = frozenset()) -> Iterator[Setting]:
    """Yield the scalars of a document as settings, with their lines where the document is pretty-printed."""
    lines = _key_lines(bytes(source_bytes(log)))
    for key, value in node.items():
        if key not in without:
            place = f"{log.path}:{lines[key]}" if key in lines else log.path
            yield from settings_of(value, place, key)


def _key_lines(data: bytes) -> dict[str, int]:
    """Return the line of each top-level key of a pretty-printed object: those at the first key's indentation."""
    first = _FIRST_KEY.match(data)
    if first is None:
        return {}
    lines: dict[str, int] = {}
    line, position = 1, 0
    for found in re.finditer(rb"^" + first[1] + rb'"([^"\\\n]{1,200})"', data, re.MULTILINE):
        line += data.count(b"\n", position, found.start())
        position = found.start()
        lines.setdefault(found[1].decode("utf-8", "replace"), line)
    return lines


def _read(log: LogFile) -> list[Run]:
    found = load(log)
    values: tuple[object, ...] = found.values
    if found.incomplete and not any(is_object(value) or (is_list(value) and len(value) > 1) for value in values):
        raise UnreadableLogError(
            "this begins like JSON and is something else",
            where=log.path,
            hint="a JSON log holds objects with named numbers, one or many",
        )
    if len(values) > 1 and all(is_object(value) for value in values):
        values = (list(values),)
    return [assemble(examine(values, log.path), reading(log, "json", found.incomplete))]


def assemble(findings: Findings, about: Reading) -> Run:
    """Return the run of a document. Scalars beside series are settings; alone, they are one point each."""
    series: Mapping[str, Series] = findings.series
    settings = list(findings.settings)
    rows = findings.rows
    if not series:
        store = RowStore(about.path)
        store.add([findings.scalars], np.ones(1, dtype=np.int64))
        run = store.run(about)
        series, rows = run.series, run.sources[0].rows
    else:
        settings += settings_of(_dotted(findings.scalars), about.path)
    source = Source(
        path=about.path,
        format=about.format,
        unit="record",
        rows=rows,
        skipped=tuple(findings.skipped),
        ignored=findings.ignored,
        incomplete=about.incomplete,
        encoding=about.encoding,
    )
    return Run(
        name=about.name,
        series={name: one for name, one in series.items() if len(one)},
        sources=(source,),
        settings=tuple(settings),
        notes=about.notes,
    )


def _dotted(scalars: Mapping[str, object]) -> dict[str, object]:
    return {name.replace("/", "."): value for name, value in scalars.items()}


def _recognises(log: LogFile) -> bool:
    return has_json_start(log.head) and not _printed_rows(log.head.strip())


def _printed_rows(head: bytes) -> bool:
    """Whether each line is a dictionary as Python prints it, or begins with a round in brackets: a text log."""
    if _ROUND.match(head) is not None:
        return True
    first, _, rest = head.partition(b"\n")
    return first[:2] == b"{'" and first.rstrip().endswith(b"}") and bool(rest)


READER = Reader(name="json", recognises=_recognises, read=_read)
