"""Tables and folders are profiled column by column, with masks and groups among the columns."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from traindx.dataset import ArraySummary, profile

RNG = np.random.default_rng(8)
ROWS = 5000


def table(path: Path) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {
        "value": (RNG.normal(size=ROWS) + 1e4).tolist(),
        "label": RNG.integers(0, 10, ROWS).tolist(),
        "keep": (RNG.random(ROWS) < 0.5).tolist(),
        "system": RNG.choice(["north", "south", "west"], ROWS).tolist(),
        "tokens": [RNG.integers(0, 100, RNG.integers(0, 9)).tolist() for _ in range(ROWS)],
        "with_null": [None if number % 10 == 0 else float(number) for number in range(ROWS)],
    }
    pq.write_table(pa.table(columns), path, row_group_size=700)
    return columns


def by_name(summaries: tuple[ArraySummary, ...]) -> dict[str, ArraySummary]:
    return {one.name: one for one in summaries}


@pytest.mark.parametrize("engine", ["one", "threads"])
def test_every_column_of_a_parquet_file_is_measured_by_its_kind(tmp_path: Path, engine: str) -> None:
    columns = table(tmp_path / "t.parquet")
    found = by_name(profile(tmp_path / "t.parquet", engine=engine).arrays)
    assert found["value"].whole.mean == pytest.approx(np.mean(columns["value"]), rel=1e-13)
    assert dict(found["label"].features[0].frequent) == Counter(columns["label"])
    assert found["label"].features[0].distinct == 10
    assert found["system"].text is not None
    assert dict(found["system"].text.frequent) == Counter(columns["system"])
    assert found["tokens"].tokens is not None
    assert found["tokens"].tokens.tokens == sum(len(one) for one in columns["tokens"])
    assert found["with_null"].whole.nan == ROWS // 10


def test_columns_mask_and_group_one_another(tmp_path: Path) -> None:
    columns = table(tmp_path / "t.parquet")
    found = by_name(profile(tmp_path / "t.parquet", mask="keep", group="system").arrays)
    kept, system, values = (np.array(columns[name]) for name in ("keep", "system", "value"))
    assert found["value"].whole.count == kept.sum()
    assert found["value"].masked_share == pytest.approx(1 - kept.mean())
    south = values[kept & (system == "south")]
    assert found["value"].groups["south"][0].mean == pytest.approx(south.mean(), rel=1e-13)
    assert found["value"].groups["south"][0].count == len(south)
    assert found["system"].text is not None
    assert found["system"].text.count == kept.sum()
    assert found["keep"].whole.count == ROWS
    assert abs(found["value"].scatter[0].intraclass) < 0.01


def test_a_grouping_column_that_is_not_profiled_groups_nevertheless(tmp_path: Path) -> None:
    table(tmp_path / "t.parquet")
    (value,) = profile(tmp_path / "t.parquet", arrays=["value"], group="label").arrays
    assert sorted(value.groups) == [str(number) for number in range(10)]


def test_csv_columns_are_measured(tmp_path: Path) -> None:
    lines = ["x,name", *(f"{number},n{number % 3}" for number in range(300))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = by_name(profile(tmp_path / "t.csv").arrays)
    assert found["x"].whole.mean == pytest.approx(149.5)
    assert found["name"].text is not None
    assert found["name"].text.distinct == 3


def test_a_folder_of_images_is_measured_by_channel(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 256, (12, 9, 7, 3), dtype=np.uint8)
    for number, image in enumerate(pixels):
        folder = tmp_path / f"class{number % 2}"
        folder.mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / f"{number}.png")
    (found,) = (one for one in profile(tmp_path).arrays if one.images is not None)
    assert found.images is not None
    assert found.images.sizes == (((9, 7, 3), 12),)
    assert [one.mean for one in found.images.channels] == pytest.approx(pixels.mean((0, 1, 2)).tolist(), rel=1e-13)
    assert found.whole.count == pixels.size


def test_a_table_of_many_columns_needs_no_table_of_bins_for_each(tmp_path: Path) -> None:
    columns = 400  # at 2 MiB of bins each it would be 800 MiB
    values = np.random.default_rng(0).normal(size=(20, columns))
    header = ",".join(f"c{number}" for number in range(columns))
    np.savetxt(tmp_path / "wide.csv", values, "%.17g", ",", header=header, comments="")
    tracemalloc.start()
    try:
        found = profile(tmp_path / "wide.csv", engine="one")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 100 << 20
    assert found.arrays[-1].whole.mean == pytest.approx(values[:, -1].mean(), rel=1e-12)
