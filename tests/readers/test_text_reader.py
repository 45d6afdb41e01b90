"""The text reader's contract: places, kinds of missing, splits, runs of a document, and hostile input."""

from __future__ import annotations

import math
import random
import time

import numpy as np
import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile
from traindx.readers.text_log import READER
from traindx.run import Run


def read_all(text: str | bytes, path: str = "train.log") -> list[Run]:
    data = text.encode() if isinstance(text, str) else text
    return READER.read(LogFile(path=path, data=data))


def read(text: str | bytes) -> Run:
    (run,) = read_all(text)
    return run


LOG = "".join(
    f"2024-01-02 10:{i // 60:02d}:{i % 60:02d},500 - INFO - epoch {i // 40} | step {i} | loss {3 - i / 100:.4f} | lr {1e-4:.2e}\n"
    for i in range(120)
)


def test_every_point_knows_its_line_step_epoch_and_time() -> None:
    run = read("starting up\n" + LOG)
    loss = run.series["loss"]
    assert loss.records.tolist() == list(range(2, 122))
    assert loss.steps.tolist() == list(range(120))
    assert loss.epochs.tolist() == [i // 40 for i in range(120)]
    start = np.datetime64("2024-01-02T10:00:00.5").astype("datetime64[ms]").astype(np.int64) / 1e3
    assert loss.wall_times.tolist() == pytest.approx([start + i for i in range(120)])
    assert run.where(loss, 3) == "train.log:5"


def test_bulk_reading_gives_the_same_numbers_as_reading_line_by_line() -> None:
    rng = random.Random(3)
    rows = [(i, rng.gauss(2, 1), rng.lognormvariate(-9, 2), rng.choice([1.5, math.nan, math.inf])) for i in range(500)]
    text = "".join(f"step {i}/500 | loss {a:.4f} | lr {b:.3e} | gnorm {c}\n" for i, a, b, c in rows)
    run = read(text)
    assert run.series["loss"].values.tolist() == [float(f"{a:.4f}") for _, a, _, _ in rows]
    assert run.series["lr"].values.tolist() == [float(f"{b:.3e}") for _, _, b, _ in rows]
    assert run.series["gnorm"].values.tolist() == pytest.approx([c for *_, c in rows], nan_ok=True)
    assert run.series["gnorm"].steps.tolist() == [i for i, *_ in rows]


def test_names_that_differ_in_digits_alone_stay_apart_in_bulk() -> None:
    text = "".join(f"epoch {e}\n" + "".join(f"  R@{k}: {e + k / 100:.2f}%\n" for k in (1, 5, 10)) for e in range(50))
    run = read(text)
    for k in (1, 5, 10):
        assert run.series[f"R@{k}"].values.tolist() == pytest.approx([e + k / 100 for e in range(50)])
        assert run.series[f"R@{k}"].steps.tolist() == list(range(50))


def test_missing_nan_infinity_and_zero_are_four_things() -> None:
    run = read("step 1 loss 0.0 acc 0.5\nstep 2 loss nan acc 0.6\nstep 3 acc 0.7\nstep 4 loss inf acc 0.8\n")
    assert run.series["loss"].steps.tolist() == [1, 2, 4]
    assert run.series["loss"].values.tolist() == pytest.approx([0.0, math.nan, math.inf], nan_ok=True)


def test_steps_that_go_back_stay_in_the_order_of_the_file() -> None:
    run = read("step 1 loss 3\nstep 2 loss 2\nresuming from checkpoint\nstep 1 loss 3.1\nstep 2 loss 2.1\n")
    assert run.series["loss"].steps.tolist() == [1, 2, 1, 2]
    assert any("resuming from checkpoint" in note for note in run.notes)


def test_an_iteration_that_restarts_in_each_epoch_becomes_a_global_step() -> None:
    text = "".join(f"Epoch [{e}][{i}/200] loss: {e + i / 1000:.4f}\n" for e in (1, 2, 3) for i in (100, 200))
    assert read(text).series["loss"].steps.tolist() == [100, 200, 300, 400, 500, 600]


def test_averages_are_series_of_their_own_kind() -> None:
    run = read("Epoch: [0]  [10/20]  eta: 0:00:01  loss: 2.31 (2.40)  time: 0.1 (0.1)\n")
    assert run.series["loss"].statistic == "median"
    assert run.series["loss (avg)"].statistic == "running-mean"
    plain = read("Train Epoch: 0 [64/100 (64%)] Loss: 2.31 (2.40)\n")
    assert plain.series["Loss"].statistic == "value"
    assert plain.series["Loss (avg)"].values.tolist() == [2.4]


def test_percent_signs_are_told_as_a_setting() -> None:
    run = read("epoch 1 acc: 12.5% loss: 0.3\nepoch 2 acc: 13.5% loss: 0.2\n")
    assert [s.name for s in run.settings if s.name.startswith("traindx.percent:")] == ["traindx.percent:acc"]
    assert run.series["acc"].values.tolist() == [12.5, 13.5]


def test_ranks_that_print_the_same_are_counted_once_and_a_note_says_so() -> None:
    run = read("".join(f"[rank{r}]: step {i} loss {2 - i / 10:.2f}\n" for i in range(5) for r in range(2)))
    assert len(run.series["loss"]) == 5
    assert any("rank 1" in note for note in run.notes)


def test_configuration_code_and_prose_give_no_series() -> None:
    text = """\
Namespace(lr=0.1, batch_size=32, loss_weight=1.0)
model = dict(type='FasterRCNN', loss_cls=dict(type='CrossEntropyLoss', loss_weight=1.0))
    val_loss = 0.0
    for step in range(10): print(f'step:{step} val_loss:{val_loss:.4f}')
    loss += 1.0
optimizer = SGD(lr=0.02, momentum=0.9)
random_seed = 2019
torch==2.1.0
With a batch of 16 it takes around 114 steps to go from a loss of 1.2 to 0.8 and then it drops.
CUDA 11.8, driver 525.60, GPU 0: 80 GB, host 10.0.0.1:8080
number of nan iterations: 0
epoch 1 loss: 0.5
epoch 2 loss: 0.4
"""
    assert list(read(text).series) == ["loss"]


def test_ranges_are_not_values_and_are_counted() -> None:
    run = read("Epoch 1: loss = 5,000-15,000\nEpoch 2: loss = 900\nloss: 0.5-1.0\n")
    assert run.series["loss"].values.tolist() == [900]
    assert [skip.reason for skip in run.sources[0].skipped] == ["a range, not a value"]


def test_text_without_a_metric_is_refused_with_a_hint() -> None:
    for text in ("", "\n\n", "hello world\n", "Python 3.11.2 on port 8080\n", "Namespace(lr=0.1)\n"):
        with pytest.raises(UnreadableLogError) as error:
            read_all(text)
        assert error.value.hint


def test_a_document_holds_one_run_for_each_heading_under_which_metrics_start_again() -> None:
    text = """\
## Results

**Previous Training (50k samples, 10 epochs):**
- Epoch 1: Train Loss: 5.59, Val Loss: 5.51
- Final: Train Loss: 5.54, Val Loss: 5.51

**Current Training (100k samples, 20 epochs):**
- Epoch 1: Train Loss: 1.88, Val Loss: 0.0521
"""
    first, second = read_all(text)
    assert first.series["Train Loss"].values.tolist() == [5.59, 5.54]
    assert first.series["Train Loss"].steps.tolist() == [1, 10]
    assert second.series["Val Loss"].values.tolist() == [0.0521]
    assert {s.name: s.value for s in second.settings}["num_samples"] == 100_000
    assert {s.name: s.value for s in first.settings}["epochs"] == 10


def test_overflows_and_tracebacks_become_notes_with_their_place() -> None:
    noise = "".join(f"OVERFLOW! Rank 0 Skipping step. Attempted loss scale: {2**i}\n" for i in range(80))
    run = read("step 1 loss 2\n" + noise + "Traceback (most recent call last):\n")
    assert len(run.notes) == 50
    assert run.notes[0].startswith("train.log:2: OVERFLOW!")
    assert all(len(note) <= 160 for note in run.notes)


@pytest.mark.parametrize("sevenths", range(8))
def test_a_log_cut_anywhere_gives_all_points_before_the_cut(sevenths: int) -> None:
    cut = len(LOG) * sevenths // 7
    whole = LOG[:cut].count("\n")
    if whole == 0:
        with pytest.raises(UnreadableLogError):
            read_all(LOG[:cut])
        return
    loss = read(LOG[:cut]).series["loss"]
    assert loss.values.tolist()[:whole] == [float(f"{3 - i / 100:.4f}") for i in range(whole)]


def test_damaged_bytes_raise_nothing_but_unreadable() -> None:
    rng = random.Random(11)
    samples = [
        LOG[:2000].encode(),
        b"{'loss': [1, {2: (3}], 'epoch': 1}\n| a | 1 |\n|---|---|\n| 2 | 3 |\n",
        "第1轮 损失：2.31\n".encode() * 5,
    ]
    for _ in range(300):
        data = bytearray(rng.choice(samples))
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            runs = read_all(bytes(data))
        except UnreadableLogError:
            continue
        assert all(len(series) for run in runs for series in run.series.values())


HOSTILE = {
    "one endless line": "loss: 1.0 " * 400_000,
    "a huge number": "epoch 1 loss: " + "9" * 1_000_000 + "\nepoch 2 loss: 0.5\n",
    "deep brackets": "epoch 1 loss: " + "[" * 50_000 + "1" + "]" * 50_000 + "\nepoch 2 loss: 0.5\n",
    "deep dictionaries": "{'a': " * 5_000 + "1" + "}" * 5_000 + "\nstep 1 loss 0.5\n",
    "no newline, all spaces": "step 1 loss" + " " * 500_000 + "0.5",
    "many names": "".join(f"step {i} loss_{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}: 0.5\n" for i in range(20_000)),
    "dashes": "-" * 500_000 + "\nstep 1 loss 0.5\n",
    "equals signs": "= " * 100_000 + "\nstep 1 loss 0.5\n",
    "pipes": "|" * 100_000 + "\n" + "| 1 " * 20_000 + "\nstep 1 loss 0.5\n",
    "colons": "a:" * 50_000 + "\n" + "1:" * 50_000 + "\nstep 1 loss 0.5\n",
    "commas": "1," * 90_000 + "\nstep 1 loss 0.5\n",
    "letters": "a" * 190_000 + " 1\nstep 1 loss 0.5\n",
    "box that never ends": "-" * 20 + "\n" + "| a | 1 |\n" * 30_000 + "step 1 loss 0.5\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_read_or_refused_within_seconds(text: str) -> None:
    start = time.process_time()
    found = runs_or_refusal(text)
    assert isinstance(found, UnreadableLogError) or found
    assert time.process_time() - start < 8


def runs_or_refusal(text: str) -> list[Run] | UnreadableLogError:
    try:
        return read_all(text)
    except UnreadableLogError as error:
        return error


def test_reading_time_grows_no_faster_than_the_text() -> None:
    def seconds(lines: int) -> float:
        data = "".join(f"step {i} | loss {i % 97 / 7:.4f} | lr 1.0e-04\n" for i in range(lines)).encode()
        best = math.inf
        for _ in range(2):
            start = time.process_time()
            READER.read(LogFile(path="x.log", data=data))
            best = min(best, time.process_time() - start)
        return best

    assert seconds(80_000) < 8 * 3 * max(seconds(10_000), 0.01)


def test_binary_files_are_not_recognised_and_text_is() -> None:
    assert READER.recognises(LogFile(path="x.log", data=LOG.encode()))
    assert not READER.recognises(LogFile(path="x", data=b"\0\1\2" * 100))
    assert not READER.recognises(LogFile(path="x", data=b""))
