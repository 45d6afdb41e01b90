"""Boxes of names and values, as the loggers of reinforcement learning print them: their signs are part of the values."""

from __future__ import annotations

import numpy as np

from traindx.readers import LogFile
from traindx.readers.choice import read_log
from traindx.run import Run


def read(text: str) -> Run:
    (run,) = read_log(LogFile(path="log.txt", data=text.encode()))
    return run


def box(**values: float | str) -> str:
    width = max(len(name) for name in values)
    rows = "".join(f"| {name:{width}} | {value!s:8} |\n" for name, value in values.items())
    return "-" * 30 + "\n" + rows + "-" * 30 + "\n"


def test_a_negative_value_keeps_its_sign() -> None:
    run = read("".join(box(ep_rew_mean=reward, kl=-1.5e-05) for reward in (-21.5, -3, 0.25, 8)))
    assert run.series["ep_rew_mean"].values.tolist() == [-21.5, -3.0, 0.25, 8.0]
    np.testing.assert_allclose(run.series["kl"].values, -1.5e-05)


def test_a_dash_is_no_value() -> None:
    run = read("".join(box(ep_rew_mean=reward, loss=loss) for reward, loss in ((1.0, "-"), (2.0, 0.5), (3.0, 0.25))))
    assert run.series["ep_rew_mean"].values.tolist() == [1.0, 2.0, 3.0]
    assert run.series["loss"].values.tolist() == [0.5, 0.25]
