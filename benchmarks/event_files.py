"""Makes large event files quickly, for the benchmarks: seeded, and written without TensorBoard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from traindx.readers.crc32c import crc32c_of_rows

Bytes = NDArray[np.uint8]
NAMES = [f"train/loss_component_{index}" for index in range(10)]
_SCALARS = b"J\x0b\n\t\n\x07scalars"  # metadata: plugin_data { plugin_name: "scalars" }


def write_event_file(path: Path, points: int, *, form: str = "simple", irregular: bool = False, seed: int = 0) -> None:
    """Write ``points`` scalars of 10 series; ``form`` is "simple" or "tensor".

    ``irregular`` draws names of many lengths at random, and lets the steps jump.
    """
    rng = np.random.default_rng(seed)
    names = [f"m{index}/" + "x" * int(rng.integers(1, 60)) for index in range(10)] if irregular else NAMES
    which = rng.integers(0, 10, points) if irregular else np.arange(points) % 10
    steps = np.cumsum(rng.integers(0, 50, points)) if irregular else np.arange(points) // 10
    walls = 1.7e9 + np.cumsum(rng.exponential(0.01, points))
    values = rng.standard_normal(points).astype("<f4")
    sizes = np.searchsorted([1 << 7 * k for k in range(1, 6)], steps, side="right") + 1
    layouts: list[tuple[NDArray[np.intp], Bytes]] = []
    for name in range(10):
        for size in range(1, 6):
            rows = np.flatnonzero((which == name) & (sizes == size))
            if rows.size:
                made = _records(names[name].encode(), size, steps[rows], walls[rows], values[rows], form)
                layouts.append((rows, made))
    lengths = np.zeros(points, dtype=np.int64)
    for rows, made in layouts:
        lengths[rows] = made.shape[1]
    starts = np.cumsum(lengths) - lengths
    out = np.empty(int(lengths.sum()), dtype=np.uint8)
    for rows, made in layouts:
        for low in range(0, len(rows), 1 << 16):
            at = starts[rows[low : low + (1 << 16)], None] + np.arange(made.shape[1])
            out[at] = made[low : low + (1 << 16)]
    with path.open("wb") as file:
        _ = file.write(_first_record())
        _ = file.write(out.tobytes())


def _first_record() -> bytes:
    payload = b"\t" + np.float64(1.7e9).tobytes() + b"\x1a\rbrain.Event:2"
    return _framed(np.frombuffer(payload, dtype=np.uint8)[None, :]).tobytes()


def _records(
    tag: bytes,
    step_size: int,
    steps: NDArray[np.int64],
    walls: NDArray[np.float64],
    values: NDArray[np.float32],
    form: str,
) -> Bytes:
    """One row per record: all of one tag and one size of step."""
    number = b"\x15" + bytes(4) if form == "simple" else b"B\x0a\x08\x01\x12\x00*\x04" + bytes(4) + _SCALARS
    value = b"\n" + bytes([len(tag)]) + tag + number
    tail = b"*" + _varint(len(value) + 1 + len(_varint(len(value)))) + b"\n" + _varint(len(value)) + value
    payload = np.frombuffer(b"\t" + bytes(8) + b"\x10" + bytes(step_size) + tail, dtype=np.uint8)
    rows = np.repeat(payload[None, :], len(steps), axis=0)
    rows[:, 1:9] = np.ascontiguousarray(walls, dtype="<f8").view(np.uint8).reshape(-1, 8)
    for index in range(step_size):
        more = 0x80 if index < step_size - 1 else 0
        rows[:, 10 + index] = ((steps >> 7 * index) & 0x7F) | more
    at = rows.shape[1] - 4 if form == "simple" else rows.shape[1] - 4 - len(_SCALARS)
    rows[:, at : at + 4] = np.ascontiguousarray(values).view(np.uint8).reshape(-1, 4)
    return _framed(rows)


def _framed(payloads: Bytes) -> Bytes:
    length = np.frombuffer(np.uint64(payloads.shape[1]).tobytes(), dtype=np.uint8)[None, :]
    head = np.concatenate([length, _checksums(length)], axis=1)
    return np.concatenate([np.repeat(head, len(payloads), axis=0), payloads, _checksums(payloads)], axis=1)


def _checksums(rows: Bytes) -> Bytes:
    crc = crc32c_of_rows(rows)
    masked = (((crc >> np.uint64(15)) | (crc << np.uint64(17))) + np.uint64(0xA282EAD8)) & np.uint64(0xFFFFFFFF)
    return masked.astype("<u4").view(np.uint8).reshape(-1, 4)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
