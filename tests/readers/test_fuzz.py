"""Logs are hostile text: whatever happens to a sample, a reader reads it or refuses it, soon and with a reason.

``TRAINDX_FUZZ`` sets how many mutations each sample gets.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile
from traindx.readers.choice import read_log
from traindx.readers.registry import READERS
from traindx.run import Run

DATA = Path(__file__).parents[1] / "data"
MUTATIONS = int(os.environ.get("TRAINDX_FUZZ", "60"))
SAMPLES_PER_FORMAT = 8
LARGEST_BYTES = 200_000
SECONDS_PER_CALL = 5.0
TOKENS = (
    b"nan", b"NaN", b"-inf", b"Infinity", b"1e999", b"-1e-999", b"9" * 400, b"0x1p3", b"1_000", b"1,234.5", b"\x00",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\x1b[31m", b"\x0c", b"\t", b";", b",", b'"', b"'", b"{", b"}",
    b"[" * 200, b"]", b"{" * 200, b"=" * 50, b"|", b"#", b"%", b"null", b"None", b"true", b"epoch", b"step", b"loss",
    "损失：".encode(), "\u202e".encode(), b"\xed\xa0\x80", b"\x80\x04", b"(" * 100, b"-" * 300, b" " * 1000, b"e" * 300,
    b"18446744073709551616", b"-9223372036854775809", b"1e308", b"5e-324", b"2024-13-45 99:99:99", b"\\u0000", b"\\",
)  # fmt: skip


def samples() -> list[Path]:
    chosen: list[Path] = []
    for folder in sorted(path for path in DATA.iterdir() if path.is_dir()):
        files = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".md")]
        small = [path for path in files if path.stat().st_size <= LARGEST_BYTES]
        chosen += sorted(small, key=lambda path: (path.stat().st_size, path.name))[-SAMPLES_PER_FORMAT:]
    return chosen


places = st.floats(0, 1, exclude_max=True)
mutations = st.lists(
    st.tuples(
        st.sampled_from(("flip", "cut", "drop", "copy", "insert", "insert")), places, places, st.sampled_from(TOKENS)
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, changes: list[tuple[str, float, float, bytes]]) -> bytes:
    for kind, where, far, token in changes:
        at, to = int(where * len(data)), int(far * len(data))
        if kind == "flip" and data:
            data = data[:at] + bytes([data[at] ^ (1 << int(far * 8))]) + data[at + 1 :]
        elif kind == "cut":
            data = data[:at]
        elif kind == "drop":
            data = data[: min(at, to)] + data[max(at, to) :]
        elif kind == "copy":
            data = data[:at] + data[to : to + 500] + data[at:]
        elif kind == "insert":
            data = data[:at] + token + data[at:]
    return data


def well_formed(run: Run, path: str) -> bool:
    """Whether a run says nothing that the file cannot hold: no empty series, sound origins, no lost source."""
    for name, series in run.series.items():
        assert series.name == name
        assert len(series) > 0
        assert series.steps.shape == series.values.shape == series.records.shape
        assert bool(np.all(series.records >= 0))
        assert 0 <= int(series.files.max()) < len(run.sources)
        assert not (series.has_steps and bool(np.all(np.isnan(series.steps))))
    return all(source.path == path for source in run.sources)


def tried(read: Callable[[LogFile], list[Run]], log: LogFile) -> list[Run] | UnreadableLogError:
    try:
        return read(log)
    except UnreadableLogError as refusal:
        return refusal


def sound(outcome: list[Run] | UnreadableLogError, path: str) -> bool:
    """Whether a log was read into well-formed runs, or refused with a reason and its place."""
    if isinstance(outcome, UnreadableLogError):
        return bool(outcome.problem) and outcome.where.startswith(path)
    return all(well_formed(run, path) for run in outcome)


@pytest.mark.parametrize("sample", samples(), ids=lambda path: str(path.relative_to(DATA)))
def test_a_mutated_sample_is_read_or_refused(sample: Path) -> None:
    original = sample.read_bytes()
    path = str(sample.relative_to(DATA))
    knowing = [reader for reader in READERS if reader.recognises(LogFile(path, original))]

    @settings(max_examples=MUTATIONS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(mutations)
    @example([("cut", 0.0, 0.0, b"")])
    def check(changes: list[tuple[str, float, float, bytes]]) -> None:
        data = mutated(original, changes)
        began = time.process_time()
        for reader in knowing:
            assert sound(tried(reader.read, LogFile(path, data)), path)
        assert sound(tried(read_log, LogFile(path, data)), path)
        assert time.process_time() - began < SECONDS_PER_CALL

    check()


HOSTILE = {
    "nothing": b"",
    "one byte": b"\x00",
    "deep brackets": b"[" * 300_000,
    "deep objects": b'{"a":' * 100_000,
    "a line of ten million bytes": b"loss: 1.0 " * 1_000_000,
    "many short lines": b"1\n" * 500_000,
    "many carriage returns": b"\r" * 1_000_000,
    "a number of a million digits": b"step 1 loss " + b"9" * 1_000_000,
    "many separators": b"," * 1_000_000,
    "many quotes": b'"' * 300_001,
    "many columns": b",".join(b"c%d" % i for i in range(50_000)) + b"\n" + b",".join([b"1"] * 50_000),
    "many keys": b"{" + b",".join(b'"k%d":1' % i for i in range(100_000)) + b"}\n",
    "almost a metric, again and again": b"loss=" * 300_000,
    "spaces": b" " * 1_000_000 + b"x",
    "key of a million letters": b'{"' + b"a" * 1_000_000 + b'": 1}',
}


@pytest.mark.parametrize(
    "name", ["a.log", "a.csv", "a.json", "a.jsonl", "events.out.tfevents.1.h", "run-a.wandb", "m.db"]
)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_read_or_refused_in_linear_time(kind: str, name: str) -> None:
    began = time.process_time()
    assert sound(tried(read_log, LogFile(name, HOSTILE[kind])), name)
    assert time.process_time() - began < 4 * SECONDS_PER_CALL
