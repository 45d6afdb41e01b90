"""Which columns of two splits belong to each other, and what part each plays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np

from traindx.arrays import ArraySource, open_arrays
from traindx.errors import UsageError, unknown_name

Split = str | Path | ArraySource | Sequence[ArraySource] | Mapping[str, ArraySource]
Pair = tuple[ArraySource, ArraySource]

_NUMBERING = re.compile(
    r"(?i)(.*[_./-])?(id|ids|idx|index|uid|uuid|guid|key|row|rownum|row_number|unnamed: 0|__key__|__url__|path|file|filename|file_name|filepath|url)"
)
_LABEL = re.compile(r"(?i)(.*[_./-])?(label|labels|target|targets|y|class|category|cls)")
TEXT_NAME = re.compile(r"(?i)(.*[_./-])?(text|caption|captions|sentence|document|content|txt|prompt|body)")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The columns of two splits, side by side; ``content`` are those whose rows are compared, ``numbering`` those that count rows."""

    train: str
    other: str
    content: tuple[Pair, ...]
    label: Pair | None
    group: Pair | None
    text: tuple[Pair, ...]
    numbering: tuple[str, ...]
    limits: tuple[str, ...]


def paired(train: Split, other: Split, *, group: str = "", text: str = "", label: str = "") -> Paired:
    """Return which columns of two splits belong to each other: those of one name, or lone ones.

    Raises ``UsageError`` where no column fits, or one that was named is missing.
    """
    (first, first_name), (second, second_name) = opened(train), opened(other)
    first_name, second_name = short_names(first_name, second_name)
    pairs, limits = _matched(first, second)
    if not pairs:
        raise UsageError(
            "the two splits have no column in common",
            where=f"{first_name} and {second_name}",
            hint=f"{_listed(first)} stand against {_listed(second)}; name one array of each, as in data.npz::x",
        )
    rows = Counter(len(a) for a, _ in pairs).most_common(1)[0][0]
    beside = [pair for pair in pairs if len(pair[0]) == rows]
    length = Counter(len(b) for _, b in beside).most_common(1)[0][0]
    kept = [pair for pair in beside if len(pair[1]) == length]
    limits += [
        f"{a.name or a.where} was left out: its rows do not stand beside the others"
        for a, b in pairs
        if (a, b) not in kept
    ]
    known = {*first, *second}
    grouping, named, texts = (
        _named(name, kept, part, known) for name, part in ((group, "group"), (label, "label"), (text, "text"))
    )
    labels = named or next((p for p in kept if len(known) > 1 and _LABEL.fullmatch(p[0].name) and is_flat(p[0])), None)
    free = [p for p in kept if p is not labels and p is not grouping and p is not texts]
    numbering = [p for p in free if _numbers(p[0])]
    names = [p for p in free if p not in numbering and is_flat(p[0]) and _NUMBERING.fullmatch(p[0].name)]
    rest = [p[0] for p in kept if p is not labels and p is not grouping and p not in numbering and p not in names]
    if sum(_CONTENT_BYTES if source.kind != "number" else source.row_bytes for source in rest) >= _CONTENT_BYTES:
        numbering += names
    limits += [f"{p[0].name} was left out of what makes rows equal: it numbers or names them" for p in numbering]
    inside = [p for p in kept if p is not labels and p is not grouping and p not in numbering]
    return Paired(
        train=first_name,
        other=second_name,
        content=tuple(inside or ([labels] if labels else kept)),
        label=labels,
        group=grouping,
        text=(texts,)
        if texts
        else tuple(p for p in inside if p[0].kind == "text" and (len(inside) == 1 or TEXT_NAME.fullmatch(p[0].name))),
        numbering=tuple(p[0].name for p in numbering),
        limits=tuple(limits),
    )


def opened(split: Split) -> tuple[dict[str, ArraySource], str]:
    """Return the columns of a split by name, and what it is called."""
    if isinstance(split, (str, Path)):
        return dict(open_arrays(split)), str(split)
    if isinstance(split, ArraySource):
        sources = [split]
    elif isinstance(split, Mapping):
        sources = list(split.values())
    else:
        sources = list(split)
    if not sources:
        raise UsageError("there is no column to compare", hint="name at least one")
    return {source.name: source for source in sources}, sources[0].where


def short_names(first: str, second: str) -> tuple[str, str]:
    """Return two paths without the directories that they share.

    >>> short_names("/data/cats/train.npz", "/data/cats/test.npz"), short_names("a/x.npy", "b/x.npy")
    (('train.npz', 'test.npz'), ('a/x.npy', 'b/x.npy'))
    """
    one, other = Path(first).parts, Path(second).parts
    shared = 0
    while shared < min(len(one), len(other)) - 1 and one[shared] == other[shared]:
        shared += 1
    return str(Path(*one[shared:])) if one else first, str(Path(*other[shared:])) if other else second


def _matched(first: Mapping[str, ArraySource], second: Mapping[str, ArraySource]) -> tuple[list[Pair], list[str]]:
    """Return the pairs of one name; else of one last part of the name (``train/x`` and ``test/x``); else the lone two."""
    common = [name for name in first if name in second]
    pairs = [(first[name], second[name]) for name in common]
    if not pairs:
        short, other = _by_last_part(first), _by_last_part(second)
        pairs = [(source, other[name]) for name, source in short.items() if name in other]
    if not pairs and len(first) == len(second) == 1:
        pairs = [(next(iter(first.values())), next(iter(second.values())))]
    fitting = [pair for pair in pairs if _fit(*pair)]
    limits = [
        f"{a.name or a.where} was not compared: its shape or type differs between the splits"
        for a, b in pairs
        if not _fit(a, b)
    ]
    missing = [name for name in {*first, *second} if len(pairs) == len(common) and name not in common]
    limits += [f"{name} was not compared: only one split has it" for name in sorted(missing)] if pairs else []
    return fitting, limits


def _by_last_part(sources: Mapping[str, ArraySource]) -> dict[str, ArraySource]:
    parts = Counter(name.rpartition("/")[2] for name in sources)
    return {name.rpartition("/")[2]: s for name, s in sources.items() if parts[name.rpartition("/")[2]] == 1}


def _fit(a: ArraySource, b: ArraySource) -> bool:
    return a.kind == b.kind and bool(a.shape) and bool(b.shape) and (a.kind != "number" or a.shape[1:] == b.shape[1:])


def _named(name: str, pairs: Sequence[Pair], part: str, known: set[str]) -> Pair | None:
    """Return the pair of a name; None where no name is asked for, or only one split has it, which the limits tell."""
    for pair in pairs:
        if name and name in {pair[0].name, pair[0].name.rpartition("/")[2]}:
            return pair
    if not name or name in known:
        return None
    raise unknown_name(f"{part} column", name, [pair[0].name for pair in pairs])


def is_flat(source: ArraySource) -> bool:
    """Return whether a row is one number or one text."""
    return source.kind == "text" or (source.kind == "number" and int(np.prod(source.shape[1:], dtype=np.int64)) == 1)


def is_classes(source: ArraySource) -> bool:
    """Return whether a column holds names of classes rather than amounts: texts or whole numbers that come several times.

    >>> from traindx.arrays import MemorySource
    >>> is_classes(MemorySource(np.array([0, 1, 1, 0]))), is_classes(MemorySource(np.array([0.1, 0.7, 0.2, 0.1])))
    (True, False)
    """
    if not is_flat(source):
        return False
    head = source.read(0, min(len(source), _LOOK)).ravel()
    if source.kind == "number" and not bool(np.all(np.isfinite(head) & (head == np.trunc(head)))):
        return False
    return 2 * len(set(head.tolist())) <= len(head)


_LOOK = 4096
"""Rows that tell classes from amounts."""


def _numbers(source: ArraySource) -> bool:
    """Return whether a column counts or names the rows: no value comes twice, and its name says so or it rises by one from row to row."""
    if not is_flat(source) or len(source) < 3:
        return False
    head = source.read(0, min(len(source), _HEAD))
    values = head.reshape(-1) if source.kind == "number" else np.array([str(value) for value in head], dtype=object)
    if len(set(values.tolist())) < len(values):
        return False
    rising = (
        source.kind == "number" and source.dtype.kind in "iu" and bool((np.diff(values.astype(np.int64)) == 1).all())
    )
    return rising or _NUMBERING.fullmatch(source.name) is not None


_HEAD = 100_000
"""Rows that are looked at: a column that names users or pictures repeats itself sooner."""


_CONTENT_BYTES = 64
"""What the other columns must take for names of users or pictures to be left out of what makes rows equal; a table of little else is made of such names."""


def _listed(sources: Mapping[str, ArraySource]) -> str:
    names = [repr(name) for name in list(sources)[:8]]
    return ", ".join(names) + (" ..." if len(sources) > 8 else "")
