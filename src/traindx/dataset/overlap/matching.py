"""Rows whose content is equal: candidates by their hash, each compared with the content before it is believed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import compiled, has_numba
from traindx.dataset.overlap.content import Content, gather, hashes
from traindx.dataset.overlap.hashing import Words

Rows = NDArray[np.int64]

BUDGET_BYTES = 1 << 30
"""Memory that matching may take by default: enough for 40 million rows at once; more rows are parted by hash on disk."""

_BYTES_PER_ROW = 24  # the hash, the key that is sorted, and what compares neighbouring keys
_COMPARED = 1 << 16
_SPILT = np.dtype([("hash", np.uint64), ("row", np.int64)])


@final
@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of rows with equal content, each of two rows or more.

    The rows of group ``g`` are ``members[starts[g]:starts[g + 1]]``, rising. With two sets of rows, those of the second are
    numbered behind those of the first.
    """

    members: Rows
    starts: Rows

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> Rows:
        """How many rows each group has."""
        return np.diff(self.starts)

    def of_members(self) -> Rows:
        """For each member the number of its group."""
        return np.repeat(np.arange(len(self)), self.sizes)


def rising_order(rows: Rows) -> Rows:
    """Return the order in which row numbers rise, all of them different.

    The numbers and their places share one 64-bit key where they fit: sorting keys is several times as fast as sorting places by keys.

    >>> rising_order(np.array([30, 10, 20])).tolist()
    [1, 2, 0]
    """
    bits = max(1, len(rows) - 1).bit_length()
    if not len(rows) or int(rows.max()).bit_length() + bits > 64:
        return np.argsort(rows)
    keys = rows.astype(np.uint64) << np.uint64(bits)
    keys |= np.arange(len(rows), dtype=np.uint64)
    keys.sort()
    return (keys & np.uint64((1 << bits) - 1)).astype(np.int64)


def groups_of(members: Rows, boundaries: NDArray[np.bool_]) -> Groups:
    """Return the groups that begin where ``boundaries`` is true, without those of a single row."""
    starts = np.append(np.flatnonzero(boundaries), len(members))
    sizes = np.diff(starts)
    if (sizes < 2).any():
        members = members[np.repeat(sizes >= 2, sizes)]
        sizes = sizes[sizes >= 2]
        starts = np.concatenate(([0], np.cumsum(sizes)))
    return Groups(members, starts.astype(np.int64))


def equal_hashes(found: Words, rows: Rows | None = None) -> Groups:
    """Return the groups of equal hashes; ``rows`` are their row numbers where these are not 0, 1, 2, ...

    One sort of 64-bit keys: the upper bits of the hash above the number of the row, so that equal hashes stand together and
    their rows in order. Where only the upper bits agree, the whole hashes part them again.

    >>> equal_hashes(np.array([7, 5, 7, 9, 5], dtype=np.uint64) << np.uint64(32)).members.tolist()
    [1, 4, 0, 2]
    """
    bits = np.uint64(max(1, (len(found) - 1).bit_length()))
    keys = found >> bits
    keys <<= bits
    keys |= np.arange(len(found), dtype=np.uint64)
    keys.sort()
    same = (keys[1:] ^ keys[:-1]) >> bits == 0
    if not same.any():
        return Groups(np.empty(0, np.int64), np.zeros(1, np.int64))
    inside = np.zeros(len(found), dtype=np.bool_)
    inside[1:] = same
    first = ~inside
    inside[:-1] |= same
    members = (keys[inside] & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    groups = _parted(members, first[inside], found)
    return groups if rows is None else Groups(rows[groups.members], groups.starts)


def _parted(members: Rows, boundaries: NDArray[np.bool_], found: Words) -> Groups:
    whole = found[members]
    differs = np.zeros(len(members), dtype=np.bool_)
    differs[1:] = (whole[1:] != whole[:-1]) & ~boundaries[1:]
    if not differs.any():
        return groups_of(members, boundaries)
    run = np.cumsum(boundaries)
    mixed = np.flatnonzero(np.isin(run, run[differs]))
    order = np.lexsort((members[mixed], whole[mixed], run[mixed]))
    members[mixed] = members[mixed][order]
    whole = found[members]
    again = boundaries.copy()
    again[1:] |= whole[1:] != whole[:-1]
    return groups_of(members, again)


def matching_rows(
    first: Content, second: Content | None = None, *, threads: int = 1, budget_bytes: int = BUDGET_BYTES
) -> Iterator[Groups]:
    """Yield the groups of rows with equal content, of one set of rows or of two together, in as many parts as the budget asks for.

    A group is never split between parts. Rows beyond the budget are parted by their hash into files of a temporary directory, 16 bytes each.
    """
    sets = (first,) if second is None else (first, second)
    total = sum(map(len, sets))
    stream = (block for one in sets for block in hashes(one, threads=threads))
    if total * _BYTES_PER_ROW <= budget_bytes:
        whole = np.empty(total, dtype=np.uint64)
        position = 0
        for block in stream:
            whole[position : position + len(block)] = block
            position += len(block)
        yield confirmed(equal_hashes(whole), sets, budget_bytes)
        return
    parts = 1 << (total * (_BYTES_PER_ROW + _SPILT.itemsize) // max(1, budget_bytes)).bit_length()
    for found, rows in _spilt(stream, min(parts, 1024)):
        yield confirmed(equal_hashes(found, rows), sets, budget_bytes)


def _spilt(stream: Iterable[Words], parts: int) -> Iterator[tuple[Words, Rows]]:
    """Yield hashes and row numbers, parted by the upper bits of the hash."""
    shift = np.uint64(64 - (parts.bit_length() - 1))
    with tempfile.TemporaryDirectory(prefix="traindx-") as folder:
        paths = [Path(folder) / str(part) for part in range(parts)]
        position = 0
        for block in stream:
            records = np.empty(len(block), dtype=_SPILT)
            part = (block >> shift).astype(np.int64)
            order = np.argsort(part, kind="stable")
            records["hash"], records["row"] = block[order], position + order
            for number, piece in enumerate(np.split(records, np.searchsorted(part[order], np.arange(1, parts)))):
                if len(piece):
                    with paths[number].open("ab") as file:
                        piece.tofile(file)
            position += len(block)
        for path in paths:
            if path.exists():
                records = np.fromfile(path, dtype=_SPILT)
                path.unlink()
                yield np.ascontiguousarray(records["hash"]), np.ascontiguousarray(records["row"])


def confirmed(groups: Groups, sets: tuple[Content, ...], budget_bytes: int = BUDGET_BYTES) -> Groups:
    """Return the groups with every row compared, word for word, with the first of its group.

    Rows that merely share the hash are parted by a 256-bit digest of their content, in linear time however many there are.
    """
    if not len(groups):
        return groups
    step = max(1, budget_bytes // (4 * sum(one.row_bytes + 32 for one in sets)))
    labels = groups.of_members()
    leaders = np.repeat(groups.starts[:-1], groups.sizes)
    alike = np.concatenate(
        [
            _equal(sets, groups.members, leaders, low, min(low + step, len(labels)))
            for low in range(0, len(labels), step)
        ]
    )
    if alike.all():
        return groups
    strays: dict[tuple[int, bytes], int] = {}
    names = labels.copy()
    for at in np.flatnonzero(~alike).tolist():
        key = (int(labels[at]), _digest(sets, int(groups.members[at])))
        names[at] = strays.setdefault(key, len(groups) + len(strays))
    order = np.lexsort((groups.members, names))
    boundaries = np.ones(len(order), dtype=np.bool_)
    boundaries[1:] = np.diff(names[order]) != 0
    return groups_of(groups.members[order], boundaries)


def _equal(sets: tuple[Content, ...], members: Rows, leaders: Rows, low: int, high: int) -> NDArray[np.bool_]:
    """Compare the members from ``low`` to before ``high`` with the leaders of their groups, which stand at ``leaders``."""
    begin = min(low, int(leaders[low]))
    rows, at = members[low:high], leaders[low:high] - low
    ahead = int(begin < low)  # a group that began in an earlier slice: its leader is read again
    if ahead:
        rows = np.concatenate((members[begin : begin + 1], rows))
        at = np.maximum(at + 1, 0)
    order = rising_order(rows)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    mine, theirs = place[ahead:], place[at]
    equal = np.ones(high - low, dtype=np.bool_)
    for columns in _read(sets, rows[order]):
        if isinstance(columns, np.ndarray):
            _compare(columns, mine, theirs, equal)
        else:
            same: list[bool] = [columns[i] == columns[j] for i, j in zip(mine.tolist(), theirs.tolist(), strict=True)]
            equal &= np.array(same, dtype=np.bool_)
    return equal


def _compare(words: Words, mine: Rows, theirs: Rows, equal: NDArray[np.bool_]) -> None:
    """Clear ``equal`` where two rows of words differ."""
    if has_numba():
        compiled(_compare_kernel)(words, mine, theirs, equal)
        return
    for start in range(0, len(mine), _COMPARED):
        stop = start + _COMPARED
        equal[start:stop] &= (words[mine[start:stop]] == words[theirs[start:stop]]).all(axis=1)


def _compare_kernel(words: Words, mine: Rows, theirs: Rows, equal: NDArray[np.bool_]) -> None:
    for i in range(len(mine)):
        one, other = mine[i], theirs[i]
        for j in range(words.shape[1]):
            if words[one, j] != words[other, j]:
                equal[i] = False
                break


def _read(sets: tuple[Content, ...], rows: Rows) -> Iterator[Words | list[bytes]]:
    """Yield, column by column, the content of rows that are numbered through all sets."""
    cut = int(np.searchsorted(rows, len(sets[0])))
    if cut == len(rows):
        yield from gather(sets[0], rows)
        return
    if cut == 0:
        yield from gather(sets[1], rows - len(sets[0]))
        return
    for one, other in zip(gather(sets[0], rows[:cut]), gather(sets[1], rows[cut:] - len(sets[0])), strict=True):
        if isinstance(one, np.ndarray):
            yield np.concatenate((one, np.asarray(other, dtype=np.uint64)))
        else:
            yield [*one, *(piece for piece in other if isinstance(piece, bytes))]


def _digest(sets: tuple[Content, ...], row: int) -> bytes:
    digest = blake2b(digest_size=32)
    for columns in _read(sets, np.array([row], dtype=np.int64)):
        piece = columns.tobytes() if isinstance(columns, np.ndarray) else columns[0]
        digest.update(len(piece).to_bytes(8, "little") + piece)
    return digest.digest()
