"""Settings written in files: JSON, a safe subset of YAML, and name=value lines, each with its line number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final, cast

from traindx.readers.settings_text import settings_from_text
from traindx.readers.yaml_subset import scalar, yaml_settings
from traindx.run import Setting, SettingValue

MAX_BYTES: Final = 1 << 20  # of one settings file: a larger one is data
MAX_SETTINGS: Final = 2_000
_MAX_DEPTH: Final = 12
_MAX_ITEMS: Final = 16  # of one list: longer ones are data
_MAX_TEXT: Final = 300  # characters of one value: longer ones are prompts and templates

__all__ = ["settings_from_file", "settings_from_text"]


def settings_from_file(path: str, data: bytes) -> tuple[Setting, ...]:
    """Return the settings in a file's content; nothing where it is too large or not understood.

    The name decides: ``.json`` is JSON, ``.yaml`` and ``.yml`` the YAML subset, anything else ``name=value`` lines.
    """
    if len(data) > MAX_BYTES:
        return ()
    text = data.decode("utf-8-sig", "replace")
    suffix = PurePath(path).suffix.lower()
    if suffix == ".json":
        return _json_settings(text, path)
    if suffix in (".yaml", ".yml"):
        return yaml_settings(text, path)[:MAX_SETTINGS]
    return settings_from_text(text, path)


def _json_settings(text: str, path: str) -> tuple[Setting, ...]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    found: list[Setting] = []
    cursor = _Cursor(text)
    for name, key, value in _flat(document, "", 0):
        line = cursor.line_of(key)
        if name:
            found.append(Setting(name, value, f"{path}:{line}"))
        if len(found) >= MAX_SETTINGS:
            break
    return tuple(found)


class _Cursor:
    """Finds keys of a JSON text in the order in which the document is walked, each search from the last hit."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def line_of(self, key: str) -> int:
        """Return the 1-based line of the next occurrence of ``key``; the current line where it is not spelled so."""
        found = self._text.find(f'"{key}"', self._at) if key else -1
        if found >= 0:
            self._line += self._text.count("\n", self._at, found)
            self._at = found + 1
        return self._line


def _flat(value: object, name: str, depth: int, key: str = "") -> Iterator[tuple[str, str, SettingValue]]:
    """Yield (dotted name, key, scalar); the name of a mapping itself comes empty, so that the cursor passes its key."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        yield "", key, None
        for inner, item in cast("dict[str, object]", value).items():
            yield from _flat(item, f"{name}.{inner}" if name else inner, depth + 1, inner)
    elif isinstance(value, list):
        items = cast("list[object]", value)
        if len(items) <= _MAX_ITEMS and all(isinstance(item, int | float | str | bool) for item in items):
            for index, item in enumerate(items):
                yield from _flat(item, f"{name}.{index}" if name else str(index), depth + 1, "" if index else key)
    elif isinstance(value, str):
        if len(value) <= _MAX_TEXT:
            yield name, key, scalar(value) if _is_number_text(value) else value
    elif value is None or isinstance(value, int | float | bool):
        yield name, key, value


def _is_number_text(value: str) -> bool:
    return value[:1].isdigit() or value[:1] in "+-."
