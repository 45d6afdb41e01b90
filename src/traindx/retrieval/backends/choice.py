"""Which backend counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from traindx.arrays import has_numba
from traindx.errors import MissingExtraError, UsageError, unknown_name
from traindx.retrieval.backends.threads import count_by_threads
from traindx.retrieval.blockwise import Tallies, Work
from traindx.retrieval.tiles import InexactProductError

BACKENDS = ("auto", "dask://HOST:PORT", "numba", "numpy", "processes", "torch", "torch:DEVICE")

Count = Callable[[Work, int], Tallies]


def counting(backend: str, inputs: Sequence[object]) -> Count:
    """Return what counts under this name; ``auto`` counts where the rows are: on a GPU where both sides are tensors there, else in threads."""
    if backend == "auto":
        device = _shared_device(inputs)
        backend = f"torch:{device}" if device else "numba" if has_numba() else "numpy"
    return _found(backend)


def counted(work: Work, count: Count, threads: int) -> Tallies:
    """Count, once more in float64 where the float32 product turns out to be worse than float32 (a library that rounds to fewer bits)."""
    try:
        return count(work, threads)
    except InexactProductError:
        return count(replace(work, double=True), threads)


def _found(backend: str) -> Count:
    name, _, rest = backend.partition(":")
    match name:
        case "numpy":
            return lambda work, threads: count_by_threads(replace(work, compiled=False), threads)
        case "numba":
            if not has_numba():
                raise MissingExtraError("counting in machine code", package="numba", extra="numba")
            return lambda work, threads: count_by_threads(replace(work, compiled=True), threads)
        case "processes":
            from traindx.retrieval.backends.processes import count_by_processes

            return count_by_processes
        case "torch":
            from traindx.retrieval.backends.torch_device import count_by_torch

            return lambda work, _: count_by_torch(work, rest or "cpu")
        case "dask" if rest.startswith("//") and len(rest) > 2:
            from traindx.retrieval.backends.dask_cluster import count_by_dask

            return lambda work, _: count_by_dask(work, rest.removeprefix("//"))
        case _:
            raise unknown_name("backend", backend, BACKENDS)


def _shared_device(inputs: Sequence[object]) -> str:
    """The device on which all inputs lie as tensors, empty where that is this machine's memory."""
    devices = {str(getattr(given, "device", "")) for given in inputs if hasattr(given, "detach")}
    on_device = len(devices) == 1 and all(hasattr(given, "detach") for given in inputs)
    device = devices.pop() if on_device else ""
    return "" if device == "cpu" else device


def check_threads(threads: int) -> int:
    """Return the number of threads; raises ``UsageError`` where it is below 1."""
    if threads < 1:
        raise UsageError(f"threads must be 1 or more, and not {threads}")
    return threads
