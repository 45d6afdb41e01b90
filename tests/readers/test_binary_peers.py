"""The binary readers against the libraries that wrote the formats, on our samples and on real logs where present."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util
from wandb.proto import wandb_internal_pb2 as messages

from traindx.readers import LogFile
from traindx.readers.tensorboard import READER as EVENTS
from traindx.readers.wandb_offline import READER as WANDB
from traindx.run import Run

_REPO = Path(__file__).parent.parent.parent
_CORPUS = _REPO.parent / "shared" / "corpus"
_DATA = _REPO / "tests" / "data"


def _files(pattern: str, folder: str) -> list[Path]:
    found = sorted(_CORPUS.rglob(pattern)) if _CORPUS.is_dir() else []
    return [*sorted((_DATA / folder).glob(pattern)), *found]


def test_the_real_logs_are_there() -> None:
    if not _CORPUS.is_dir():
        pytest.skip(f"no real logs at {_CORPUS}: the readers are compared on our own samples only")
    assert len(_files("events.out*", "tensorboard")) > 5


@pytest.mark.parametrize("path", _files("events.out*", "tensorboard"), ids=lambda path: path.name[-24:])
def test_event_files_hold_what_tensorboard_s_own_accumulator_finds(path: Path) -> None:
    peer = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
    peer.Reload()
    expected = {tag: [(e.wall_time, e.step, e.value) for e in peer.Scalars(tag)] for tag in peer.Tags()["scalars"]}
    for tag in peer.Tags()["tensors"]:
        if peer.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            events = peer.Tensors(tag)
            expected[tag] = [(e.wall_time, e.step, tensor_util.make_ndarray(e.tensor_proto).item()) for e in events]
    (run,) = EVENTS.read(LogFile(path=str(path), data=path.read_bytes()))
    assert set(run.series) == set(expected)
    for tag, points in expected.items():
        one = run.series[tag]
        assert np.array_equal(np.stack([one.wall_times, one.steps, one.values], axis=1), points, equal_nan=True)


@pytest.mark.parametrize("path", _files("*.wandb", "wandb"), ids=lambda path: path.name)
def test_offline_files_hold_what_wandb_s_own_messages_say(path: Path) -> None:
    expected: dict[str, list[tuple[int, float]]] = {}
    for number, payload in enumerate(_payloads(path.read_bytes()), start=1):
        record = messages.Record()
        record.ParseFromString(payload)
        for item in record.history.item if record.HasField("history") else ():
            value = json.loads(item.value_json)
            value = float(value) if value in ("NaN", "Infinity", "-Infinity") else value
            if isinstance(value, int | float) and not isinstance(value, bool):
                name = item.key or "/".join(item.nested_key)
                expected.setdefault(name, []).append((number, float(value)))
    (run,) = WANDB.read(LogFile(path=str(path), data=path.read_bytes()))
    assert set(run.series) <= set(expected)
    hidden = set(expected) - set(run.series)
    assert all(name.startswith("_") or name.rpartition("/")[2] in ("epoch", "global_step") for name in hidden)
    _assert_same_points(run, expected)


def _assert_same_points(run: Run, expected: dict[str, list[tuple[int, float]]]) -> None:
    for name, one in run.series.items():
        assert np.array_equal(np.stack([one.records, one.values], axis=1), expected[name], equal_nan=True)


def _payloads(data: bytes) -> Iterator[bytes]:
    at, parts = 7, b""
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        _, size, kind = struct.unpack_from("<IHB", data, at)
        piece = data[at + 7 : at + 7 + size]
        parts = piece if kind in (1, 2) else parts + piece
        at += 7 + size
        if kind in (1, 4):
            yield parts
