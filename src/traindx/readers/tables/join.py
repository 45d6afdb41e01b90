"""Sections of one table to one set of columns, each told to be numbers, moments, words or free text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from traindx.readers.axis import Column
from traindx.readers.tables.rows import Part, Vocabulary
from traindx.readers.tables.section import Section, joined_numbers
from traindx.readers.tables.table import Losses, Table, Words
from traindx.run import Setting

_TOLD = 10  # how many names of columns left out are told


def table_of(sections: Sequence[Section], losses: Losses, settings: tuple[Setting, ...]) -> Table:
    """Join the sections by column name, in order of first appearance. The sections are used up."""
    filled = [section for section in sections if section.rows] or list(sections[:1])
    sizes = [section.rows for section in filled]
    records = np.concatenate([block for section in filled for block in section.records] or [np.zeros(0, np.int64)])
    names = dict.fromkeys(name for section in filled for name in section.names)
    indices = [{name: at for at, name in enumerate(section.names)} for section in filled]
    columns: dict[str, Column] = {}
    words: dict[str, Words] = {}
    moments: set[str] = set()
    free: list[str] = []
    for name in names:
        places = [(section, index.get(name)) for section, index in zip(filled, indices, strict=True)]
        known = [section.vocabularies[at] for section, at in places if at is not None]
        kind = _kind(known)
        if kind == "words":
            words[name] = _joined_words(places, sizes)
        elif kind == "free":
            free.append(name)
        elif kind != "empty":
            columns[name] = joined_numbers(_parts(places, sizes))
            moments.update([name] if kind == "moments" else [])
            _count_words(name, known, losses)
    if free:
        losses.note(f"columns of text were left out: {', '.join(free[:_TOLD])}", int(records[0]) if len(records) else 1)
    return Table(
        columns=columns,
        words=words,
        records=records,
        moments=frozenset(moments),
        settings=settings,
        notes=tuple(losses.notes),
        skipped=losses.skips(),
        ignored=losses.ignored,
        incomplete=losses.incomplete,
    )


def _kind(known: Sequence[Vocabulary]) -> str:
    """What most cells of a column are."""
    numbers, words = sum(k.numbers for k in known), sum(k.words for k in known)
    if not numbers and not words:
        return "empty"
    if words > numbers:
        return "free" if any(k.is_free_text for k in known) else "words"
    return "moments" if 2 * sum(k.moments for k in known) > numbers else "numbers"


def _count_words(name: str, known: Sequence[Vocabulary], losses: Losses) -> None:
    count = sum(k.words for k in known)
    if count:
        first = next(k for k in known if k.words)
        losses.skip(f"a cell of column {name[:60]!r} is no number (as {next(iter(first.codes))[:40]!r})",
                    first.first_word, count)  # fmt: skip


def _parts(places: Sequence[tuple[Section, int | None]], sizes: Sequence[int]) -> list[Part | int]:
    parts: list[Part | int] = []
    for (section, at), size in zip(places, sizes, strict=True):
        if at is None:
            parts.append(size)
        else:
            parts.extend(section.columns[at])
            section.columns[at].clear()
    return parts


def _joined_words(places: Sequence[tuple[Section, int | None]], sizes: Sequence[int]) -> Words:
    vocabulary: dict[str, int] = {}
    pieces: list[NDArray[np.int32]] = []
    for (section, at), size in zip(places, sizes, strict=True):
        if at is None:
            pieces.append(np.full(size, -1, dtype=np.int32))
            continue
        for word in section.vocabularies[at].codes:
            _ = vocabulary.setdefault(word, len(vocabulary))
        # One more entry at the end, so that the code -1 stays -1.
        moved = np.array([*(vocabulary[word] for word in section.vocabularies[at].codes), -1], dtype=np.int32)
        pieces.extend(moved[_codes(part)] for part in section.columns[at])
    return Words(np.concatenate(pieces), tuple(vocabulary))


def _codes(part: Part) -> NDArray[np.int32]:
    return np.full(len(part.numbers.rows()), -1, dtype=np.int32) if part.codes is None else part.codes
