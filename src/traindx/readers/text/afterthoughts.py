"""What the whole of a line says about fields that were read one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from traindx.readers.text.names import split_mark
from traindx.readers.text.shape import Field

_SPLIT_KEYS: Final = re.compile(r"""['"]?(?:mode|split|phase|subset|stage)['"]?\s?[:=]\s?['"]?(\w{2,12})""")

_TAGS: Final = re.compile(r"(?:^|\|)\s*([A-Za-z_]\w{0,30})\s*(?=\|)")
_LEVELS: Final = frozenset({"INFO", "DEBUG", "WARNING", "train", "valid", "test", "root"})


def tag_of(message: str) -> str:
    """Return the word between bars that tells apart lines which print one name for different quantities."""
    return next((tag for tag in _TAGS.findall(message) if tag not in _LEVELS), "")


def told_split(message: str) -> str | None:
    """Return the split that a ``mode`` or ``split`` key of the line tells, None without one."""
    told = _SPLIT_KEYS.search(message)
    return split_mark(told.group(1)) if told else None


def plain_lists(fields: Sequence[Field], lists: Mapping[str, int]) -> list[Field]:
    """Give the only element of a list the name of the list; ``lists`` counts the elements by name."""
    single = {f"{name}/0": name for name, count in lists.items() if count == 1}
    return [replace(field, name=single[field.name]) if field.name in single else field for field in fields]


def leading_pair(fields: list[Field]) -> list[Field]:
    """``[5/100][20/938]`` in front of metrics are epoch and iteration."""
    if [field.role for field in fields[:2]] != ["progress", "progress"] or fields[0].column != 0:
        return fields
    return [replace(fields[0], role="epoch"), replace(fields[1], role="inner"), *fields[2:]]


def is_lone_step(fields: Sequence[Field]) -> bool:
    """Whether a step is all there is: a leading ``50:`` counts only where metrics follow."""
    return len(fields) == 1 and fields[0].role == "step" and fields[0].name == "step"
