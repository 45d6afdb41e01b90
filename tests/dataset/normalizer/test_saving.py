"""What is saved comes back to the last bit; what is no normaliser is told so, and nothing else happens."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from traindx.dataset import Normalizer
from traindx.errors import UnreadableDataError, UsageError

_ROWS = np.random.default_rng(0).normal([1, 200, -3e-7], [0.1, 30, 1e-9], size=(300, 3)).astype(np.float32)
_GROUPS = np.array(["left", "right", "ünder"])[np.arange(300) % 3]
_MASK = np.random.default_rng(1).random((300, 3)) < 0.7
_MASK[:, 2] &= _GROUPS != "left"  # a cell without any value: its extremes are infinite


@pytest.fixture(params=["standard", "asinh"])
def normalizer(request: pytest.FixtureRequest) -> Normalizer:
    return Normalizer.fit(_ROWS, method=request.param, group=_GROUPS, mask=_MASK, names=("a", "b", "c"))


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
def test_a_saved_normaliser_does_the_same_to_the_last_bit(normalizer: Normalizer, suffix: str, tmp_path: Path) -> None:
    normalizer.save(tmp_path / f"n{suffix}")
    loaded = Normalizer.load(tmp_path / f"n{suffix}")
    one, other = normalizer.fitted, loaded.fitted
    assert np.array_equal(one.moments.states, other.moments.states)
    assert np.array_equal(one.constant, other.constant)
    for field in ("method", "layout", "dtype", "names", "labels", "masked", "rows", "rows_hash", "rank_error"):
        assert getattr(one, field) == getattr(other, field), field
    found = loaded.transform(_ROWS, group=_GROUPS, mask=_MASK)
    assert np.array_equal(found, normalizer.transform(_ROWS, group=_GROUPS, mask=_MASK))
    assert "already-normalised" in [problem.name for problem in loaded.check(found, group=_GROUPS, mask=_MASK)]


def test_the_safetensors_library_reads_the_tables_and_they_are_plain_json_otherwise(
    normalizer: Normalizer, tmp_path: Path
) -> None:
    normalizer.save(tmp_path / "n.safetensors")
    tensors = safetensors.numpy.load_file(tmp_path / "n.safetensors")
    assert np.array_equal(tensors["center"][:-1], normalizer.center)
    assert np.array_equal(tensors["scale"][:-1], normalizer.scale)
    normalizer.save(tmp_path / "n.json")
    document = json.loads(
        (tmp_path / "n.json").read_text(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON")
    )
    assert (document["format"], document["version"]) == ("traindx-normalizer", 1)
    assert document["labels"] == ["left", "right", "ünder"]


def test_a_normaliser_without_groups_and_with_one_scale_comes_back_too(tmp_path: Path) -> None:
    for axis in (-1, None):
        normalizer = Normalizer.fit(_ROWS, axis=axis)
        normalizer.save(tmp_path / "n.json")
        assert np.array_equal(Normalizer.load(tmp_path / "n.json").transform(_ROWS), normalizer.transform(_ROWS))


def _changed(path: Path, **changes: object) -> None:
    document = json.loads(path.read_text())
    for name, value in changes.items():
        target = document["tables"] if name in document["tables"] else document
        target[name] = value
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"format": "other"},
        {"method": "minmax"},
        {"labels": ["right", "left", "under"]},
        {"labels": ["left", 1, "under"]},
        {"labels": []},
        {"axis": -2},
        {"axis": 1},
        {"row_shape": [4]},
        {"row_shape": [2**41]},
        {"dtype": "object"},
        {"rows": -1},
        {"rows_hash": "zz"},
        {"rank_error": 2.0},
        {"names": ["a"]},
        {"constant": [[True]]},
        {"scale": [[0.0, 1, 1]] * 4},
        {"scale": [[-1.0, 1, 1]] * 4},
        {"scale": [[None, 1, 1]] * 4},
        {"scale": [[1.0, 1], [1.0, 1, 1]]},
        {"center": []},
        {"count": [[-1.0, 1, 1]] * 4},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_document_that_no_fit_could_have_made_is_refused(changes: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    Normalizer.fit(_ROWS, group=_GROUPS, mask=_MASK, names=("a", "b", "c")).save(path)
    _changed(path, **changes)
    with pytest.raises(UnreadableDataError, match=r"n\.json: is no normaliser of this version"):
        Normalizer.load(path)


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
def test_a_file_cut_short_anywhere_is_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"n{suffix}"
    Normalizer.fit(_ROWS, group=_GROUPS).save(path)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, 37):
        path.write_bytes(whole[:length])
        with pytest.raises(UnreadableDataError):
            Normalizer.load(path)


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255), suffix=st.sampled_from([".json", ".safetensors"]))
def test_a_changed_byte_is_refused_or_gives_a_normaliser_that_can_divide(
    place: int, byte: int, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"changed{suffix}"
    Normalizer.fit(_ROWS).save(path)
    data = bytearray(path.read_bytes())
    data[place % len(data)] = byte
    path.write_bytes(bytes(data))
    try:
        loaded = Normalizer.load(path)
    except UnreadableDataError:
        return
    assert np.isfinite(loaded.center).all()
    assert (loaded.scale > 0).all()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix",  # a pickle
        b"{" * 100_000,
        b'{"a":' + b"[" * 100_000,
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 33) + b'{"__metadata__":{"other":"thing"}}'[:33],
    ],
)
def test_hostile_bytes_are_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "n.json").write_bytes(data)
    with pytest.raises(UnreadableDataError):
        Normalizer.load(tmp_path / "n.json")


def test_tensors_that_lie_outside_the_file_or_on_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"
    Normalizer.fit(_ROWS).save(path)
    data = path.read_bytes()
    for old, new in (
        (b"[0,24]", b"[0,32]"),
        (b"[0,24]", b"[24,0]"),
        (b'"F64"', b'"I64"'),
        (b"[1,3]", b"[3,1]"),
        (b"[0,24]", b"[8,32]"),
    ):
        assert old in data
        path.write_bytes(data.replace(old, new, 1))
        if new == b"[8,32]":  # inside the file: the numbers are others, and still a normaliser
            continue
        with pytest.raises(UnreadableDataError):
            Normalizer.load(path)


def test_a_missing_file_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Normalizer.load(tmp_path / "none.json")
