"""Second readings of log files, written without traindx: simple, slow, and by another road.

An oracle takes bytes and returns ``{name: [values in file order]}``, or None where it does not know the file. Names that
count (steps, epochs, clocks) are in it too: a reader may take them as axes.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import struct
from collections.abc import Iterator

Table = dict[str, list[float]]


def oracle_of(name: str, data: bytes) -> Table | None:
    """Return the second reading by the first oracle that knows the file."""
    for oracle in (_event_file, _wandb_file, _mlflow_metric, _json_document, _json_lines, _csv_table):
        table = oracle(name, data)
        if table:
            return table
    return None


def number(value: object) -> float | None:
    """Return the number that a cell holds, or None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip()
    if not re.fullmatch(
        r"[-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf|infinity)", text, re.IGNORECASE
    ):
        return None
    return float(text)


def _csv_table(name: str, data: bytes) -> Table | None:
    """Rectangular tables with one header line."""
    text = data.decode("utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) < 2:
        return None
    delimiter = max(",;\t", key=lines[0].count)
    if not lines[0].count(delimiter) and name.rsplit(".", 1)[-1] not in ("csv", "tsv"):
        return None
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    header = [cell.strip() for cell in rows[0]]
    if any(number(cell) is not None for cell in header) or any(len(row) != len(header) for row in rows):
        return None
    if len(set(header)) < len(header) or any([cell.strip() for cell in row] == header for row in rows[1:]):
        return None
    columns = {key: [number(row[i]) for row in rows[1:] if row[i].strip()] for i, key in enumerate(header)}
    return {
        key: [v for v in values if v is not None] for key, values in columns.items() if None not in values and values
    }


def _flat(row: object, prefix: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(row, dict) and "_type" in row:  # a picture or film that a tracker stored elsewhere
        return
    if isinstance(row, dict):
        for key, value in row.items():
            yield from _flat(value, f"{prefix}/{key}" if prefix else str(key))
    elif isinstance(row, list):
        for index, value in enumerate(row):
            yield from _flat(value, f"{prefix}/{index}")
    elif (value := number(row)) is not None:
        yield prefix, value


def _json_lines(name: str, data: bytes) -> Table | None:
    table: Table = {}
    rows = [line[line.find("{") :] for line in data.decode("utf-8", "replace").splitlines() if "{" in line]
    good = 0
    for line in rows:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        good += 1
        prefix = "val/" if str(row.get("mode", "")).startswith("val") else ""
        for key, value in _flat(row):
            table.setdefault(prefix + key, []).append(value)
    return table if good > 1 and good >= 0.5 * len(rows) else None


def _json_document(name: str, data: bytes) -> Table | None:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    history = document.get("log_history")
    table: Table = {}
    if isinstance(history, list):
        for row in history:
            for key, value in _flat(row):
                table.setdefault(key, []).append(value)
        return table
    for key, value in document.items():
        values = value.get("values") if isinstance(value, dict) else value
        if isinstance(values, dict):  # strings stand for steps that are missing
            values = [one for one in values.values() if not isinstance(one, str)]
        if isinstance(values, list) and all(isinstance(one, int | float) for one in values):
            table[key] = [float(one) for one in values]
        elif isinstance(values, int | float) and not isinstance(values, bool):
            table[key] = [float(values)]
    return table


def _mlflow_metric(name: str, data: bytes) -> Table | None:
    rows = [line.split() for line in data.decode("utf-8", "replace").splitlines()]
    if not rows or any(len(row) != 3 or not re.fullmatch(r"\d{13}", row[0]) for row in rows):
        return None
    return {name: [float(row[1]) for row in rows]}


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 127) << shift
        if byte < 128:
            return result, at
        shift += 7


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        size = {1: 8, 5: 4}.get(key & 7)
        if size is None:
            size, at = _varint(data, at)
        yield key >> 3, data[at : at + size]
        at += size


def _event_file(name: str, data: bytes) -> Table | None:
    if "tfevents" not in name:
        return None
    table: Table = {}
    at = 0
    while at + 12 <= len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        if at + 16 + size > len(data):
            break
        for field, summary in _fields(data[at + 12 : at + 12 + size]):
            if field == 5 and isinstance(summary, bytes):
                for _, value in _fields(summary):
                    _add_scalar(table, dict(_fields(value)) if isinstance(value, bytes) else {})
        at += 16 + size
    return table


def _add_scalar(table: Table, value: dict[int, int | bytes]) -> None:
    tag, simple, tensor = value.get(1), value.get(2), value.get(8)
    if not isinstance(tag, bytes):
        return
    if isinstance(simple, bytes):
        table.setdefault(tag.decode(), []).append(struct.unpack("<f", simple)[0])
    elif isinstance(tensor, bytes):
        parts = dict(_fields(tensor))
        content = parts.get(4) or parts.get(5)
        if parts.get(1) == 1 and isinstance(content, bytes) and len(content) == 4:
            table.setdefault(tag.decode(), []).append(struct.unpack("<f", content)[0])


def _wandb_file(name: str, data: bytes) -> Table | None:
    if not data.startswith(b":W&B"):
        return None
    table: Table = {}
    for record in _log_records(data):
        for field, body in _fields(record):
            if field != 2 or not isinstance(body, bytes):
                continue
            for inner, item in _fields(body):
                if inner == 1 and isinstance(item, bytes):
                    _add_item(table, item)
    return table


def _add_item(table: Table, item: bytes) -> None:
    keys: list[str] = []
    text = b""
    for field, value in _fields(item):
        if field in (1, 2) and isinstance(value, bytes):
            keys.append(value.decode())
        elif field == 16 and isinstance(value, bytes):
            text = value
    for key, value in _flat(json.loads(text or b"null"), "/".join(keys)):
        table.setdefault(key, []).append(value)


def _log_records(data: bytes) -> Iterator[bytes]:
    at, whole = 7, b""
    while at + 7 <= len(data):
        room = 32768 - at % 32768
        if room < 7:
            at += room
            continue
        _, size, kind = struct.unpack_from("<IHB", data, at)
        if kind == 0 or at + 7 + size > len(data):
            at += room if kind == 0 else 7 + size
            continue
        whole = data[at + 7 : at + 7 + size] if kind in (1, 2) else whole + data[at + 7 : at + 7 + size]
        at += 7 + size
        if kind in (1, 4):
            yield whole


def same(first: float, second: float) -> bool:
    """Whether two readings of one number agree."""
    return (math.isnan(first) and math.isnan(second)) or first == second or math.isclose(first, second, rel_tol=1e-9)
