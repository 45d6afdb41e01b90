"""Safetensors files give what torch saved, and a header that lies is refused by tensor."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from traindx.arrays import open_array, open_arrays
from traindx.errors import UnreadableDataError

TYPES = ["float32", "float64", "float16", "bfloat16", "int8", "int64", "uint8", "bool", "float8_e4m3fn", "float8_e5m2"]


def written(path: Path, header: object, data: bytes = bytes(16)) -> Path:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def test_every_type_has_the_values_of_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tensors = {name: (torch.randn(40, 3) * 3).to(getattr(torch, name)) for name in TYPES}
    save_file(tensors, tmp_path / "a.safetensors", metadata={"format": "pt"})
    sources = open_arrays(tmp_path / "a.safetensors")
    assert set(sources) == set(tensors)
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(sources[name].read(5, 30), tensor[5:30].double().numpy())


def test_all_eight_bit_floats_are_those_of_torch(tmp_path: Path) -> None:
    codes = torch.arange(256, dtype=torch.uint8)
    tensors = {name: codes.clone().view(getattr(torch, name)) for name in ("float8_e4m3fn", "float8_e5m2")}
    save_file(tensors, tmp_path / "a.safetensors")
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(open_array(tmp_path / "a.safetensors", name).read(0, 256), tensor.float().numpy())


def test_a_cut_file_names_the_tensor_and_gives_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.ones(10), "b": torch.ones(10)}, path)
    path.write_bytes(path.read_bytes()[:-4])
    sources = open_arrays(path)
    assert sources["a"].read(0, 10).tolist() == [1.0] * 10
    with pytest.raises(UnreadableDataError, match=r"a\.safetensors:b: lies at bytes 40 to 80 and the file holds 76"):
        sources["b"].read(0, 1)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [4], "data_offsets": [0, 20]},
        {"dtype": "F32", "shape": [5], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [1 << 61, 1 << 61], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [4], "data_offsets": [16, 0]},
        {"dtype": "F3", "shape": [4], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [4.0], "data_offsets": [0, 16]},
        {"dtype": "F32"},
        [],
        None,
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused(tmp_path: Path, entry: object) -> None:
    with pytest.raises(UnreadableDataError, match=r"a\.safetensors:x"):
        open_array(written(tmp_path / "a.safetensors", {"x": entry}))


@pytest.mark.parametrize("data", [b"", b"\xff" * 8, struct.pack("<Q", 9) + b"{" * 9, struct.pack("<Q", 2) + b"[]"])
def test_a_header_that_is_none_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.safetensors").write_bytes(data)
    with pytest.raises(UnreadableDataError, match=r"a\.safetensors"):
        open_array(tmp_path / "a.safetensors")
