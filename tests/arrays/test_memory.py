"""What other libraries hold in memory is taken over with the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from traindx.arrays import MemorySource, from_memory, open_array
from traindx.errors import UsageError


def test_numpy_arrays_and_maps_are_not_copied(tmp_path: Path) -> None:
    array = np.arange(12.0).reshape(4, 3)
    assert np.shares_memory(from_memory(array).read(1, 3), array)
    np.save(tmp_path / "a.npy", array)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    np.testing.assert_array_equal(from_memory(mapped).read(1, 2), array[1:2])


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.bool]
)
def test_tensors_keep_their_values(dtype: torch.dtype) -> None:
    tensor = torch.arange(6).reshape(3, 2).to(dtype).requires_grad_(dtype.is_floating_point)
    source = from_memory(tensor, name="x")
    assert source.shape == (3, 2)
    np.testing.assert_array_equal(source.read(0, 3), tensor.detach().to(torch.float64).numpy())
    np.testing.assert_array_equal(from_memory(tensor.T).read(1, 2), tensor.detach().T[1:2].to(torch.float64).numpy())


def test_a_tensor_on_the_cpu_is_shared() -> None:
    tensor = torch.zeros(4, 2)
    block = from_memory(tensor).read(0, 2)
    tensor[0, 0] = 7
    assert block[0, 0] == 7


def test_text_and_bytes_say_what_they_are() -> None:
    assert from_memory(np.array(["a", "bc"])).read(0, 2).tolist() == ["a", "bc"]
    assert from_memory(np.array(["a"])).kind == "text"
    assert from_memory(np.array([b"a"])).kind == "bytes"


@pytest.mark.parametrize("odd", [[1, 2], "text", np.array([None]), np.zeros(2, dtype=[("a", "f4")])])
def test_what_is_no_array_of_numbers_is_refused(odd: object) -> None:
    with pytest.raises(UsageError):
        from_memory(odd)


def test_a_source_stays_as_it_is(tmp_path: Path) -> None:
    source = MemorySource(np.zeros(3))
    assert from_memory(source) is source
    np.save(tmp_path / "a.npy", np.zeros((2, 2), order="F"))
    assert from_memory(open_array(tmp_path / "a.npy")).read(0, 1).tolist() == [[0.0, 0.0]]
