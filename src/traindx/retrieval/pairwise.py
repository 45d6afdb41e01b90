"""The score of a pair of rows, to the last bit the same whoever computes it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import compiled, has_numba

_CHUNK_NUMBERS = 1 << 18
"""Products held at a time: 2 MB, which stay in the cache."""

_COMPILED_FROM = 64
"""Rows from which starting the compiled loop is worth its call."""


def tree_sum(terms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of each row of ``terms`` (rows, D), which is overwritten: the upper half onto the lower until one is left.

    Every addition is one of two float64 numbers in an order that depends on D alone, so that numpy, machine code and a GPU give the
    same bits, however the rows are cut or shared out; at most ceil(log2 D) roundings lie between a term and the sum.

    >>> tree_sum(np.array([[1.0, 2.0, 3.0]]))
    array([6.])
    """
    width = terms.shape[1]
    while width > 1:
        half = (width + 1) // 2
        terms[:, : width - half] += terms[:, half:width]
        width = half
    return terms[:, 0].copy() if terms.shape[1] else np.zeros(len(terms))


def row_dots(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float64]:
    """Return the dot product of each row of ``left`` (rows, D) with the same row of ``right``, in float64 in the order of ``tree_sum``."""
    rows = np.arange(len(left), dtype=np.int64)
    return pair_dots(left, right, rows, rows)


def pair_dots(
    left: NDArray[Any], right: NDArray[Any], left_rows: NDArray[np.int64], right_rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the dot product of ``left[left_rows[k]]`` with ``right[right_rows[k]]`` for every k, in float64 in the order of ``tree_sum``."""
    found = np.empty(len(left_rows), dtype=np.float64)
    if len(left_rows) >= _COMPILED_FROM and has_numba() and _plain(left) and _plain(right):
        compiled(_pair_dots)(_read_only(left), _read_only(right), left_rows, right_rows, found)
        return found
    step = max(1, _CHUNK_NUMBERS // max(1, left.shape[1]))
    for start in range(0, len(found), step):
        part = slice(start, start + step)
        terms = left[left_rows[part]].astype(np.float64)
        terms *= right[right_rows[part]].astype(np.float64)
        found[part] = tree_sum(terms)
    return found


def _plain(array: NDArray[Any]) -> bool:
    """Whether the compiled loop knows the numbers: other kinds take the way through numpy."""
    return (
        array.dtype.isnative
        and array.dtype.name in {"float32", "float64"}
        and array.flags.c_contiguous
        and array.flags.aligned
    )


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """The same rows under one type: a loop is compiled anew for arrays that can be written."""
    view = array.view()
    view.flags.writeable = False
    return view


def _pair_dots(left: Any, right: Any, left_rows: Any, right_rows: Any, found: Any) -> None:
    """The order of ``tree_sum`` without its temporaries: where D is a multiple of eight, its first three levels in one pass."""
    dim = left.shape[1]
    at_once = dim % 8 == 0 and dim >= 64
    first = dim // 8 if at_once else (dim + 1) // 2
    terms = np.empty(max(1, first), dtype=np.float64)
    for pair in range(len(left_rows)):
        one, other = left[left_rows[pair]], right[right_rows[pair]]
        if at_once:
            a0, a1, a2, a3 = one[:first], one[first : 2 * first], one[2 * first : 3 * first], one[3 * first : 4 * first]
            a4, a5, a6, a7 = (
                one[4 * first : 5 * first],
                one[5 * first : 6 * first],
                one[6 * first : 7 * first],
                one[7 * first :],
            )
            b0, b1, b2, b3 = (
                other[:first],
                other[first : 2 * first],
                other[2 * first : 3 * first],
                other[3 * first : 4 * first],
            )
            b4, b5, b6, b7 = (
                other[4 * first : 5 * first],
                other[5 * first : 6 * first],
                other[6 * first : 7 * first],
                other[7 * first :],
            )
            for k in range(first):
                even = (np.float64(a0[k]) * np.float64(b0[k]) + np.float64(a4[k]) * np.float64(b4[k])) + (
                    np.float64(a2[k]) * np.float64(b2[k]) + np.float64(a6[k]) * np.float64(b6[k])
                )
                odd = (np.float64(a1[k]) * np.float64(b1[k]) + np.float64(a5[k]) * np.float64(b5[k])) + (
                    np.float64(a3[k]) * np.float64(b3[k]) + np.float64(a7[k]) * np.float64(b7[k])
                )
                terms[k] = even + odd
        else:
            for k in range(dim - first):
                terms[k] = np.float64(one[k]) * np.float64(other[k]) + np.float64(one[first + k]) * np.float64(
                    other[first + k]
                )
            for k in range(dim - first, first):
                terms[k] = np.float64(one[k]) * np.float64(other[k])
        width = first
        while width > 1:
            upper = (width + 1) // 2
            for k in range(width - upper):
                terms[k] += terms[upper + k]
            width = upper
        found[pair] = terms[0]
