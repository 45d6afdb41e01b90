"""Settings that event files carry: the hparams plugin's message, and texts that are JSON objects.

Source: https://github.com/tensorflow/tensorboard/blob/master/tensorboard/plugins/hparams/plugin_data.proto
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import cast

from traindx.readers.event_points import Text
from traindx.readers.protobuf import FIXED64, LENGTH, VARINT, Field, MalformedMessageError, fields
from traindx.run import Setting, SettingValue

_SESSION_START = 3
_HPARAMS = 1
_DEEPEST = 8


def settings_of(texts: list[Text], path: str) -> list[Setting]:
    """Return the settings among the texts of one file, with their record."""
    found: list[Setting] = []
    for text in texts:
        where = f"{path}:{text.record + 1}"
        pairs = _hparams(text.content) if text.plugin == "hparams" else _json(text)
        found += [Setting(name, value, where) for name, value in pairs]
    return found


def _hparams(content: bytes) -> list[tuple[str, SettingValue]]:
    data = memoryview(content)
    try:
        return [
            _entry(data, entry)
            for session in fields(data, 0, len(data))
            if session.number == _SESSION_START and session.kind == LENGTH
            for entry in fields(data, session.start, session.end)
            if entry.number == _HPARAMS and entry.kind == LENGTH
        ]
    except MalformedMessageError:
        return []


def _entry(data: memoryview, entry: Field) -> tuple[str, SettingValue]:
    """Read one entry of a map from text to google.protobuf.Value."""
    name, value = "", None
    for part in fields(data, entry.start, entry.end):
        if part.number == 1 and part.kind == LENGTH:
            name = bytes(data[part.start : part.end]).decode("utf-8", "replace")
        elif part.number == 2 and part.kind == LENGTH:
            for inner in fields(data, part.start, part.end):
                value = _plain(data, inner)
    return name, value


def _plain(data: memoryview, part: Field) -> SettingValue:
    if part.number == 2 and part.kind == FIXED64:
        number = float(struct.unpack_from("<d", data, part.start)[0])
        return int(number) if number.is_integer() else number
    if part.number == 3 and part.kind == LENGTH:
        return bytes(data[part.start : part.end]).decode("utf-8", "replace")
    return bool(part.value) if part.number == 4 and part.kind == VARINT else None


def _json(text: Text) -> list[tuple[str, SettingValue]]:
    """Read a text that is a JSON object, as trainers log their arguments; any other text holds no settings."""
    if text.plugin != "text" or not text.content.lstrip().startswith(b"{"):
        return []
    try:
        found: object = json.loads(text.content)
    except (ValueError, RecursionError):
        return []
    prefix = text.tag.removesuffix("/text_summary").replace("/", ".")
    return list(flattened(found, prefix))


def flattened(value: object, name: str, depth: int = 0) -> Iterator[tuple[str, SettingValue]]:
    """Yield the plain values inside nested objects under dotted names; lists are left out."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in cast("dict[str, object]", value).items():
            yield from flattened(inner, f"{name}.{key}" if name else key, depth + 1)
    elif value is None or isinstance(value, str | int | float | bool):
        yield name, value
