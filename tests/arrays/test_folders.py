"""Folders of shards, images, samples and splits are opened as the datasets that they are."""

from __future__ import annotations

import io
import json
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
import zarr
from PIL import Image

from traindx.arrays import format_of, open_array, open_arrays
from traindx.errors import UnreadableDataError, UsageError

RNG = np.random.default_rng(7)


def test_numbered_files_are_one_long_array_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    whole = RNG.normal(size=(120, 3)).astype(np.float32)
    for number in range(12):
        np.save(tmp_path / f"part-{number}.npy", whole[number * 10 : number * 10 + 10])
    source = pickle.loads(pickle.dumps(open_array(tmp_path)))
    assert (source.shape, source.name) == ((120, 3), "")
    np.testing.assert_array_equal(source.read(5, 117), whole[5:117])
    np.testing.assert_array_equal(source.read(20, 30), whole[20:30])
    (tmp_path / "part-3.npy").write_bytes(b"")
    with pytest.raises(UnreadableDataError, match=r"part-3\.npy"):
        open_array(tmp_path)


def test_patterns_stand_for_files_that_belong_together(tmp_path: Path) -> None:
    for number in range(12):
        np.save(tmp_path / f"x-{number}.npy", np.full(2, number))
        packed(tmp_path / f"y-{number:04}.tar", {f"{number}.cls": str(number).encode()})
    assert open_array(tmp_path / "x-*.npy").read(0, 99)[::2].tolist() == list(range(12))
    assert open_array(f"{tmp_path}/y-{{0003..0010}}.tar::cls").read(0, 99).tolist() == list(range(3, 11))
    assert format_of(tmp_path / "x-*.npy") == "npy"
    with pytest.raises(UsageError, match=r"y-0012\.tar: no such file"):
        open_arrays(tmp_path / "y-{0003..0012}.tar")
    with pytest.raises(UsageError, match="no such file"):
        open_arrays(tmp_path / "z-*.npy")
    with pytest.raises(UnreadableDataError, match="no shards of one format"):
        open_arrays(tmp_path / "*-*")


def test_files_of_other_names_are_arrays_of_their_own(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 2)))
    np.save(tmp_path / "y.npy", np.ones(4))
    assert {name: source.shape for name, source in open_arrays(tmp_path).items()} == {"x": (4, 2), "y": (4,)}


def test_a_shard_of_another_shape_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "x-0.npy", np.zeros((4, 2)))
    np.save(tmp_path / "x-1.npy", np.zeros((4, 3)))
    with pytest.raises(UnreadableDataError, match=r"x-1\.npy: has rows of shape \(3,\)"):
        open_array(tmp_path)


def test_shards_of_tables_agree_on_a_type_and_splits_keep_their_names(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "data" / "train-00000-of-00002.parquet")
    pq.write_table(pa.table({"a": [None, 4]}), tmp_path / "data" / "train-00001-of-00002.parquet")
    pq.write_table(pa.table({"a": [5]}), tmp_path / "data" / "test-00000-of-00001.parquet")
    zarr.create_array(tmp_path / "more.zarr", data=np.arange(3))
    sources = open_arrays(tmp_path)
    assert set(sources) == {"data/train/a", "data/test/a", "more.zarr"}
    np.testing.assert_array_equal(sources["data/train/a"].read(0, 4), [1, 2, np.nan, 4])
    assert sources["data/test/a"].dtype == np.int64
    assert sources["more.zarr"].read(1, 3).tolist() == [1, 2]


def hugging_face(folder: Path, shards: list[pa.Table], **state: Any) -> None:
    folder.mkdir(parents=True)
    names = [f"data-{number:05}-of-{len(shards):05}.arrow" for number in range(len(shards))]
    for name, shard in zip(names, shards, strict=True):
        with pa.OSFile(str(folder / name), "wb") as sink, pa.ipc.new_stream(sink, shard.schema) as writer:
            writer.write_table(shard)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in names], **state}))
    (folder / "dataset_info.json").write_text("{}")


def test_a_saved_dataset_is_its_shards_and_splits(tmp_path: Path) -> None:
    hugging_face(tmp_path / "one", [pa.table({"x": [1.0, 2.0]}), pa.table({"x": [3.0]})])
    assert open_array(tmp_path / "one").read(1, 3).tolist() == [2.0, 3.0]
    assert format_of(tmp_path / "one") == "hugging-face"
    for split in ("train", "test"):
        hugging_face(tmp_path / "two" / split, [pa.table({"x": [1.0], "text": [split]})])
    (tmp_path / "two" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    sources = open_arrays(tmp_path / "two")
    assert list(sources) == ["train/x", "train/text", "test/x", "test/text"]
    assert sources["test/text"].read(0, 1).tolist() == ["test"]


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        ({"_data_files": []}, "names no files"),
        ({"_data_files": [{"filename": "../../secret.arrow"}]}, "which is not beside it"),
        ({"_data_files": [{"filename": "data-7.arrow"}]}, "lacks data-7"),
        ({"_indices_data_files": [{"filename": "indices.arrow"}]}, "flatten_indices"),
    ],
)
def test_a_description_that_leads_elsewhere_is_refused(tmp_path: Path, state: dict[str, Any], problem: str) -> None:
    hugging_face(tmp_path / "one", [pa.table({"x": [1.0]})], **state)
    with pytest.raises(UnreadableDataError, match=problem):
        open_arrays(tmp_path / "one")


def png(array: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, "png")
    return file.getvalue()


def packed(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def npy(array: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def sample(number: int) -> dict[str, bytes]:
    pixels = np.full((2, 3, 3), number, dtype=np.uint8)
    return {
        f"{'deep/' * 30}s{number:03}.png": png(pixels),
        f"{'deep/' * 30}s{number:03}.cls": str(number % 4).encode(),
        f"{'deep/' * 30}s{number:03}.txt": f"caption {number}".encode(),
        f"{'deep/' * 30}s{number:03}.json": json.dumps({"width": number, "tags": {"kind": "a"}}).encode(),
        f"{'deep/' * 30}s{number:03}.left.npy": npy(np.arange(4, dtype=np.float32) + number),
    }


def test_samples_of_shards_become_columns(tmp_path: Path) -> None:
    for shard in range(2):
        members: dict[str, bytes] = {}
        for number in range(shard * 10, shard * 10 + 10):
            members |= sample(number)
        packed(tmp_path / f"train-{shard:04}.tar", members)
    assert len(open_arrays(tmp_path / "train-0001.tar")["cls"]) == 10
    sources = pickle.loads(pickle.dumps(dict(open_arrays(tmp_path))))
    assert {name: (source.kind, source.shape) for name, source in sources.items()} == {
        "png": ("image", (20,)),
        "cls": ("number", (20,)),
        "txt": ("text", (20,)),
        "json.width": ("number", (20,)),
        "json.tags.kind": ("text", (20,)),
        "left.npy": ("number", (20, 4)),
    }
    assert sources["cls"].read(8, 12).tolist() == [0, 1, 2, 3]
    assert sources["txt"].read(9, 11).tolist() == ["caption 9", "caption 10"]
    assert sources["json.width"].read(0, 20).tolist() == list(range(20))
    assert sources["left.npy"].read(19, 20).tolist() == [[19, 20, 21, 22]]
    image = sources["png"].read(12, 13)[0]
    assert image.shape == (2, 3, 3)
    assert (image == 12).all()


def test_samples_that_lack_a_member_or_hold_pickles_say_so(tmp_path: Path) -> None:
    packed(
        tmp_path / "a.tar",
        {"a.cls": b"1", "a.png": png(np.zeros((2, 2), dtype=np.uint8)), "a.pkl": b"cos\nsystem\n", "b.cls": b"x"},
    )
    sources = open_arrays(tmp_path / "a.tar")
    with pytest.raises(UnreadableDataError, match=r"b\.png \(sample 1\): the sample has no \.png"):
        sources["png"].read(1, 2)
    with pytest.raises(UnreadableDataError, match=r"b\.cls \(sample 1\): 'x' is no number"):
        sources["cls"].read(0, 2)
    with pytest.raises(UnreadableDataError, match="unpickled"):
        sources["pkl"].read(0, 2)


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_archives_of_every_form_have_the_members_that_tarfile_finds(tmp_path: Path, form: int) -> None:
    names = ["a.txt", "x/" * 45 + "b.txt", "é.txt", "./c.txt"] + (
        ["y" * 180 + ".txt"] if form != tarfile.USTAR_FORMAT else []
    )
    with tarfile.open(tmp_path / "a.tar", "w", format=form) as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(name)
            info.mtime = 1.5
            archive.addfile(info, io.BytesIO(name.encode()[: len(name)]))
        archive.addfile(tarfile.TarInfo("folder/"))
    source = open_array(tmp_path / "a.tar")
    assert source.read(0, 9).tolist() == [name.encode()[: len(name)].decode("utf-8", "replace") for name in names]


def test_an_archive_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    packed(tmp_path / "a.tar", {"a.txt": b"x" * 2000, "b.txt": b"y" * 2000})
    data = (tmp_path / "a.tar").read_bytes()
    for length in (700, 1536, 3000, 3072):
        (tmp_path / "a.tar").write_bytes(data[:length])
        with pytest.raises(UnreadableDataError, match=r"a\.tar"):
            open_arrays(tmp_path / "a.tar")


def test_images_in_sub_folders_have_their_class(tmp_path: Path) -> None:
    for number, name in enumerate(["cat/1.png", "dog/a/2.jpg", "dog/3.png"]):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 5, 3), number * 100, dtype=np.uint8)).save(path)
    (tmp_path / "labels.csv").write_text("name,age\nx,1\n")
    sources = pickle.loads(pickle.dumps(dict(open_arrays(tmp_path))))
    assert list(sources) == ["image", "file", "class", "labels/name", "labels/age"]
    assert sources["class"].read(0, 3).tolist() == ["cat", "dog", "dog"]
    assert sources["file"].read(0, 3).tolist() == ["cat/1.png", "dog/3.png", "dog/a/2.jpg"]
    assert [image.shape for image in sources["image"].read(0, 3)] == [(4, 5, 3)] * 3
    assert sources["image"].read(1, 2)[0][0, 0].tolist() == [200, 200, 200]


def test_a_flat_folder_of_images_has_no_classes(tmp_path: Path) -> None:
    for name, mode in {"a.png": "L", "b.png": "P", "c.png": "RGBA", "d.png": "1"}.items():
        Image.new(mode, (3, 2)).save(tmp_path / name)
    sources = open_arrays(tmp_path)
    assert list(sources) == ["image", "file"]
    assert [image.shape for image in sources["image"].read(0, 4)] == [(2, 3, 1), (2, 3, 3), (2, 3, 4), (2, 3, 3)]


def test_images_that_are_none_or_would_swell_are_refused_by_name(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    (tmp_path / "broken.png").write_bytes(png(np.zeros((64, 64), dtype=np.uint8))[:60])
    assert (tmp_path / "bomb.png").stat().st_size < 100_000
    source = open_arrays(tmp_path)["image"]
    with pytest.raises(UnreadableDataError, match=r"bomb\.png \(row 0\)"):
        source.read(0, 1)


def test_broken_images_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(png(RNG.integers(0, 255, (64, 64), dtype=np.uint8))[:600])
    with pytest.raises(UnreadableDataError, match=r"broken\.png \(row 0\): is no image that can be decoded"):
        open_arrays(tmp_path)["image"].read(0, 1)


def test_folders_and_files_of_nothing_known_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "annotations.json").write_text('{"images": [], "annotations": [], "categories": []}')
    with pytest.raises(UnreadableDataError, match="without arrays"):
        open_arrays(tmp_path / "empty")
    for name in ("notes.txt", "annotations.json"):
        with pytest.raises(UnreadableDataError, match="of no known format") as caught:
            open_arrays(tmp_path / name)
        assert "parquet" in caught.value.hint


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.int64])
def test_tensors_that_torch_saved_are_read_by_name(tmp_path: Path, dtype: torch.dtype) -> None:
    tensor = (torch.arange(12).reshape(4, 3)).to(dtype)
    torch.save({"model": {"weight": tensor, "step": 3}, "list": [tensor.T]}, tmp_path / "a.pt")
    sources = pickle.loads(pickle.dumps(dict(open_arrays(tmp_path / "a.pt"))))
    assert list(sources) == ["model.weight", "list.0"]
    np.testing.assert_array_equal(sources["model.weight"].read(1, 3), tensor[1:3].double().numpy())
    np.testing.assert_array_equal(sources["list.0"].read(0, 3), tensor.T.double().numpy())
    torch.save(tensor, tmp_path / "b.pth")
    assert open_array(tmp_path / "b.pth").name == ""


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("run",))


def test_code_in_a_file_of_torch_is_never_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"x": Evil()}, tmp_path / "a.pt")
    with pytest.raises(UnreadableDataError, match="torch cannot load it as plain tensors"):
        open_arrays(tmp_path / "a.pt")
    assert capsys.readouterr().out == ""
    torch.save({"x": 3}, tmp_path / "none.pt")
    with pytest.raises(UnreadableDataError, match="holds no arrays"):
        open_arrays(tmp_path / "none.pt")


def test_an_unknown_name_lists_the_near_ones(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", embedding=np.zeros(3), labels=np.zeros(3))
    with pytest.raises(UsageError, match=r"unknown array 'embeddings'.*did you mean embedding"):
        open_arrays(tmp_path / "a.npz", only=["embeddings"])
