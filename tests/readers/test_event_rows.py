"""Records decoded as rows of one layout are what the general decoder makes of them, and lengths are found either way."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.writers import event_writer as tb

from traindx.readers import LogFile, tensorboard
from traindx.readers.byteview import ByteView
from traindx.readers.event_points import EventDecoder
from traindx.readers.names import NameTable
from traindx.readers.tfrecord import HEADER, frames
from traindx.run import Run

DOUBLE = 2
TAGS = ("a", "loss", "eval/loss", "a name that is longer than sixteen bytes", "a name that is shorter, not by much")
WALL = 1.7e9


def points_of(run: Run) -> list[tuple[str, int, float, float, float]]:
    """Every point: name, record, step, wall time, value."""
    return sorted(
        (name, *row)
        for name, one in run.series.items()
        for row in zip(
            one.records.tolist(), one.steps.tolist(), one.wall_times.tolist(), one.values.tolist(), strict=True
        )
    )


def one_by_one(data: bytes) -> list[tuple[str, int, float, float, float]]:
    """The points by the general decoder, a record at a time."""
    view = ByteView(data)
    decoder = EventDecoder(view, NameTable(view))
    found: list[tuple[str, int, float, float, float]] = []
    for record, start in enumerate(frames(view).starts.tolist()):
        end = start + HEADER + int(view.words(np.array([start]))[0])
        one = decoder.points(np.array([start + HEADER]), np.array([end]), np.array([record]))
        columns = (one.names.tolist(), one.steps.tolist(), one.wall_times.tolist(), one.values.tolist())
        found += [(decoder.names.names[n], record + 1, s, w, v) for n, s, w, v in zip(*columns, strict=True)]
    return sorted(found)


def read(data: bytes) -> Run:
    (run,) = tensorboard.READER.read(LogFile("run/events.out.tfevents.1700000000.host", data))
    return run


def value_of(tag: str, number: float, kind: int) -> bytes:
    if kind == 0:
        return tb.simple(tag, number)
    if kind == 1:
        return tb.tensor(tag, DOUBLE, tb.message(4, struct.pack("<d", number)))
    return tb.tensor(tag, DOUBLE, tb.message(6, struct.pack("<d", number)), plugin=None)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, len(TAGS)), st.integers(1, 3), st.integers(0, 3))
def test_rows_of_one_layout_are_read_as_the_general_decoder_reads_each(
    seed: int, tags: int, kinds: int, values: int
) -> None:
    random = np.random.default_rng(seed)
    steps = np.cumsum(random.integers(0, 400, 300)) * int(random.choice([0, 1, 5000]))
    records = [
        tb.event(
            WALL + index,
            int(step),
            *(
                value_of(TAGS[random.integers(tags)], float(np.float32(random.normal())), int(random.integers(kinds)))
                for _ in range(random.integers(1, values + 2))
            ),
        )
        for index, step in enumerate(steps)
    ]
    data = tb.version() + b"".join(records)
    assert points_of(read(data)) == one_by_one(data)


@pytest.mark.parametrize("step", [-1, -(1 << 62), 1 << 49, (1 << 49) - 1, 1 << 62])
def test_steps_of_any_size_survive_among_rows_of_one_layout(step: int) -> None:
    data = b"".join(tb.event(WALL, step, tb.simple("loss", float(index))) for index in range(100))
    (series,) = read(data).series.values()
    assert series.steps.tolist() == [float(step)] * 100
    assert series.values.tolist() == list(range(100))


def test_a_row_with_two_wall_times_takes_the_last_as_the_wire_form_demands() -> None:
    twice = [
        tb.record(b"\t" + struct.pack("<d", 1.0) + b"\t" + struct.pack("<d", 2.0 + index) + tb.message(5, tb.message(1, tb.simple("x", 1.0))))
        for index in range(100)
    ]  # fmt: skip
    (series,) = read(b"".join(twice)).series.values()
    assert series.wall_times.tolist() == [2.0 + index for index in range(100)]


def test_a_damaged_row_among_many_is_left_out_and_the_others_of_its_length_are_read() -> None:
    records = [tb.event(WALL + index, 200, tb.simple("loss", float(index))) for index in range(100)]
    torn = bytearray(records[40])
    torn[-6] ^= 1
    records[40] = bytes(torn)
    run = read(b"".join(records))
    (series,) = run.series.values()
    assert series.values.tolist() == [float(index) for index in range(100) if index != 40]
    assert [(skip.count, skip.first) for skip in run.sources[0].skipped] == [(1, 41)]


@pytest.mark.parametrize("size", [1, 100, 255, 256, 257, 5000, 70_000])
@pytest.mark.parametrize("longer", [0, 1, 150, 300])
def test_records_are_found_whatever_their_lengths(size: int, longer: int) -> None:
    payloads = [b"\x09" * 30] * 400 + [b"\x00" * size] * longer + [b"\x09" * 31] * 10
    if longer * size > 3_000_000:
        payloads = payloads[:10] + payloads[-20:]
    lengths = np.array([len(payload) for payload in payloads])
    made = {payload: tb.record(payload) if len(payload) < 400 else framed(payload) for payload in set(payloads)}
    data = b"".join(made[payload] for payload in payloads)
    found = frames(ByteView(data))
    assert found.starts.tolist() == (np.cumsum(lengths + 16) - lengths - 16).tolist()
    assert not found.damage
    assert not found.incomplete


def framed(payload: bytes) -> bytes:
    """A record whose payload's checksum is not looked at."""
    length = struct.pack("<Q", len(payload))
    return length + tb.masked(length) + payload + bytes(4)


def test_a_tail_that_is_cut_off_is_told_at_every_length() -> None:
    data = b"".join(tb.event(WALL + index, index, tb.simple("loss", 1.0)) for index in range(40))
    last = len(tb.event(WALL, 39, tb.simple("loss", 1.0)))
    for cut in range(1, last):
        found = frames(ByteView(data[:-cut]))
        assert len(found.starts) == 39
        assert found.incomplete
