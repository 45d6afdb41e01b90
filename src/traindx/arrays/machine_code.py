"""Inner loops in machine code where numba is installed, and word that there is none where it is not."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


@cache
def has_numba() -> bool:
    """Return whether numba can be imported (the import itself, of a third of a second, is put off until a loop runs)."""
    return importlib.util.find_spec("numba") is not None


@cache
def compiled(function: Function) -> Function:
    """Return the function compiled by numba, without the interpreter's lock, once a process; its machine code is kept on disk.

    Call it where ``has_numba()``; elsewhere the caller has a way in numpy.
    """
    numba = importlib.import_module("numba")
    return cast("Function", numba.njit(nogil=True, cache=True, fastmath=False)(function))
