"""TensorBoard event files: what is in them, in both forms, whole and damaged."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest
from tests.writers import event_writer as tb

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile
from traindx.readers.tensorboard import READER, merge_event_files
from traindx.run import Run

DATA = Path(__file__).parent.parent / "data" / "tensorboard"
NAME = "events.out.tfevents.1700000000.host"


def _read(data: bytes, name: str = NAME) -> Run:
    (run,) = READER.read(LogFile(path=name, data=data))
    return run


def _sample(name: str) -> Run:
    return _read((DATA / name).read_bytes(), name)


def _log(steps: int = 200) -> bytes:
    """Two series, one of them on every second step."""
    parts = [tb.version()]
    for step in range(steps):
        parts.append(tb.event(1.7e9 + step, step, tb.simple("train/loss", 2.0 - step / 100)))
        if step % 2 == 0:
            parts.append(tb.event(1.7e9 + step, step, tb.simple("lr", 1e-3)))
    return b"".join(parts)


def test_every_point_of_torch_s_writer_is_read() -> None:
    run = _sample("events.out.tfevents.1700000000.torch")
    assert list(run.series) == ["train/loss", "lr", "val/loss"]
    loss = run.series["train/loss"]
    assert len(loss) == 41
    assert loss.steps.tolist() == [*range(40), 300]
    assert loss.values[0] == np.float32(2.5)
    assert loss.values[-1] == np.inf
    assert run.series["val/loss"].steps.tolist() == [0, 10, 20, 30]
    assert np.isnan(run.series["val/loss"].values).tolist() == [False, False, False, True]
    assert (np.diff(loss.wall_times) >= 0).all()


def test_float32_becomes_the_float64_of_the_same_value() -> None:
    lr = _sample("events.out.tfevents.1700000000.torch").series["lr"]
    assert lr.values[0] == float(np.float32(1e-3)) != 1e-3


def test_records_count_from_one_over_the_whole_file() -> None:
    run = _read(_log(4))
    assert run.series["train/loss"].records.tolist() == [2, 4, 5, 7]
    assert run.series["lr"].records.tolist() == [3, 6]
    assert run.where(run.series["lr"], 1) == f"{NAME}:6"


def test_histograms_and_texts_are_counted_as_ignored() -> None:
    run = _sample("events.out.tfevents.1700000000.torch")
    (source,) = run.sources
    assert source.rows == 85
    assert source.skipped == ()
    assert source.ignored == 6  # the version, four histograms, one text


def test_a_text_that_is_a_json_object_gives_settings() -> None:
    run = _sample("events.out.tfevents.1700000000.torch")
    found = {setting.name: setting.value for setting in run.settings}
    assert found == {"args.batch_size": 32, "args.optim.name": "adamw"}
    assert run.settings[0].source.endswith(".torch:91")


def test_hyperparameters_give_settings_of_their_own_types() -> None:
    run = _sample("events.out.tfevents.1700000001.hparams")
    found = {setting.name: setting.value for setting in run.settings}
    assert found == {"lr": 0.1, "batch_size": 16, "model": "mlp", "amp": True}


def test_tensorboardx_files_are_read() -> None:
    loss = _sample("events.out.tfevents.1700000002.tensorboardx").series["loss"]
    assert loss.steps.tolist() == [1000 * step for step in range(20)]
    assert loss.values.tolist() == [float(np.float32(1 / (step + 1))) for step in range(20)]


def test_tensors_of_tensorflow_2_are_scalars_and_their_histograms_are_not() -> None:
    run = _sample("events.out.tfevents.1700000003.tf2.v2")
    assert list(run.series) == ["epoch_loss", "epoch_accuracy", "merged_0", "merged_1", "merged_2"]
    assert run.series["epoch_loss"].values.tolist() == [float(np.float32(1 - step / 40)) for step in range(20)]
    assert run.series["merged_2"].steps.tolist() == [7]
    assert run.sources[0].rows == 41


def test_a_purged_session_is_told_and_nothing_is_dropped() -> None:
    run = _sample("events.out.tfevents.1700000004.purged")
    assert len(run.series["train/loss"]) == 5
    assert len(run.notes) == 1
    assert "session starts at step 5" in run.notes[0]


@pytest.mark.parametrize(
    ("dtype", "number", "value"),
    [
        (1, b"\x2a\x04" + struct.pack("<f", 0.5), 0.5),
        (1, b"\x2d" + struct.pack("<f", 0.5), 0.5),
        (1, b"\x22\x04" + struct.pack("<f", -2.0), -2.0),
        (2, b"\x32\x08" + struct.pack("<d", 0.1), 0.1),
        (2, b"\x22\x08" + struct.pack("<d", 0.1), 0.1),
        (3, b"\x3a\x01\x07", 7.0),
        (3, b"\x38" + tb.varint(-7), -7.0),
        (3, b"\x22\x04" + struct.pack("<i", -5), -5.0),
        (9, b"\x22\x08" + struct.pack("<q", 1 << 40), float(1 << 40)),
        (9, b"\x52\x06" + tb.varint(1 << 40), float(1 << 40)),
        (14, b"\x6a\x02" + tb.varint(0x3FC0), 1.5),
        (14, b"\x22\x02\xc0\x3f", 1.5),
        (19, b"\x6a\x02" + tb.varint(0x3E00), 1.5),
        (19, b"\x22\x02\x00\x3e", 1.5),
        (23, b"\x22\x08" + struct.pack("<Q", 1 << 63), float(1 << 63)),
    ],
)
@pytest.mark.parametrize("count", [1, 40])
def test_a_tensor_of_any_type_of_number_is_a_scalar(dtype: int, number: bytes, value: float, count: int) -> None:
    events = [tb.event(1.7e9, step, tb.tensor("x", dtype, number)) for step in range(count)]
    run = _read(tb.version() + b"".join(events))
    assert run.series["x"].values.tolist() == [value] * count


def test_a_scalar_tensor_without_its_number_is_skipped_and_counted() -> None:
    run = _read(tb.version() + tb.event(1.7e9, 1, tb.tensor("x", 1, b"")))
    assert run.series == {}
    assert [(skip.reason, skip.count, skip.first) for skip in run.sources[0].skipped] == [
        ("a scalar without its number", 1, 2)
    ]


def test_a_tensor_of_another_plugin_is_no_scalar_even_where_the_plugin_is_named_once() -> None:
    number = b"\x2a\x04" + struct.pack("<f", 0.5)
    first = tb.event(1.7e9, 1, tb.tensor("x", 1, number, plugin="pr_curves"))
    later = tb.event(1.7e9, 2, tb.tensor("x", 1, number, plugin=None))
    assert _read(tb.version() + first + later).series == {}


def test_summaries_with_many_values_keep_the_order_of_the_file() -> None:
    events = [
        tb.event(1.7e9 + step, step, *(tb.simple(f"m{k}", step * 10 + k) for k in range(50))) for step in range(100)
    ]
    run = _read(tb.version() + b"".join(events))
    assert list(run.series) == [f"m{k}" for k in range(50)]
    assert run.series["m49"].values.tolist() == [step * 10 + 49 for step in range(100)]
    assert run.series["m0"].records.tolist() == list(range(2, 102))


def test_negative_and_enormous_steps_are_kept() -> None:
    steps = [0, 1, 127, 128, 1 << 40, 1 << 50, 1 << 60, -1, -5]
    run = _read(b"".join(tb.event(1.7e9, step, tb.simple("x", 1.0)) for step in steps))
    assert run.series["x"].steps.tolist() == [float(step) for step in steps]


def test_steps_that_go_back_within_a_file_stay_as_they_are() -> None:
    steps = [0, 1, 2, 1, 2, 3]
    run = _read(b"".join(tb.event(1.7e9, step, tb.simple("x", 1.0)) for step in steps))
    assert run.series["x"].steps.tolist() == steps


def test_fields_in_another_order_are_read_too() -> None:
    value = b"\x15" + struct.pack("<f", 3.0) + tb.message(1, b"x")
    payload = tb.message(5, tb.message(1, value)) + b"\x10\x05" + b"\t" + struct.pack("<d", 12.0)
    series = _read(tb.record(payload)).series["x"]
    assert (series.steps[0], series.wall_times[0], series.values[0]) == (5, 12, 3)


def test_names_of_all_lengths_are_kept_apart() -> None:
    names = ["", "a", "ab", *("x" * size + "y" * (70 - size) for size in range(70)), "z" * 300, "z" * 299 + "y"]
    events = [tb.event(1.7e9, step, tb.simple(name, index)) for step in range(3) for index, name in enumerate(names)]
    run = _read(b"".join(events))
    assert list(run.series) == names
    assert all(one.values.tolist() == [index] * 3 for index, one in enumerate(run.series.values()))


def test_a_large_file_reads_like_a_small_one() -> None:
    """Above half a megabyte the records are found in many places at once."""
    rng = random.Random(1)
    names = [f"m{index}/" + "x" * rng.randrange(60) for index in range(20)]
    made = [(rng.choice(names), rng.randrange(1 << rng.randrange(1, 30)), rng.gauss(0, 1)) for _ in range(3000)]
    once = b"".join(tb.event(1.7e9, step, tb.simple(name, value)) for name, step, value in made)
    text = tb.event(1.7e9, 1, tb.tensor("t", 7, tb.message(8, once[:100_000]), plugin="text"))  # a file in a record
    run = _read(tb.version() + (once + text) * 4)
    assert run.sources[0].rows == 12_000
    for name in names:
        expected = [(float(s), float(np.float32(v))) for n, s, v in made if n == name] * 4
        one = run.series[name]
        assert list(zip(one.steps.tolist(), one.values.tolist(), strict=True)) == expected


def test_an_empty_file_gives_a_run_without_series() -> None:
    assert _read(b"").series == {}
    assert _read(tb.version()).series == {}


@pytest.mark.parametrize("seventh", range(1, 7))
def test_a_truncated_file_is_read_up_to_the_cut_which_is_stated(seventh: int) -> None:
    whole = _log()
    cut = len(whole) * seventh // 7
    run, full = _read(whole[:cut]), _read(whole)
    loss = run.series["train/loss"]
    assert loss.values.tolist() == full.series["train/loss"].values[: len(loss)].tolist()
    assert 200 * seventh // 7 - 3 <= len(loss) <= 200 * seventh // 7 + 3
    assert run.sources[0].incomplete == "the last record is cut off"


def test_a_wrong_checksum_costs_one_record() -> None:
    whole = bytearray(_log())
    place = whole.index(b"train/loss", 5000)
    whole[place + 12] ^= 0x40  # in the number
    run = _read(bytes(whole))
    assert len(run.series["train/loss"]) == 199
    (skip,) = run.sources[0].skipped
    assert (skip.reason, skip.count) == ("the record contradicts its checksum", 1)


def test_damage_to_a_length_is_passed_over_and_stated() -> None:
    whole = bytearray(_log())
    place = whole.index(b"train/loss", 5000) - 30
    whole[place : place + 60] = b"\xff" * 60
    run = _read(bytes(whole))
    assert 195 <= len(run.series["train/loss"]) < 200
    assert run.series["train/loss"].steps[-1] == 199
    assert any("passed over" in skip.reason for skip in run.sources[0].skipped)


def test_a_tail_of_zeros_is_stated() -> None:
    run = _read(_log() + bytes(5000))
    assert len(run.series["train/loss"]) == 200
    assert run.sources[0].incomplete == "the last 5000 bytes are not records"


def test_random_damage_never_raises_anything_else() -> None:
    rng = random.Random(7)
    whole = (DATA / "events.out.tfevents.1700000003.tf2.v2").read_bytes()[:4000] + _log(30)
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
    payload = tb.event(1.7e9, 3, tb.tensor("x", 1, b"\x2a\x04" + struct.pack("<f", 0.5)))[12:-4]
    for _ in range(300):
        data = bytearray(payload)
        data[rng.randrange(len(data))] = rng.randrange(256)
        run = _read(tb.version() + tb.record(bytes(data)) * rng.choice([1, 40]))
        assert all(len(series) > 0 for series in run.series.values())


def test_a_hostile_length_neither_raises_nor_allocates() -> None:
    length = struct.pack("<Q", (1 << 64) - 1)
    run = _read(_log(3) + length + tb.masked(length) + bytes(100))
    assert len(run.series["train/loss"]) == 3
    assert run.sources[0].incomplete


def test_files_of_one_run_are_put_in_the_order_of_their_clocks() -> None:
    def part(clock: float, steps: range, stamp: int) -> Run:
        events = [tb.event(clock + step, step, tb.simple("loss", step)) for step in steps]
        return _read(tb.version(clock) + b"".join(events), f"events.out.tfevents.{stamp}.host")

    later, earlier = part(2000.0, range(5, 9), 1), part(1000.0, range(8), 2)
    run = merge_event_files([later, earlier])
    assert run.series["loss"].steps.tolist() == [*range(8), *range(5, 9)]
    assert run.series["loss"].files.tolist() == [0] * 8 + [1] * 4
    assert run.where(run.series["loss"], 8) == "events.out.tfevents.1.host:2"


def test_recognising_looks_at_the_name_or_the_first_record() -> None:
    assert READER.recognises(LogFile(path=NAME, data=b""))
    assert READER.recognises(LogFile(path="renamed", data=tb.version()))
    assert not READER.recognises(LogFile(path="log.txt", data=b"step 1 loss 2.0\n" * 9))
    assert not READER.recognises(LogFile(path="x", data=b""))
