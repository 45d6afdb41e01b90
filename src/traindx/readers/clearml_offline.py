"""ClearML's offline metrics.jsonl: each line is a list of reports, one number each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from traindx.readers.contract import Reader
from traindx.readers.json_blocks import Lines, source_bytes
from traindx.readers.json_documents import reading
from traindx.readers.json_long import LongStore
from traindx.readers.json_tolerant import NotJsonError, closed, decode
from traindx.readers.json_values import is_list, is_object
from traindx.readers.logfile import LogFile
from traindx.run import Run

FORMAT = "clearml-offline"


def _recognises(log: LogFile) -> bool:
    line = log.head.lstrip().partition(b"\n")[0][:4000]
    return line[:1] == b"[" and all(key in line for key in (b'"metric"', b'"variant"', b'"iter"'))


def _read(log: LogFile) -> list[Run]:
    """Read all scalar reports under ``metric/variant``.

    ClearML writes 0.0 in place of NaN and infinities, so that zeros are worth a note.
    """
    lines = Lines(log.path)
    store = LongStore()
    zeros = first = 0
    for record, report in _reports(log, lines):
        if not _scalar(report):
            continue
        value = report.get("value")
        if value == 0:
            zeros, first = zeros + 1, first or record
        store.point(
            _name(report),
            value,
            record,
            step=report.get("iter"),
            time=report.get("timestamp"),
        )
    zero_note = f"{log.path}:{first}: {zeros} values are 0.0, which ClearML also writes for NaN and infinities"
    about = reading(log, FORMAT, lines.incomplete, notes=(zero_note,) if zeros else (), unit="line")
    return [store.run(about, tuple(lines.skips.values()))]


def _scalar(report: Mapping[str, object]) -> bool:
    return isinstance(report.get("metric"), str) and "value" in report and "values" not in report


def _name(report: Mapping[str, object]) -> str:
    metric, variant = str(report["metric"]), report.get("variant")
    return f"{metric}/{variant}" if isinstance(variant, str) and variant not in ("", metric) else metric


def _reports(log: LogFile, lines: Lines) -> Iterator[tuple[int, Mapping[str, object]]]:
    data = bytes(source_bytes(log))
    rows = data.split(b"\n")
    for record, raw in enumerate(rows, 1):
        line = raw.strip(b" \t\r\n\0")
        if not line:
            continue
        try:
            value = decode(line)
        except NotJsonError:
            if record < len(rows):
                lines.skip("not valid JSON", record)
                continue
            value = _torn(line, lines)
        for report in value if is_list(value) else [value]:
            if is_object(report):
                yield record, report


def _torn(line: bytes, lines: Lines) -> object:
    """Return the complete reports of a last line that is cut off."""
    lines.incomplete = "the last record is cut off"
    try:
        return decode(closed(line.decode("utf-8", "replace")).encode())
    except NotJsonError:
        return None


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
