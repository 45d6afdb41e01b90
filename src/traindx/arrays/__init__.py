"""Arrays and tables in files, read a block of rows at a time: what retrieval and dataset measure."""

from traindx.arrays.machine_code import compiled, has_numba
from traindx.arrays.memory import from_memory
from traindx.arrays.open import format_of, open_array, open_arrays
from traindx.arrays.salvage import Lost, read_around
from traindx.arrays.source import ArraySource, Kind, MemorySource

__all__ = [
    "ArraySource",
    "Kind",
    "Lost",
    "MemorySource",
    "compiled",
    "format_of",
    "from_memory",
    "has_numba",
    "open_array",
    "open_arrays",
    "read_around",
]
