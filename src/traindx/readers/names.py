"""Numbering the names that lie scattered in a binary file, without one Python string per point."""

from __future__ import annotations

from typing import final

import numpy as np

from traindx.readers.byteview import ByteView, Flags, Ints, Words

_SLOT_BITS = 14
_SLOT_SHIFT = np.uint64(64 - _SLOT_BITS)
_WIDEST = 256  # longer names are compared one by one
_MIX = tuple(np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_ALL = (1 << 64) - 1
_KEEP = np.array([(1 << 8 * size) - 1 for size in range(9)], dtype=np.uint64)


@final
class NameTable:
    """Numbers names 0, 1, 2, ... in the order in which they were first seen.

    A name is looked up by its length and its first and last 8 bytes, then compared in full: two names are never
    taken for one.
    """

    def __init__(self, view: ByteView) -> None:
        self._view = view
        self._known: dict[bytes, int] = {}
        self._slots = np.full(1 << _SLOT_BITS, -1, dtype=np.int32)
        self._sizes = np.full(64, -1, dtype=np.int64)
        self._firsts = np.zeros(64, dtype=np.uint64)
        self._lasts = np.zeros(64, dtype=np.uint64)
        self._letters = np.zeros((64, 1), dtype=np.uint64)

    def __len__(self) -> int:
        return len(self._known)

    @property
    def raw(self) -> list[bytes]:
        """All names, as they stand in the file."""
        return list(self._known)

    @property
    def names(self) -> list[str]:
        """All names; bytes that are not UTF-8 are shown as escapes."""
        return [raw.decode("utf-8", "backslashreplace") for raw in self._known]

    def number(self, raw: bytes) -> int:
        """Return the number of one name, a new one where it was not seen before."""
        found = self._known.get(raw)
        if found is None:
            found = self._known[raw] = len(self._known)
            self._learn(found, raw)
        return found

    def numbers(self, at: Ints, sizes: Ints) -> Ints:
        """Return the number of the name at each offset."""
        ends, hashes = _ends_and_hash(self._view, at, sizes)
        ids: Ints = self._slots[hashes >> _SLOT_SHIFT].astype(np.int64)
        right = self._same(at, sizes, ends, ids)
        if not bool(right.all()):
            wrong = np.flatnonzero(~right)
            ids[wrong] = self._resolved(at[wrong], sizes[wrong], (ends[0][wrong], ends[1][wrong]), hashes[wrong])
        return ids

    def _same(self, at: Ints, sizes: Ints, ends: tuple[Words, Words], ids: Ints) -> Flags:
        """Whether each name is byte for byte the name of that number."""
        same: Flags = (ids >= 0) & (self._sizes[ids] == sizes)
        same &= (self._firsts[ids] == ends[0]) & (self._lasts[ids] == ends[1])
        self._compare_middles(at, sizes, ids, same)
        return same

    def _compare_middles(self, at: Ints, sizes: Ints, ids: Ints, same: Flags) -> None:
        """Clear ``same`` where the bytes between the first 8 and the last 8 differ."""
        active: Ints | slice = slice(None)
        offset, more = 8, same & (sizes > 16)
        while bool(more.any()):
            if not bool(more.all()):
                at, sizes, ids = at[more], sizes[more], ids[more]
                active = np.flatnonzero(more) if isinstance(active, slice) else active[more]
            equal = self._view.words(at + offset) == self._letters[ids, offset // 8]
            same[active] &= equal
            offset += 8
            more = equal & (sizes > offset + 8)

    def _resolved(self, at: Ints, sizes: Ints, ends: tuple[Words, Words], hashes: Words) -> Ints:
        """Number names that the table does not hold yet, or whose place in it another name has."""
        _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        groups = np.zeros(len(first), dtype=np.int64)
        for group in np.argsort(first):  # in the order of the file, which numbers new names
            groups[group] = self.number(self._raw(at, sizes, int(first[group])))
        ids = groups[inverse.reshape(-1)]
        for index in np.flatnonzero(~self._same(at, sizes, ends, ids)):
            ids[index] = self.number(self._raw(at, sizes, int(index)))
        return ids

    def _raw(self, at: Ints, sizes: Ints, index: int) -> bytes:
        start = int(at[index])
        return bytes(self._view.data[start : start + int(sizes[index])])

    def _learn(self, number: int, raw: bytes) -> None:
        if len(raw) > _WIDEST:
            return
        if number >= len(self._sizes):
            more = number + 1
            self._sizes = np.concatenate([self._sizes, np.full(more, -1, dtype=np.int64)])
            self._firsts = np.pad(self._firsts, (0, more))
            self._lasts = np.pad(self._lasts, (0, more))
            self._letters = np.pad(self._letters, ((0, more), (0, 0)))
        words = np.frombuffer(raw[: len(raw) // 8 * 8], dtype="<u8")
        missing = len(words) - self._letters.shape[1]
        if missing > 0:
            self._letters = np.pad(self._letters, ((0, 0), (0, missing)))
        self._letters[number, : len(words)] = words
        first, last, code = _ends_and_hash_of(raw)
        self._sizes[number], self._firsts[number], self._lasts[number] = len(raw), first, last
        slot = code >> int(_SLOT_SHIFT)
        if self._slots[slot] < 0:
            self._slots[slot] = number


def _ends_and_hash_of(raw: bytes) -> tuple[int, int, int]:
    """Return for one name what ``_ends_and_hash`` returns for many."""
    first, last = int.from_bytes(raw[:8], "little"), int.from_bytes(raw[-8:], "little")
    mixed = (first * int(_MIX[0]) ^ (last + len(raw)) * int(_MIX[1])) & _ALL
    return first, last, (mixed ^ (mixed >> 29)) * int(_MIX[2]) & _ALL


def _ends_and_hash(view: ByteView, at: Ints, sizes: Ints) -> tuple[tuple[Words, Words], Words]:
    """Return the first and last 8 bytes of each name (all of a shorter one), and a hash of both and the size."""
    keep = _KEEP[np.minimum(sizes, 8)]
    first = view.words(at) & keep
    last = view.words(at + np.maximum(sizes - 8, 0)) & keep
    mixed = first * _MIX[0] ^ (last + sizes.view(np.uint64)) * _MIX[1]
    return (first, last), (mixed ^ (mixed >> np.uint64(29))) * _MIX[2]
