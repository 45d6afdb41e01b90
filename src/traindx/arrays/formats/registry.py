"""The formats that are known, the special before the general."""

from __future__ import annotations

from typing import Final

from traindx.arrays.formats.arrow_ipc import ARROW
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.csv_table import CSV
from traindx.arrays.formats.hdf5 import HDF5
from traindx.arrays.formats.huggingface import HUGGING_FACE
from traindx.arrays.formats.image_folder import IMAGE_FOLDER
from traindx.arrays.formats.json_records import JSON_LINES
from traindx.arrays.formats.npy import NPY
from traindx.arrays.formats.npz import NPZ
from traindx.arrays.formats.parquet import PARQUET
from traindx.arrays.formats.safetensors import SAFETENSORS
from traindx.arrays.formats.shards import SHARDS
from traindx.arrays.formats.torch_tensors import TORCH
from traindx.arrays.formats.webdataset import WEBDATASET
from traindx.arrays.formats.zarr_store import ZARR

FORMATS: Final[tuple[ArrayFormat, ...]] = (
    NPY,
    NPZ,
    SAFETENSORS,
    HDF5,
    PARQUET,
    ARROW,
    ZARR,
    TORCH,
    CSV,
    JSON_LINES,
    WEBDATASET,
    HUGGING_FACE,
    IMAGE_FOLDER,
    SHARDS,
)
