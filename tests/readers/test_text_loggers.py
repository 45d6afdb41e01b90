"""What loggers put before a line, and what else stands around printed metrics."""

from __future__ import annotations

import pytest

from traindx.readers import LogFile
from traindx.readers.choice import read_log
from traindx.run import Run


def read(text: str | bytes) -> Run:
    """Through all readers, so that none of them takes such a text for its own."""
    (run,) = read_log(LogFile(path="train.log", data=text.encode() if isinstance(text, str) else text))
    return run


def points(run: Run, name: str) -> list[float]:
    return [float(value) for value in run.series[name].values]


@pytest.mark.parametrize(
    "prefix",
    [
        "2020-09-02 13:28:04,330 - train_net.py[line:177] - INFO: ",
        "2020-09-02 13:28:04.330 | INFO     | trainer:after_iter:246 - ",
        "2020-09-02 13:28:04.330 | INFO     | __main__:<module>:9 - ",
        "2017-08-18 02:43:53,914:\t",
        "[08/01 21:35:02][INFO] test_net.py:  239: ",
    ],
)
def test_the_place_in_the_program_that_prints_is_no_metric(prefix: str) -> None:
    run = read("".join(f"{prefix}epoch: {n}, loss: {3 - 0.5 * n}\n" for n in range(1, 5)))
    assert list(run.series) == ["loss"]
    assert points(run, "loss") == [2.5, 2.0, 1.5, 1.0]


def test_a_clock_before_a_colon_does_not_split_its_fraction() -> None:
    run = read("".join(f"2017-08-18 02:43:{n:02d},{900 + n}:\tLoss at step {n}: {9 - n / 10:.3f}\n" for n in range(60)))
    assert len(run.series["Loss"]) == 60
    assert run.series["Loss"].steps[-1] == 59


def test_a_log_that_was_emptied_while_it_was_written_is_read_behind_its_hole() -> None:
    lines = "".join(f"step {n} loss {4 - n / 100:.2f}\n" for n in range(700, 760))
    run = read(b"\0" * 11_000 + lines.encode())
    assert len(run.series["loss"]) == 60
    assert run.series["loss"].steps[0] == 700
