"""What the recorder writes: every byte as TensorBoard's own library would have it, and the same on every way."""

from __future__ import annotations

import math
import random
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event

import traindx
from traindx.live.crc_extension import crc32c_extension
from traindx.live.event_bytes import record_of
from traindx.live.event_form import Forms
from traindx.live.recorder import Recorder

WAYS = {"tables": Forms(None), "processor": Forms(crc32c_extension())}
NAMES = st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=20, unique=True)
# where the step takes another byte on the wire, and where its low bits turn over
STEPS = st.one_of(
    st.integers(0, (1 << 62) - 1), st.sampled_from([0, 127, 128, 16383, 16384, (1 << 21) - 1, 1 << 21, 1 << 35])
)
NUMBERS = st.one_of(st.floats(width=32), st.floats(-1e38, 1e38))


def test_the_checksums_of_the_processor_are_at_hand_in_the_tests() -> None:
    assert crc32c_extension() is not None


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None, max_examples=120)
@given(names=NAMES, step=STEPS, second=st.integers(1, 1 << 33), draw=st.data())
def test_a_record_by_its_form_is_the_record_in_full(
    way: str, names: list[str], step: int, second: int, draw: st.DataObject
) -> None:
    form = WAYS[way].of(names, second, step)
    assert form is not None
    for _ in range(3):
        at = draw.draw(st.integers(form.first, form.end - 1))
        tick = second * 1024 + draw.draw(st.integers(0, 1023))
        numbers = tuple(draw.draw(NUMBERS) for _ in names)
        record = form.record(tick, at, numbers)
        assert record == record_of(tick / 1024, at, zip(names, numbers, strict=True))
        assert len(record) == form.size


@given(names=NAMES, step=STEPS, wall=st.floats(0, 1e10))
def test_a_record_holds_the_event_that_tensorboards_library_makes(names: list[str], step: int, wall: float) -> None:
    numbers = [math.pi * (index + 1) for index in range(len(names))]
    read = Event.FromString(record_of(wall, step, zip(names, numbers, strict=True))[12:-4])
    made = Event(wall_time=wall, step=step)
    for name, number in zip(names, numbers, strict=True):
        made.summary.value.add(tag=name, simple_value=number)
    assert read == made


def test_a_row_of_names_beyond_all_measure_is_written_in_full(tmp_path: Path) -> None:
    names = ["x" * 50_000 + str(index) for index in range(3)]
    assert Forms(None).of(names, 1_700_000_000, 3) is None
    with quiet(tmp_path) as monitor:
        for _ in range(5):
            monitor.log(dict.fromkeys(names, 0.5))
    (run,) = traindx.read(tmp_path)
    assert [len(run.series[name]) for name in names] == [5, 5, 5]


def test_absurd_names_and_hundreds_of_them_come_back_as_they_went_in(tmp_path: Path) -> None:
    odd = ["val/r@1", "потеря/σ²", "a b\tc\n", "😀", "\x00", "loss" * 200, "\ud800 alone", "=1+1", "../../etc"]
    names = [*odd, *(f"layer{index}/norm" for index in range(300))]
    with quiet(tmp_path) as monitor:
        for step in range(20):
            monitor.log({name: float(step + index) for index, name in enumerate(names)})
            monitor.log({f"made up at {step}": 1.0})
    written = [name.encode("utf-8", "backslashreplace").decode() for name in names]
    (run,) = traindx.read(tmp_path)
    assert set(written) | {f"made up at {step}" for step in range(20)} == set(run.series)
    for index, name in enumerate(written):
        assert np.array_equal(run.series[name].values, np.arange(20.0) + index)
        assert np.array_equal(run.series[name].steps, np.arange(20.0))
    told = opened(tmp_path)
    assert set(told.Tags()["scalars"]) == set(run.series)


def test_numbers_beyond_32_bits_keep_their_size_and_small_ones_become_zero(tmp_path: Path) -> None:
    values = [1.0, 1e39, -1e300, math.inf, -math.inf, math.nan, 1e-60, 3.4028235e38, 3.4028235677973366e38]
    with quiet(tmp_path) as monitor:
        for value in [0.5] * 6 + values:
            monitor.log(loss=value, lr=0.1)
    read = traindx.read(tmp_path)[0].series["loss"].values[6:]
    expected = [1.0, 1e39, -1e300, math.inf, -math.inf, math.nan, 0.0, 3.4028234663852886e38, 3.4028235677973366e38]
    assert np.array_equal(read, expected, equal_nan=True)


def test_wall_times_are_right_to_a_millisecond_and_steps_to_the_last_bit(tmp_path: Path) -> None:
    steps = [0, 5, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 3_000_000_000, 3_000_000_001]
    before = time.time()
    with quiet(tmp_path) as monitor:
        for step in steps * 3:
            monitor.log(loss=1.0, step=step)
    series = traindx.read(tmp_path)[0].series["loss"]
    assert series.steps.tolist() == [float(step) for step in steps * 3]
    assert np.all((series.wall_times > before - 0.001) & (series.wall_times < time.time() + 0.001))


@pytest.mark.parametrize("start", [-5.0, 0.0, 1.0e9, 4.0e9])
def test_a_clock_that_jumps_or_stands_anywhere_is_written_as_it_is(
    start: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = [start + offset for offset in (0, 0.5, 1.0, 1.001, 90, 30, 30.5, -3000, 2.0**31)]
    now = times[0]
    for module in ("monitor", "intake"):
        monkeypatch.setattr(f"traindx.live.{module}.wall_clock", lambda: now)
    with quiet(tmp_path) as monitor:
        for now in [times[0]] * 4 + times:  # noqa: B007 - read by the clock
            monitor.log(loss=1.0)
    series = traindx.read(tmp_path)[0].series["loss"]
    assert np.allclose(series.wall_times[4:], times, rtol=0, atol=1 / 1024)


def test_a_log_grows_before_tensorboards_eyes_and_ours(tmp_path: Path) -> None:
    from traindx.readers import GrowingLog

    with quiet(tmp_path) as monitor:
        monitor.log(loss=0.0)
        told = opened(tmp_path)
        ours = GrowingLog(str(next(tmp_path.glob("*tfevents*"))))
        seen = len(ours.more().run.series["loss"])
        for step in range(1, 200):
            monitor.log(loss=float(step))
            if step % 20 == 0:
                told.Reload()
                assert [one.value for one in told.Scalars("loss")] == [float(x) for x in range(step + 1)]
                seen += len(ours.more().run.series["loss"])
                assert seen == step + 1


def test_rows_of_a_thousand_threads_calls_do_not_mix(tmp_path: Path) -> None:
    import threading

    def log(who: int) -> None:
        for step in range(250):
            monitor.log({f"a{who}": float(step), f"b{who}": float(-step)}, step=step)

    with quiet(tmp_path) as monitor:
        threads = [threading.Thread(target=log, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    (run,) = traindx.read(tmp_path)
    assert not run.sources[0].skipped
    for who in range(4):
        assert np.array_equal(run.series[f"a{who}"].values, np.arange(250.0))
        assert np.array_equal(run.series[f"b{who}"].values, -np.arange(250.0))


def test_the_recorder_alone_writes_what_it_is_given(tmp_path: Path) -> None:
    rng = random.Random(1)
    recorder = Recorder(tmp_path, lambda kind, message: pytest.fail(message))
    rows = [(step, rng.random(), rng.gauss(0, 1)) for step in range(400)]
    for step, one, two in rows:
        _ = recorder.record(1_700_000_000 * 1024 + step * 50, step, ("one", "two"), (one, two))
    recorder.file.close()
    (run,) = traindx.read(tmp_path)
    single = [struct.unpack("<f", struct.pack("<f", one))[0] for _, one, _ in rows]
    assert run.series["one"].values.tolist() == single


def quiet(directory: Path) -> traindx.Monitor:
    from traindx.live import Pace

    return traindx.Monitor(directory, quiet=True, pace=Pace(every_s=math.inf))


def opened(directory: Path) -> EventAccumulator:
    told = EventAccumulator(str(directory), size_guidance={"scalars": 0})
    told.Reload()
    return told
