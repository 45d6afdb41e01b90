"""One thread of matrix multiplication for each of ours: more would only wait for each other."""

from __future__ import annotations

import importlib
import importlib.util
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, cast


def can_limit_blas() -> bool:
    """Return whether the threads of numpy's matrix product can be limited: it takes threadpoolctl, which comes with scikit-learn."""
    return importlib.util.find_spec("threadpoolctl") is not None


def one_blas_thread() -> AbstractContextManager[object]:
    """Hold numpy's matrix product to one thread while ours run.

    Where threadpoolctl is not installed, its own threads stay: the counts are the same, and the environment variable OPENBLAS_NUM_THREADS=1
    (or that of the library numpy was built with), set before the start, spares the processor their waiting for each other.
    """
    if not can_limit_blas():
        return nullcontext()
    return cast("AbstractContextManager[object]", _controller().limit(limits=1, user_api="blas"))


@cache
def _controller() -> Any:
    """Looking through the libraries that are loaded takes milliseconds: once a process."""
    return importlib.import_module("threadpoolctl").ThreadpoolController()
