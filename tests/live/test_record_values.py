# ruff: noqa: PT031 - what is heard while a training runs, which is more than one statement
"""What can be logged: numbers of every library, at once where they are at hand, later where a device computes them."""

from __future__ import annotations

import math
import threading
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import traindx
from traindx.live import Pace
from traindx.live.values import Late, NotANumberError, Values


def quiet(directory: Path) -> traindx.Monitor:
    return traindx.Monitor(directory, quiet=True, pace=Pace(every_s=math.inf))


class Slow:
    """An array on a device: its value arrives later, and asking for it before is a synchronisation."""

    def __init__(self, value: float) -> None:
        self.value = value
        self.arrived = threading.Event()
        self.copies_begun = 0
        self.readers: set[int] = set()

    def is_ready(self) -> bool:
        return self.arrived.is_set()

    def copy_to_host_async(self) -> None:
        self.copies_begun += 1

    def __float__(self) -> float:
        self.readers.add(threading.get_ident())
        _ = self.arrived.wait(5)
        return self.value


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (True, 1.0),
        (10**400, math.inf),
        (-(10**400), -math.inf),
        (np.float16(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.bool_(0), 0.0),
        (np.array(2.5), 2.5),
        (np.array([[2.5]], dtype=np.float32), 2.5),
        (Decimal("0.25"), 0.25),
        (Fraction(1, 4), 0.25),
        (torch.tensor(1.5), 1.5),
        (torch.tensor([1.5], dtype=torch.bfloat16), 1.5),
        (torch.tensor(3), 3.0),
        (torch.tensor(1.5, requires_grad=True) * 2, 3.0),
        (torch.nn.Parameter(torch.ones(1, 1)), 1.0),
    ],
)
def test_a_number_of_any_library_at_hand_is_taken_at_once(value: Any, number: float) -> None:
    taken = Values().take(value)
    assert type(taken) is float
    assert taken == number


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "None"),
        ("0.5", "a str"),
        ([1.0], "a list"),
        (1 + 2j, "a complex"),
        (np.array([1.0, 2.0]), "2 numbers"),
        (np.datetime64("2026-01-01"), "a date"),
        (torch.zeros(3), "3 numbers"),
        (torch.tensor(1j), "a complex number"),
        (torch.zeros((), device="meta"), "a tensor without a value"),
        (jnp.zeros(4), "4 numbers"),
    ],
)
def test_what_cannot_be_a_number_is_refused_by_name(value: Any, said: str) -> None:
    with pytest.raises(NotANumberError) as refused:
        _ = Values().take(value)
    assert str(refused.value) == said


def test_an_unfit_value_is_left_out_with_one_warning_and_the_rest_of_its_row_is_kept(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="'note' is left out, since it is no number: a str") as heard:
        monitor = quiet(tmp_path)
        for step in range(5):
            monitor.log(loss=float(step), note="warm-up")
        monitor.close()
    assert len(heard) == 1
    assert traindx.read(tmp_path)[0].series["loss"].values.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_jax_arrays_of_a_jitted_step_and_traced_ones(tmp_path: Path) -> None:
    @jax.jit
    def step_of(x: jax.Array) -> jax.Array:
        return (x * 2).astype(jnp.bfloat16)

    @jax.jit
    def logs_inside(x: jax.Array) -> jax.Array:
        monitor.log(traced=x)
        return x

    with pytest.warns(RuntimeWarning, match="'traced' is left out.*log what the compiled function returns") as heard:
        monitor = quiet(tmp_path)
        for step in range(20):
            monitor.log(loss=step_of(jnp.float32(step)), step=step)
        _ = logs_inside(jnp.float32(1))
        monitor.close()
    assert len(heard) == 1
    assert traindx.read(tmp_path)[0].series["loss"].values.tolist() == [2.0 * step for step in range(20)]


def test_the_step_does_not_wait_for_a_device_and_its_value_comes_later_in_order(tmp_path: Path) -> None:
    monitor = quiet(tmp_path)
    losses = [Slow(float(step)) for step in range(6)]
    begun = time.perf_counter()
    for step, loss in enumerate(losses):
        monitor.log(loss=loss, lr=0.1, step=step)
    monitor.log(loss=6.0, lr=0.1, step=6)  # known, yet behind those of its name
    assert time.perf_counter() - begun < 1.0
    (run,) = traindx.read(tmp_path)
    assert len(run.series["lr"]) == 7
    assert "loss" not in run.series
    for loss in reversed(losses):
        loss.arrived.set()
    monitor.close()
    (run,) = traindx.read(tmp_path)
    assert run.series["loss"].values.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert run.series["loss"].steps.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert all(loss.copies_begun == 1 and threading.get_ident() not in loss.readers for loss in losses)


def test_a_value_out_of_bounds_is_told_to_the_guards_on_every_way(tmp_path: Path) -> None:
    class Told:
        def __init__(self) -> None:
            self.bounds = {"loss": (-math.inf, 5.0)}
            self.heard: list[tuple[float, str, float]] = []

        def tripped(self, step: float, name: str, value: float) -> None:
            self.heard.append((step, name, value))

    with quiet(tmp_path) as monitor:
        guards = monitor._intake.guards = Told()
        for step in range(20):
            monitor.log(loss=float(step == 7) * 6, lr=0.1)
        monitor.log(loss=1.0, lr=math.inf)
        monitor.log(loss=np.float32(7.0))
        late = Slow(math.nan)
        monitor.log(loss=late)
        late.arrived.set()
        monitor.flush()
    assert guards.heard[:3] == [(7, "loss", 6.0), (20, "lr", math.inf), (21, "loss", 7.0)]
    assert [one[:2] for one in guards.heard[3:]] == [(22, "loss")]


def test_a_value_that_fails_on_its_device_is_one_warning(tmp_path: Path) -> None:
    class Deleted(Slow):
        def __float__(self) -> float:
            raise RuntimeError("Array has been deleted")

    with pytest.warns(RuntimeWarning, match="'loss' is left out.*has been deleted") as heard:
        monitor = quiet(tmp_path)
        for step in range(3):
            gone = Deleted(0.0)
            monitor.log(loss=gone, lr=float(step))
            gone.arrived.set()
        monitor.close()
    assert len(heard) == 1
    assert len(traindx.read(tmp_path)[0].series["lr"]) == 3


def test_a_device_that_never_answers_costs_bounded_memory_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traindx.live.late_rows.MOST_WAITING", 20)
    monkeypatch.setattr("traindx.live.monitor._WAITED_S", 0.05)
    with pytest.warns(RuntimeWarning) as heard:
        monitor = quiet(tmp_path)
        for step in range(100):
            monitor.log(loss=Slow(0.0), lr=float(step))
        monitor.close()
    said = [str(one.message) for one in heard]
    assert len(said) == 2
    assert "20 rows wait for a device" in said[0]
    assert "did not arrive" in said[1]
    assert len(traindx.read(tmp_path)[0].series["lr"]) == 100


def test_a_tensor_on_an_accelerator_is_copied_on_its_stream_and_read_elsewhere() -> None:
    """The calls that PyTorch gets for a CUDA tensor, recorded: no machine of the tests has such a device."""
    from traindx.live import values

    calls: list[str] = []

    class Mark:
        def record(self, stream: str) -> None:
            calls.append(f"record on {stream}")

        def query(self) -> bool:
            calls.append("query")
            return True

        def synchronize(self) -> None:
            calls.append("synchronize")

    class Streams:
        Event = Mark

        @staticmethod
        def device(where: object) -> Any:
            return torch.no_grad()

        @staticmethod
        def current_stream() -> str:
            return "the current stream"

        @staticmethod
        def is_current_stream_capturing() -> bool:
            return False

    class Tensor:
        device, shape, dtype = "cuda:1", (), torch.float32

    empty = torch.empty
    host = torch.tensor(0.0)

    class Host:
        def copy_(self, source: object, *, non_blocking: bool) -> None:
            calls.append(f"copy, non-blocking: {non_blocking}")
            host.fill_(2.5)

        def item(self) -> float:
            calls.append("item")
            return host.item()

    torch.empty = lambda *_, pin_memory, **__: Host() if pin_memory else None  # type: ignore[assignment]
    try:
        late = values._on_stream(Tensor(), Streams)
    finally:
        torch.empty = empty
    assert calls == ["copy, non-blocking: True", "record on the current stream"]
    assert late.ready()
    assert late.number() == 2.5
    assert calls[2:] == ["query", "synchronize", "item"]


def test_a_variable_of_a_framework_and_an_eager_tensor_by_their_protocols() -> None:
    class Variable:
        def __init__(self, value: Any) -> None:
            self.value = value

        def assign(self, value: Any) -> None: ...

    taken = Values().take(Variable(torch.tensor(4.0)))
    assert taken == 4.0
    assert isinstance(Values().take(Slow(1.0)), Late)


@pytest.mark.parametrize("step", [np.int64(3), 3.0, torch.tensor(3), jnp.int32(3), True + 2])
def test_a_step_may_be_a_whole_number_of_any_library(tmp_path: Path, step: Any) -> None:
    with quiet(tmp_path) as monitor:
        monitor.log(loss=1.0, step=step)
    assert traindx.read(tmp_path)[0].series["loss"].steps.tolist() == [3.0]


def test_a_step_that_is_on_a_device_is_counted_instead_of_waited_for(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="give a Python integer") as heard:
        monitor = quiet(tmp_path)
        for _ in range(3):
            monitor.log(loss=1.0, step=Slow(9.0))  # type: ignore[arg-type]
        monitor.close()
    assert len(heard) == 1
    assert traindx.read(tmp_path)[0].series["loss"].steps.tolist() == [0.0, 1.0, 2.0]


def test_calls_without_a_step_count_on_when_a_name_comes_again(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        for step in range(300):
            monitor.log(loss=1.0, lr=0.1)
            if step % 100 == 99:
                monitor.log({"val/loss": 2.0}, epoch=step / 100)
    (run,) = traindx.read(tmp_path)
    assert run.series["loss"].steps.tolist() == [float(step) for step in range(300)]
    assert run.series["val/loss"].steps.tolist() == [99.0, 199.0, 299.0]
    assert run.series["epoch"].values.tolist() == pytest.approx([0.99, 1.99, 2.99])


def test_secrets_of_the_command_line_stay_out_of_the_file_beside_the_log() -> None:
    from traindx.live.provenance import without_secrets

    told = [
        "--hf_token",
        "-starts-like-an-option",
        "--api-key=abc",
        "hf_abcdefghijklmnopqrstuvwx",
        "https://u:p@h/x?sig=1",
    ]
    kept = ["train.py", "--lr", "1e-4", "--max_tokens", "512", "--tokenizer", "gpt2", "--keypoints", "17"]
    shown = without_secrets([*kept, *told])
    assert shown[: len(kept)] == kept
    assert shown[len(kept) :] == ["--hf_token", "***", "--api-key=***", "***", "https://***@h/x?***"]
