"""Lines of one form read together: the form once with care, its numbers in bulk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.text.bulk import NUMERIC, Form, fast_columns, form_of
from traindx.readers.text.grammar import shape_of
from traindx.readers.text.lexer import NUMBER_PIECES
from traindx.readers.text.lines import Lines
from traindx.readers.text.shape import Shape
from traindx.run import Floats

_CHUNK: Final = 4 << 20
_BLOCK: Final = 1 << 20
_LONGEST: Final = 100_000
_TO_KEY: Final = bytes(10 if byte == 13 else byte for byte in range(256))
_WITH_NUMBER: Final = re.compile(rb"[0-9]|[nN][aA][nN]|[iI][nN][fF]")
_SPLIT: Final = re.compile(rb"(?i)val|eval|test|dev|train|\xe9\xaa\x8c\xe8\xaf\x81|\xe6\xb5\x8b\xe8\xaf\x95")
WORDS: Final = Shape(kind="words")
TOO_LONG: Final = Shape(kind="noise", failed=f"a line of more than {_LONGEST:,} characters")

Ints = NDArray[np.int64]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """All lines of one form: their numbers (0-based, in order of the file) and the columns that ``shape`` needs."""

    shape: Shape
    lines: Ints
    columns: dict[int, Floats]


def read_batches(lines: Lines) -> list[Batch]:
    """Return the batches of all lines, each line in one batch."""
    batches: list[Batch] = []
    for group in _groups(lines):
        batches.extend(_read_group(lines, group))
    return batches


def _groups(lines: Lines) -> Iterator[Ints]:
    """Lines that agree in everything but the characters numbers are made of."""
    known: dict[bytes, int] = {}
    ids = np.empty(len(lines), dtype=np.int32)
    first = 0
    while first < len(lines):
        last = max(first + 1, int(np.searchsorted(lines.ends, lines.starts[first] + _CHUNK)))
        block = lines.data[lines.starts[first] : lines.ends[last - 1]]
        keys = block.translate(_TO_KEY, NUMERIC).split(b"\n")
        ids[first:last] = [known.setdefault(key, len(known)) for key in keys]
        first = last
    order = np.argsort(ids, kind="stable")
    cuts = np.flatnonzero(np.diff(ids[order])) + 1
    return iter(np.split(order, cuts)) if len(order) else iter(())


def _read_group(lines: Lines, group: Ints) -> Iterator[Batch]:
    long = lines.ends[group] - lines.starts[group] > _LONGEST
    if long.any():
        yield Batch(TOO_LONG, group[long], {})
        group = group[~long]
    raw = lines.raw(int(group[0])) if len(group) else b""
    if not raw.strip():
        return
    if _WITH_NUMBER.search(raw) is None and len(group) == 1:
        yield Batch(
            shape_of(raw.decode("utf-8", "replace")) if len(raw) < 200 and _SPLIT.search(raw) else WORDS, group, {}
        )
    else:
        yield from _decoded(lines, group)


def _decoded(lines: Lines, group: Ints) -> Iterator[Batch]:
    """Decode block by block; where lines of a block differ after all, each form of them on its own."""
    form = form_of(lines.raw(int(group[0])))
    needed = _needed(form.shape)
    parts: list[tuple[Ints, dict[int, Floats]]] = []
    others: dict[tuple[bytes, ...], list[int]] = {}
    for block in _blocks(lines, group):
        columns = fast_columns([lines.raw(index) for index in block.tolist()], form, needed) if len(block) > 8 else None
        if columns is not None:
            parts.append((block, columns))
        else:
            parts.append(_slow(lines, block, form, needed, others))
    alike = np.concatenate([part[0] for part in parts])
    if len(alike):
        yield Batch(form.shape, alike, {c: np.concatenate([part[1][c] for part in parts]) for c in needed})
    for indices in others.values():
        yield from _decoded(lines, np.array(indices, dtype=np.int64))


def _blocks(lines: Lines, group: Ints) -> Iterator[Ints]:
    size = max(1, _BLOCK // max(1, int(lines.ends[group[0]] - lines.starts[group[0]])))
    for start in range(0, len(group), size):
        yield group[start : start + size]


def _needed(shape: Shape) -> list[int]:
    if not shape.fields:
        return []
    columns = {field.column for field in shape.fields} | {field.over for field in shape.fields} | set(shape.clock)
    return sorted((columns | {shape.rank_column}) - {-1})


def _slow(
    lines: Lines, block: Ints, form: Form, needed: Sequence[int], others: dict[tuple[bytes, ...], list[int]]
) -> tuple[Ints, dict[int, Floats]]:
    alike: list[int] = []
    tokens: list[list[bytes]] = []
    for index in block.tolist():
        pieces = NUMBER_PIECES.split(lines.raw(index))
        if tuple(pieces[::2]) == form.literals:
            alike.append(index)
            tokens.append([pieces[2 * column + 1] for column in needed])
        else:
            others.setdefault(tuple(pieces[::2]), []).append(index)
    columns = {column: _floats([row[at] for row in tokens]) for at, column in enumerate(needed)}
    return np.array(alike, dtype=np.int64), columns


def _floats(tokens: list[bytes]) -> Floats:
    try:
        return np.fromiter(map(float, tokens), dtype=np.float64, count=len(tokens))
    except ValueError:
        return np.fromiter((float(token.replace(b",", b"")) for token in tokens), dtype=np.float64, count=len(tokens))
