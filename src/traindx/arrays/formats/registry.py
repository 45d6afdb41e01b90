"""The formats that are known, the special before the general."""

from __future__ import annotations

from typing import Final

from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.hdf5 import HDF5
from traindx.arrays.formats.npy import NPY
from traindx.arrays.formats.npz import NPZ
from traindx.arrays.formats.safetensors import SAFETENSORS

FORMATS: Final[tuple[ArrayFormat, ...]] = (
    NPY,
    NPZ,
    SAFETENSORS,
    HDF5,
)
