"""Arrow files and streams give what pyarrow gives, batch by batch."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest

from traindx.arrays import open_array, open_arrays
from traindx.errors import UnreadableDataError

RNG = np.random.default_rng(5)


def table_of(rows: int) -> pa.Table:
    return pa.table(
        {
            "x": RNG.normal(size=rows).astype(np.float32),
            "id": pa.array([None if i % 7 == 0 else i for i in range(rows)], pa.int64()),
            "text": [f"row {i}" for i in range(rows)],
            "kind": pa.array(["a", "b"] * (rows // 2)).dictionary_encode(),
            "vector": pa.array(list(RNG.normal(size=(rows, 3))), pa.list_(pa.float64())),
            "tokens": [list(range(i % 4)) for i in range(rows)],
        }
    )


def written(path: Path, table: pa.Table, form: str) -> None:
    if form == "feather":
        pyarrow.feather.write_feather(table, path, chunksize=300)
        return
    opened = pa.ipc.new_stream if form.startswith("stream") else pa.ipc.new_file
    with pa.OSFile(str(path), "wb") as sink, opened(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=300)


@pytest.mark.parametrize("form", ["file", "stream", "stream without dictionaries", "feather"])
def test_every_block_of_every_column_is_that_of_pyarrow(tmp_path: Path, form: str) -> None:
    table = table_of(1000)
    if form == "stream without dictionaries":
        table = table.drop(["kind"])
    path = tmp_path / "a.arrow"
    written(path, table, form)
    sources = pickle.loads(pickle.dumps(dict(open_arrays(path))))
    assert list(sources) == table.column_names
    for start, stop in [(0, 1000), (299, 301), (10, 20), (5, 900), (999, 9999)]:
        for name in ("x", "id", "text", *(("kind",) if "kind" in sources else ())):
            expected = table[name].slice(start, stop - start).to_pandas().to_numpy()
            np.testing.assert_array_equal(sources[name].read(start, stop), expected, err_msg=name)
        matrix = np.stack(table["vector"].slice(start, stop - start).to_pandas().to_numpy())
        np.testing.assert_array_equal(sources["vector"].read(start, stop), matrix)
        lengths = [len(row) for row in sources["tokens"].read(start, stop)]
        assert lengths == [i % 4 for i in range(start, min(stop, 1000))]
    assert sources["id"].dtype == np.float64
    assert sources["vector"].shape == (1000, 3)


@pytest.mark.parametrize("form", ["file", "stream"])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.arrow"
    written(path, table_of(1000), form)
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(UnreadableDataError, match=r"a\.arrow: is not a whole Arrow file") as caught:
        open_arrays(path)
    assert "cut off" in caught.value.hint


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    written(tmp_path / "a.arrow", table_of(0), "file")
    assert {name: len(source) for name, source in open_arrays(tmp_path / "a.arrow").items()} == dict.fromkeys(
        table_of(0).column_names, 0
    )


def test_offsets_that_point_outside_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    written(path, pa.table({"text": ["abc", "defg"]}), "stream")
    data = path.read_bytes()
    good = np.array([0, 3, 7], dtype=np.int32).tobytes()
    assert good in data
    path.write_bytes(data.replace(good, np.array([0, 3, 1 << 30], dtype=np.int32).tobytes()))
    with pytest.raises(UnreadableDataError, match=r"a\.arrow:text record batch 0: cannot be read"):
        open_array(path).read(0, 2)
