"""The text reader at its bounds: lines cut off, lines too long, and time that grows with the text and no faster."""

from __future__ import annotations

import contextlib
import gc
import math
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile
from traindx.readers.text_log import READER
from traindx.run import Run

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "bench_text.py"
BODY = "step 1 loss 0.5312\nstep 2 loss 0.5212\n"
TAIL = "\nstep 1 loss 0.5\nstep 2 loss 0.4\n"


def read(text: str) -> Run:
    (run,) = READER.read(LogFile(path="train.log", data=text.encode()))
    return run


CUT = {
    "inside a number": "step 3 loss 0.51",
    "before the digits": "step 3 loss 0.",
    "inside a name": "step 3 lo",
    "inside the step": "step 3",
    "before a value": "step 3 loss",
}


@pytest.mark.parametrize("last", CUT.values(), ids=CUT.keys())
def test_a_last_line_that_is_cut_is_said_and_its_last_number_is_not_read(last: str) -> None:
    run = read(BODY + last)
    assert run.series["loss"].values.tolist() == [0.5312, 0.5212]
    assert run.series["loss"].steps.tolist() == [1, 2]
    assert run.sources[0].incomplete == "the last line is cut off: line 3"


def test_values_whose_counter_is_cut_away_are_not_given_to_the_step_before() -> None:
    run = read("{'loss': 2.5, 'lr': 1.0, 'epoch': 0.1}\n{'loss': 2.4, 'lr': 1.1, 'epoch': 0.2}\n{'loss': 2.3, 'l")
    assert {name: series.steps.tolist() for name, series in run.series.items()} == {
        "loss": [0.1, 0.2],
        "lr": [0.1, 0.2],
    }
    assert run.sources[0].incomplete


def test_numbers_before_the_cut_are_kept() -> None:
    text = "".join(f"step {i} | loss {2 - i / 10:.4f} | acc {i / 10:.4f}\n" for i in range(5))
    run = read(text + "step 5 | loss 1.5000 | acc 0.5")
    assert run.series["loss"].steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert run.series["acc"].steps.tolist() == [0, 1, 2, 3, 4]
    assert run.sources[0].incomplete


@pytest.mark.parametrize(
    "last", ["step 3 loss 0.5112", "step 3 loss 0.5112\n", "training finished", "step 3 loss nan", "done in 3.5 s"]
)
def test_a_last_line_without_newline_that_is_whole_is_no_cut(last: str) -> None:
    run = read(BODY + last)
    assert run.sources[0].incomplete == ""
    assert run.series["loss"].values.tolist()[:2] == [0.5312, 0.5212]
    assert len(run.series["loss"]) == 2 + last.startswith("step")


def test_decimals_that_vary_show_no_cut() -> None:
    run = read("step 1 loss 0.5312\nstep 2 loss 0.52\nstep 3 loss 0.5")
    assert run.series["loss"].values.tolist() == [0.5312, 0.52, 0.5]
    assert run.sources[0].incomplete == ""


def test_every_cut_of_a_log_gives_only_numbers_that_the_whole_log_has() -> None:
    text = "".join(f"epoch {i // 4} | step {i} | loss {3 - i / 100:.4f} | acc {i / 100:.4f}\n" for i in range(12))
    whole = {name: set(series.values.tolist()) for name, series in read(text).series.items()}
    for cut in range(text.index("\n", 120), len(text)):
        run = read(text[:cut])
        for name, series in run.series.items():
            assert set(series.values.tolist()) <= whole[name], f"{text[:cut]!r} gives {name} {series.values[-1]}"


def test_lines_over_the_bounds_are_counted_with_the_reason() -> None:
    run = read("step 0 loss " + "1" * 150_000 + "\n" + "loss: 1.0 " * 5_000 + TAIL)
    assert {skip.reason: (skip.count, skip.first) for skip in run.sources[0].skipped} == {
        "a line of more than 100,000 characters": (1, 1),
        "more than 3,000 numbers in a line": (1, 2),
    }
    assert run.series["loss"].values.tolist() == [0.5, 0.4]


def templates(size: int) -> str:
    rng = random.Random(1)
    names = ("".join(rng.choice("abcdefghij") for _ in range(6)) for _ in range(size))
    return "".join(f"step {i} loss_{name}: 0.5\n" for i, name in enumerate(names))


DAMAGED = [
    "[1,0]<stdout>:step 1 loss 0.5\n[1,1e999]<stdout>:step 2 loss 0.4\n",
    "[1,0]<stdout>:step 1 loss 0.5\n[1,nan]<stdout>:step 2 loss 0.4\n",
    "2024-01-01 00:00:02.5: step 2 loss 0.4\n20241e999-01-01 00:00:01.5: step 1 loss 0.5\n",
    "Epoch 1 Batch nan loss 0.5\nEpoch 2 Batch nan loss 0.4\n",
    "step inf loss 0.5\nstep nan loss 0.4\n",
]


@pytest.mark.parametrize("text", DAMAGED)
def test_counters_ranks_and_clocks_that_are_no_numbers_harm_nothing(text: str) -> None:
    assert sum(len(series) for series in read(text * 6).series.values()) > 0


REPEATED = {
    "one line of letters": "a", "one line of metrics": "loss: 1.0 ", "pipes": "|", "cells": "|1", "commas": ",", "numbers": "1,",
    "spaced numbers": "1  ", "brackets": "[", "pairs of brackets": "()", "opened numbers": "[1", "spaces": " ", "tabs": "1\t",
    "digits": "1", "points": "1.", "hyphens": "-", "ranges": "1-", "clocks": "1:", "rules": "=", "assignments": "a=1 ", "quotes": "'",
    "percents": "10%|", "words": "epoch 1 ", "ranks": "[rank0]: ", "wide": "损失：1 ", "escapes": "\x1b[", "backspaces": "\b",
    "carriage returns": "\r", "tensors": "tensor(", "stars": "**", "headings": "## a\n", "short lines": "1\n", "pairs": "1 2\n",
    "tables": "a b c\n1 2 3\n", "piped tables": "| a | b |\n| 1 | 2 |\n", "empty lines": "\n", "boxes": "------\n| a | 1 |\n| b | 2 |\n------\n",
    "copied headers": "copypaste: Task: a\n", "averages": " macro avg ", "sentences": "Average Precision  (AP) @[ IoU=", "epochs": "1epoch:",
}  # fmt: skip
FRAMED = {
    "spaces before a value": "loss:{}1",
    "rows of a box that never ends": "-" * 20 + "\n{}",
    "a call": "Namespace({})",
}
FILLERS = {"spaces before a value": " ", "rows of a box that never ends": "aaaa   1\n", "a call": "a=1, "}
HOSTILE = {name: (piece, "{}") for name, piece in REPEATED.items()} | {
    name: (FILLERS[name], frame) for name, frame in FRAMED.items()
}


def seconds(text: str) -> float:
    """The least of three: what else the process holds makes a collection of garbage cost more than the reading."""
    return min(_once(text) for _ in range(3))


def _once(text: str) -> float:
    gc.collect()
    gc.disable()
    start = time.process_time()
    try:
        with contextlib.suppress(UnreadableLogError):
            assert READER.read(LogFile(path="x.log", data=text.encode()))
        return time.process_time() - start
    finally:
        gc.enable()


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_hostile_text_and_no_faster(name: str) -> None:
    piece, frame = HOSTILE[name]
    short, long = (frame.format(piece * (size // len(piece))) + TAIL for size in (12_000, 48_000))
    assert seconds(long) < 0.35 + 8 * seconds(short)


def test_many_forms_of_lines_take_time_in_proportion() -> None:
    assert seconds(templates(4_000)) < 0.35 + 8 * seconds(templates(1_000))


def test_the_peak_of_memory_stays_within_four_times_the_text() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("the resident peak is read from /proc, which this system lacks")
    told = subprocess.run(
        [sys.executable, str(BENCHMARK), "memory"], capture_output=True, text=True, check=True, timeout=120
    )
    size, grown = (
        float(word)
        for word in told.stdout.replace("text ", "")
        .replace("resident peak grew by ", "")
        .replace(" MB", "")
        .split(", ")
    )
    assert grown < 4.2 * size
    assert not math.isnan(grown)
