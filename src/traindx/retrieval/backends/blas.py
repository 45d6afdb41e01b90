"""One thread of matrix multiplication for each of ours: more would only wait for each other."""

from __future__ import annotations

import importlib
import importlib.util
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, cast


def can_limit_blas() -> bool:
    """Return whether the library's own threads can be limited: it takes threadpoolctl, which comes with scikit-learn."""
    return importlib.util.find_spec("threadpoolctl") is not None


def one_blas_thread(*, wanted: bool) -> AbstractContextManager[object]:
    """Hold the threads of matrix multiplication to one while ours run, where that is wanted and possible."""
    if not wanted or not can_limit_blas():
        return nullcontext()
    return cast("AbstractContextManager[object]", _controller().limit(limits=1, user_api="blas"))


@cache
def _controller() -> Any:
    """Looking through the libraries that are loaded takes milliseconds: once a process."""
    return importlib.import_module("threadpoolctl").ThreadpoolController()
