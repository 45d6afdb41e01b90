"""Files are fitted on a block at a time."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from traindx.arrays import MemorySource
from traindx.dataset import Normalizer
from traindx.dataset.normalizer import blocks
from traindx.errors import TraindxError, UsageError


@pytest.mark.parametrize("name", ["d.h5", "d.npz"])
def test_a_file_gives_what_its_arrays_give(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", 1000)  # many blocks
    rng = np.random.default_rng(0)
    data = {"u": rng.normal(size=(777, 3)), "g": rng.integers(0, 3, 777), "m": rng.random((777, 3)) < 0.5}
    if name.endswith("npz"):
        np.savez(tmp_path / name, **data)
    else:
        with h5py.File(tmp_path / name, "w") as file:
            for key, value in data.items():
                file.create_dataset(key, data=value, chunks=(100, *value.shape[1:]))
    found = Normalizer.fit(tmp_path / name, key="u", group="g", mask="m")
    expected = Normalizer.fit(data["u"], group=data["g"], mask=data["m"])
    assert np.allclose(found.center, expected.center, rtol=1e-12, atol=1e-15)
    assert np.allclose(found.scale, expected.scale, rtol=1e-12)
    assert found.fitted.rows_hash == expected.fitted.rows_hash


def test_a_source_with_groups_of_another_length_is_refused() -> None:
    with pytest.raises(UsageError, match="10 rows and 9 groups"):
        Normalizer.fit(MemorySource(np.ones((10, 2))), group=np.ones(9))


def test_a_missing_array_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", u=np.ones(3))
    with pytest.raises(TraindxError, match="'v'"):
        Normalizer.fit(tmp_path / "d.npz", key="v")


@pytest.mark.slow
def test_memory_stays_flat_for_a_file_larger_than_what_may_be_used(tmp_path: Path) -> None:
    path = tmp_path / "big.npy"
    rows = 20_000_000
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, 16))  # 1.3 GB, sparse
    array[:1000] = np.random.default_rng(0).normal(size=(1000, 16))
    array.flush()
    del array
    code = (
        "import resource, sys; from traindx.dataset import Normalizer;"
        f"n = Normalizer.fit({str(path)!r}); print(n.fitted.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    limit = 900 << 20
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
    )
    seen, _peak = (int(word) for word in done.stdout.split())
    assert seen == rows
