"""Writing values into a TOML table without disturbing the rest of the file.

The text is edited line by line, then parsed: where it does not say what it should, nothing is written.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping
from typing import cast

from traindx.errors import UsageError

Value = int | float | str | bool
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def with_values(text: str, table: str, values: Mapping[str, Value]) -> str:
    """Return TOML ``text`` with ``values`` set in ``[table]``, which is added where there is none.

    Raises ``UsageError`` where the text is no TOML, or writes the table in a way that cannot be edited safely.
    """
    wanted = _parsed(text)
    wanted[table] = {**_subtable(wanted, table), **values}
    lines = text.splitlines()
    start, end = _extent(lines, table)
    kept = [line for line in lines[start:end] if _key(line) not in values]
    while kept and not kept[-1].strip():
        kept.pop()
    new = [f"{_quoted_key(key)} = {toml_value(value)}" for key, value in values.items()]
    after = ["", *lines[end:]] if lines[end:] else []
    head = lines[:start] if kept else [*lines, *([""] if lines else []), f"[{table}]"]
    made = "\n".join([*head, *kept, *new, *after]) + "\n"
    if _parsed(made) != wanted:
        raise UsageError(f"cannot edit [{table}] safely", hint=f"write it by hand: {', '.join(new)}")
    return made


def toml_value(value: Value) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # a JSON string is a basic TOML string
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return repr(value)


def _parsed(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"not valid TOML: {error}".lower(), hint="mend the file first") from error


def _subtable(document: Mapping[str, object], table: str) -> Mapping[str, object]:
    found = document.get(table, {})
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _extent(lines: list[str], table: str) -> tuple[int, int]:
    """Return the lines of a table, header included; both at the end where there is no such table."""
    heads = [i for i, line in enumerate(lines) if line.lstrip().startswith("[")]
    start = next((i for i in heads if lines[i].split("#")[0].replace(" ", "").strip() == f"[{table}]"), len(lines))
    return start, next((i for i in heads if i > start), len(lines))


def _key(line: str) -> str:
    return line.partition("=")[0].strip().strip("\"'")


def _quoted_key(key: str) -> str:
    return key if _BARE.match(key) else toml_value(key)
