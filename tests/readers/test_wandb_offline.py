"""W&B's offline files: history in all its forms, settings, and damage."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest
from tests.writers import wandb_writer as wb

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile
from traindx.readers.wandb_offline import READER
from traindx.run import Run

DATA = Path(__file__).parent.parent / "data" / "wandb"
NAME = "run-abc.wandb"


def _read(data: bytes, name: str = NAME) -> Run:
    (run,) = READER.read(LogFile(path=name, data=data))
    return run


def _sample(name: str) -> Run:
    return _read((DATA / name).read_bytes(), name)


def _rows(count: int = 200) -> list[bytes]:
    return [wb.history(2 * n + 1, {"_step": n, "loss": 2.0 - n / 100, "lr": 1e-3}) for n in range(count)]


def test_every_point_of_the_real_client_is_read() -> None:
    run = _sample("run-plain.wandb")
    assert set(run.series) == {"train/loss", "lr", "val/loss", "val/acc", "grad"}
    loss = run.series["train/loss"]
    assert loss.steps.tolist() == list(range(300))
    assert loss.values.tolist() == [2.5 * math.exp(-step / 100) for step in range(300)]
    assert (np.diff(loss.wall_times) >= 0).all()
    assert 1.7e9 < loss.wall_times[0] < 1e10
    assert run.sources[0].rows == 300
    assert run.sources[0].skipped == ()
    assert run.sources[0].incomplete == ""


def test_nested_names_are_joined_and_histograms_left_out() -> None:
    run = _sample("run-plain.wandb")
    assert run.series["val/acc"].steps.tolist() == [0, 50, 100, 150, 200, 250]
    assert run.series["val/acc"].values.tolist() == [step / 300 for step in range(0, 300, 50)]
    assert not any(name.startswith("picture") for name in run.series)


def test_nan_and_infinity_stay_and_the_rest_is_absent() -> None:
    grad = _sample("run-plain.wandb").series["grad"]
    assert grad.steps.tolist() == [250, 251]
    assert np.isnan(grad.values[0])
    assert grad.values[1] == np.inf


def test_settings_are_read_under_dotted_names() -> None:
    found = {setting.name: setting.value for setting in _sample("run-plain.wandb").settings}
    assert found == {"batch_size": 32, "optim.name": "adamw", "optim.lr": 1e-3, "note": None}


def test_the_axis_that_the_program_declared_is_used() -> None:
    run = _sample("run-axis.wandb")
    assert run.series["train/loss"].steps.tolist() == [10 * step for step in range(300)]
    assert "global_step" not in run.series


def test_old_clients_wrap_each_setting() -> None:
    wrapped = {"lr": {"value": 0.1, "desc": None}, "optim": {"value": {"name": "sgd"}}, "_wandb": {"value": {"v": 1}}}
    run = _read(wb.log([wb.config(1, wrapped)]))
    assert {s.name: (s.value, s.source) for s in run.settings} == {
        "lr": (0.1, f"{NAME}:1"),
        "optim.name": ("sgd", f"{NAME}:1"),
    }


@pytest.mark.parametrize("count", [1, 50])
def test_typed_values_are_read_like_json_ones(count: int) -> None:
    def row(n: int) -> bytes:
        items = [
            wb.typed_item("f", n / 3),
            wb.typed_item("i", -n),
            wb.typed_item("nan", math.nan),
            wb.typed_item("b", value=True),
            wb.typed_item("t", "text"),
            wb.typed_item("none", None),
        ]
        return wb.record(n + 1, 2, b"".join(items) + wb.step(n))

    run = _read(wb.log(row(n) for n in range(count)))
    assert list(run.series) == ["f", "i", "nan"]
    assert run.series["f"].values.tolist() == [n / 3 for n in range(count)]
    assert run.series["i"].values.tolist() == [-n for n in range(count)]
    assert np.isnan(run.series["nan"].values).all()
    assert run.series["f"].steps.tolist() == list(range(count))


@pytest.mark.parametrize("count", [1, 50])
def test_all_forms_of_json_values_are_told_apart(count: int) -> None:
    texts = {
        "nan": "NaN",
        "quoted": '"NaN"',
        "inf": "Infinity",
        "minus": '"-Infinity"',
        "big": "1e400",
        "long": "-0.00000000000000000000000000012345678901234567890",
        "integer": "123456789012345678901234567890",
        "negative": "-12.5e-3",
        "list": "[1.5, [2, NaN]]",
        "object": '{"a": {"b": 4}}',
        "media": '{"_type": "image-file", "size": 5}',
        "text": '"12"',
        "yes": "true",
        "null": "null",
        "broken": "12x",
        "empty": "",
    }
    items = b"".join(wb.item(name, text) for name, text in texts.items())
    run = _read(wb.log(wb.record(n + 1, 2, items + wb.step(n)) for n in range(count)))
    found = {name: one.values[-1] for name, one in run.series.items()}
    for name in ("nan", "quoted", "list/1/1"):
        assert np.isnan(found.pop(name))
    assert found == {
        "inf": math.inf,
        "minus": -math.inf,
        "big": math.inf,
        "long": -1.2345678901234567890e-28,
        "integer": 123456789012345678901234567890.0,
        "negative": -0.0125,
        "list/0": 1.5,
        "list/1/0": 2.0,
        "object/a/b": 4.0,
    }
    assert all(len(one) == count for one in run.series.values())
    assert run.sources[0].skipped[0].count == count


def test_the_step_may_stand_beside_the_items_only() -> None:
    run = _read(wb.log(wb.history(n + 1, {"loss": 1.0}, at=3 * n) for n in range(60)))
    assert run.series["loss"].steps.tolist() == [3 * n for n in range(60)]
    assert run.series["loss"].has_steps


def test_rows_without_any_step_are_counted() -> None:
    run = _read(wb.log(wb.history(n + 1, {"loss": 1.0}) for n in range(60)))
    assert run.series["loss"].steps.tolist() == list(range(60))
    assert not run.series["loss"].has_steps


def test_one_name_in_both_spellings_is_one_series() -> None:
    keyed = wb.record(1, 2, wb.typed_item("loss", 1.0) + wb.step(0))
    nested = wb.record(2, 2, wb.item("loss", "2.0") + wb.step(1))
    assert _read(wb.log([keyed, nested])).series["loss"].values.tolist() == [1.0, 2.0]


def test_records_split_over_blocks_are_joined_in_place() -> None:
    names = {f"metric_{k}": k / 7 for k in range(300)}
    run = _read(wb.log(wb.history(n + 1, {"_step": n, **names}) for n in range(40)))
    assert len(run.series) == 300
    assert run.series["metric_299"].steps.tolist() == list(range(40))
    assert run.series["metric_299"].records.tolist() == list(range(1, 41))
    assert run.series["metric_299"].values.tolist() == [299 / 7] * 40


def test_wide_and_sparse_histories_take_memory_for_their_points_only() -> None:
    run = _read(wb.log(wb.history(n + 1, {"_step": n, f"once_{n}": n}) for n in range(5000)))
    assert len(run.series) == 5000
    assert run.series["once_4999"].steps.tolist() == [4999]


def test_an_exit_code_and_a_resume_are_told() -> None:
    resumed = wb.record(1, 17, b"\x70\x2a")
    crashed = wb.record(2, 18, b"\x08\x01")
    run = _read(wb.log([resumed, crashed]))
    assert run.notes == (f"{NAME}:1: the run is resumed at step 42", f"{NAME}:2: the program ended with exit code 1")


def test_a_record_whose_history_comes_last_is_found() -> None:
    control = b"\x82\x01\x02\x40\x01"
    body = wb.item("loss", "1.5") + wb.step(4)
    run = _read(wb.log([b"\x08\x01" + control + wb.message(2, body)]))
    assert run.series["loss"].values.tolist() == [1.5]
    assert run.series["loss"].steps.tolist() == [4]


def test_empty_files_give_a_run_without_series() -> None:
    assert _read(b"").sources[0].incomplete == "the file is empty"
    assert _read(wb.HEADER).series == {}
    assert _read(wb.HEADER[:6]).series == {}


def test_another_file_is_refused_with_a_reason() -> None:
    with pytest.raises(UnreadableLogError, match="not an offline file of W&B"):
        _ = _read(b"step,loss\n1,2\n")


@pytest.mark.parametrize("seventh", range(1, 7))
def test_a_truncated_file_is_read_up_to_the_cut_which_is_stated(seventh: int) -> None:
    whole = wb.log(_rows(2000))
    run = _read(whole[: len(whole) * seventh // 7])
    loss = run.series["loss"]
    assert loss.values.tolist() == [2.0 - n / 100 for n in range(len(loss))]
    assert abs(len(loss) - 2000 * seventh / 7) < 30
    assert run.sources[0].incomplete == "the last record is cut off"


def test_a_wrong_checksum_costs_one_record() -> None:
    whole = bytearray(wb.log(_rows()))
    whole[whole.index(b"loss", 3000) + 9] ^= 1
    run = _read(bytes(whole))
    assert len(run.series["loss"]) == 199
    (skip,) = run.sources[0].skipped
    assert (skip.reason, skip.count) == ("the record contradicts its checksum", 1)


def test_after_a_damaged_length_reading_goes_on_at_the_next_block() -> None:
    whole = bytearray(wb.log(_rows(3000)))
    at = whole.index(b"loss", 3000) - 40
    whole[at : at + 60] = b"\xff" * 60
    run = _read(bytes(whole))
    assert run.series["loss"].steps[-1] == 2999
    assert run.sources[0].skipped


def test_random_damage_never_raises_anything_else() -> None:
    rng = random.Random(7)
    whole = wb.log([wb.config(1, {"a": 1}), *_rows(600)])
    refused = 0
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            run = _read(bytes(data[: rng.randrange(len(data))]))
        except UnreadableLogError:
            refused += 1
            continue
        assert all(len(series) > 0 for series in run.series.values())
    assert refused < 300


def test_damage_with_right_checksums_never_raises_anything_else() -> None:
    rng = random.Random(8)
    rows = [
        wb.history(1, {"_step": 3, "loss": 1.5, "nested": [1, {"a": 2}]}, at=3),
        wb.config(2, {"lr": {"value": 1}}),
        wb.record(3, 17, b"\x70\x2a"),
    ]
    for _ in range(300):
        row = bytearray(rng.choice(rows))
        row[rng.randrange(len(row))] = rng.randrange(256)
        run = _read(wb.log([bytes(row)] * rng.choice([1, 40])))
        assert all(len(series) > 0 for series in run.series.values())


def test_deeply_nested_json_is_counted_not_followed() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    run = _read(wb.log([wb.record(1, 2, wb.item("x", deep) + wb.item("loss", "1.0") + wb.step(0))]))
    assert run.series["loss"].values.tolist() == [1.0]


def test_recognising_looks_at_the_first_bytes() -> None:
    assert READER.recognises(LogFile(path="x", data=wb.HEADER))
    assert READER.recognises(LogFile(path=NAME, data=b""))
    assert not READER.recognises(LogFile(path=NAME, data=b"{}"))
