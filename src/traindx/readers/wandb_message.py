"""W&B's messages, decoded one at a time: for everything that is not a plain history item.

Source: https://github.com/wandb/wandb/blob/main/wandb/proto/wandb_internal.proto
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Final, cast

from traindx.readers.json_numbers import not_finite
from traindx.readers.protobuf import FIXED64, LENGTH, VARINT, Field, fields, signed, write_varint
from traindx.run import SettingValue

# Field numbers of a record.
HISTORY: Final = 2
CONFIG: Final = 5
METRIC: Final = 12
RUN: Final = 17
EXIT: Final = 18

_KEY, _NESTED_KEY, _BOOLEAN, _INTEGER, _NUMBER, _TEXT, _JSON, _VALUE_JSON = 1, 2, 4, 5, 6, 7, 8, 16
_DEEPEST = 8
_MOST_PARTS = 1000  # numbers taken out of one nested value


def record_part(data: memoryview, start: int, end: int) -> Field | None:
    """Return the field that says what a record is, or None for an empty record. Raises MalformedMessageError."""
    found = None
    for part in fields(data, start, end):
        if part.kind == LENGTH and (2 <= part.number <= 15 or 17 <= part.number <= 100) and part.number != 19:
            found = part
    return found


def history_items(data: memoryview, start: int, end: int) -> tuple[list[tuple[int, int]], int | None]:
    """Return where the items of a history message lie, and its step. Raises MalformedMessageError."""
    items: list[tuple[int, int]] = []
    step = None
    for part in fields(data, start, end):
        if part.number == 1 and part.kind == LENGTH:
            items.append((part.start, part.end))
        elif part.number == 2 and part.kind == LENGTH:
            step = first_number(data, part, 1)
    return items, step


def first_number(data: memoryview, message: Field, number: int) -> int:
    """Return an integer field of a message, 0 where it is absent."""
    found = (f.value for f in fields(data, message.start, message.end) if f.number == number and f.kind == VARINT)
    return signed(next(found, 0))


def first_text(data: memoryview, message: Field, number: int) -> str:
    """Return a text field of a message, empty where it is absent."""
    for part in fields(data, message.start, message.end):
        if part.number == number and part.kind == LENGTH:
            return bytes(data[part.start : part.end]).decode("utf-8", "replace")
    return ""


def item(data: memoryview, start: int, end: int) -> tuple[str, object]:
    """Return name and value of an item. Raises MalformedMessageError, or ValueError where the JSON is none."""
    path: list[str] = []
    value: object = None
    for part in fields(data, start, end):
        if part.number in (_KEY, _NESTED_KEY) and part.kind == LENGTH:
            path.append(bytes(data[part.start : part.end]).decode("utf-8", "backslashreplace"))
        elif part.number in (_VALUE_JSON, _JSON) and part.kind == LENGTH:
            value = _loaded(bytes(data[part.start : part.end]))
        elif part.number == _TEXT and part.kind == LENGTH:
            value = bytes(data[part.start : part.end]).decode("utf-8", "replace")
        elif part.number == _NUMBER and part.kind == FIXED64:
            value = struct.unpack_from("<d", data, part.start)[0]
        elif part.number == _INTEGER and part.kind == VARINT:
            value = (part.value >> 1) ^ -(part.value & 1)
        elif part.number == _BOOLEAN and part.kind == VARINT:
            value = bool(part.value)
    return "/".join(path), value


def name_field(name: str) -> bytes:
    """Return the field that spells a name of one part."""
    raw = name.encode("utf-8", "surrogatepass")
    return bytes([_NESTED_KEY << 3 | LENGTH]) + write_varint(len(raw)) + raw


def spelled(raw: bytes) -> str:
    """Return the name that key fields spell, its parts joined with "/"."""
    data = memoryview(raw)
    parts = [raw[part.start : part.end] for part in fields(data, 0, len(raw))]
    return "/".join(part.decode("utf-8", "backslashreplace") for part in parts)


def _loaded(text: bytes) -> object:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def numbers(name: str, value: object) -> list[tuple[str, float]]:
    """Return the numbers in a logged value: nested names joined with "/", places in a list as "/0", "/1", ...

    Media (objects with a "_type"), texts and truth values hold none.
    """
    found: list[tuple[str, float]] = []
    for pair in _numbers(name, value, 0):
        found.append(pair)
        if len(found) == _MOST_PARTS:
            break
    return found


def _numbers(name: str, value: object, depth: int) -> Iterator[tuple[str, float]]:
    if isinstance(value, bool) or value is None or depth > _DEEPEST:
        return
    if isinstance(value, int | float):
        yield name, _float(value)
    elif isinstance(value, str):
        number = not_finite(value)
        if number is not None:
            yield name, number
    elif isinstance(value, dict):
        parts = cast("dict[str, object]", value)
        if "_type" not in parts:
            for key, inner in parts.items():
                yield from _numbers(f"{name}/{key}", inner, depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[object]", value)):
            yield from _numbers(f"{name}/{index}", inner, depth + 1)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond the range of float64
        return float("inf") if value > 0 else float("-inf")


def config_pairs(data: memoryview, config: Field) -> list[tuple[str, SettingValue]]:
    """Return the settings of a config message under dotted names. Raises MalformedMessageError."""
    pairs: list[tuple[str, SettingValue]] = []
    for part in fields(data, config.start, config.end):
        if part.number == 1 and part.kind == LENGTH:
            try:
                name, value = item(data, part.start, part.end)
            except ValueError:
                continue
            if name != "_wandb":
                pairs += _settings(name.replace("/", "."), _unwrapped(value), 0)
    return pairs


def _unwrapped(value: object) -> object:
    """Old clients wrap each setting: {"value": ..., "desc": ...}."""
    if not isinstance(value, dict):
        return value
    wrapper = cast("dict[str, object]", value)
    return wrapper["value"] if {"value"} <= wrapper.keys() <= {"value", "desc"} else wrapper


def _settings(name: str, value: object, depth: int) -> Iterator[tuple[str, SettingValue]]:
    if isinstance(value, dict) and depth <= _DEEPEST:
        for key, inner in cast("dict[str, object]", value).items():
            yield from _settings(f"{name}.{key}", _unwrapped(inner), depth + 1)
    elif value is None or isinstance(value, str | int | float | bool):
        yield name, value
