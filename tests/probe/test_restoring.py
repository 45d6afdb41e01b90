"""After a probe everything is bit for bit what it was: also when an experiment raises, is interrupted, or has no time."""

from __future__ import annotations

import random
from collections import Counter, defaultdict, deque
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it
from torch import nn

from traindx import probe
from traindx.probe.torch_random import RandomStates


class Everything(nn.Module):
    """A model with all that a forward pass may change: buffers of both kinds, attributes, caches, generators, random numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.norm, self.drop, self.b = nn.Linear(12, 24), nn.BatchNorm1d(24), nn.Dropout(0.2), nn.Linear(24, 5)
        self.frozen = nn.Linear(24, 24).requires_grad_(False)
        self.head = torch.nn.utils.parametrizations.spectral_norm(nn.Linear(5, 5))
        self.register_buffer("counter", torch.zeros(3), persistent=False)
        self.register_buffer("replaced", torch.zeros(2))
        self.calls, self.seen, self.cache, self.running = (
            0,
            deque[float](maxlen=3),
            {"last": torch.zeros(2)},
            torch.ones(4),
        )
        self.own, self.noise = torch.Generator().manual_seed(5), np.random.default_rng(3)
        self.b.eval()  # a part that its owner keeps in evaluation mode

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.counter += 1
        self.replaced = self.replaced + 1
        self.cache["last"] = x[:2, 0].detach()
        self.cache[f"call {self.calls}"] = x
        self.running.mul_(0.9)
        self.seen.append(float(x.sum()))
        self.made_late = x
        x = (
            x
            + 0.01 * torch.rand(x.shape, generator=self.own)
            + 0.01 * float(self.noise.random())
            + 0.01 * random.random()
        )
        x = x * (1 + 0.001 * np.random.rand())
        return self.head(self.b(self.drop(self.frozen(F.relu(self.norm(self.a(x)))))))


def made() -> tuple[Everything, torch.optim.Optimizer, dict[str, Any]]:
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)
    model = Everything()
    batch = {"x": torch.randn(16, 12), "labels": torch.randint(0, 5, (16,))}
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, amsgrad=True)
    torch.optim.lr_scheduler.StepLR(optimizer, 10)
    for _ in range(3):
        optimizer.zero_grad()
        loss(model, batch).backward()
        optimizer.step()
    loss(model, batch).backward()
    model.a.weight.register_hook(lambda grad: grad)
    return model, optimizer, batch


def loss(model: Any, batch: Any) -> Any:
    popped = dict(batch)
    return F.cross_entropy(model(popped.pop("x")), popped["labels"])


def plain(value: Any) -> Any:
    """A value as something that compares bit by bit."""
    if isinstance(value, torch.Tensor):
        return (str(value.dtype), tuple(value.shape), value.detach().contiguous().numpy().tobytes())
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, dict):
        return {str(k) if not isinstance(k, torch.Tensor) else id(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | deque):
        return [plain(v) for v in value]
    if isinstance(value, torch.Generator):
        return plain(value.get_state())
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    return value if isinstance(value, int | float | str | bool | None) else id(value)


def state(model: nn.Module, optimizer: torch.optim.Optimizer, batch: Any) -> dict[str, Any]:
    parts = {name: {k: (id(v), plain(v)) for k, v in part.__dict__.items()} for name, part in model.named_modules()}
    tensors = {
        name: (
            id(p),
            p.data_ptr(),
            plain(p),
            p.requires_grad,
            p.is_leaf,
            id(p.grad),
            plain(p.grad) if p.grad is not None else None,
        )
        for name, p in [*model.named_parameters(), *model.named_buffers()]
    }
    return {
        "parts": parts,
        "tensors": tensors,
        "optimizer": (
            plain(optimizer.state),
            plain(optimizer.param_groups),
            {k: id(v) for k, v in optimizer.__dict__.items()},
        ),
        "random": (
            random.getstate(),
            plain(np.random.get_state()[1]),
            np.random.get_state()[2],
            plain(torch.get_rng_state()),
        ),
        "batch": {k: (id(v), plain(v), v.requires_grad) for k, v in batch.items()},
        "modes": (torch.is_grad_enabled(), torch.is_autocast_enabled()),
    }


def differing(before: Any, after: Any, path: str = "") -> list[str]:
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        return [where for k in before for where in differing(before[k], after[k], f"{path}/{k}")]
    return [] if before == after else [path]


@pytest.mark.slow
def test_a_whole_probe_leaves_every_bit_as_it_was() -> None:
    model, optimizer, batch = made()
    before = state(model, optimizer, batch)
    report = probe.run(model, loss, batch, optimizer=optimizer, budget_s=600)
    assert differing(before, state(model, optimizer, batch)) == []
    assert report.limits == ()
    assert len(report.passed) > 20


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("call", [1, 2, 9, 31, 60])
def test_a_probe_that_is_broken_off_leaves_every_bit_as_it_was(kind: type[BaseException], call: int) -> None:
    model, optimizer, batch = made()
    calls = 0

    def failing(model: Any, batch: Any) -> Any:
        nonlocal calls
        calls += 1
        value = loss(model, batch)
        with torch.no_grad():
            model.a.weight += 1e-4
            batch["x"].zero_()
            batch.pop("labels")
        model.b.weight.requires_grad_(False) if calls % 7 == 0 else None
        if calls >= call:
            raise kind("broken off")
        return value

    before = state(model, optimizer, batch)
    if kind is RuntimeError:
        report = probe.run(model, failing, batch, optimizer=optimizer, without=("alignment", "sweep"))
        assert report.verdict.state in ("failing", "attention", "inconclusive")
    else:
        with pytest.raises(kind):
            probe.run(model, failing, batch, optimizer=optimizer)
    assert differing(before, state(model, optimizer, batch)) == []


def test_a_probe_without_time_says_what_it_left_out_and_leaves_every_bit_as_it_was() -> None:
    model, optimizer, batch = made()
    before = state(model, optimizer, batch)
    report = probe.run(model, loss, batch, optimizer=optimizer, budget_s=1e-6, without=("PRB021",))
    assert differing(before, state(model, optimizer, batch)) == []
    assert any("one batch learnt by heart" in limit for limit in report.limits)
    assert {skipped.code for skipped in report.skipped} >= {"PRB050", "PRB020"}
    assert report.verdict.state == "inconclusive"


def test_what_is_held_by_the_loss_alone_is_put_back_too() -> None:
    tower, scale = nn.Linear(6, 4), nn.Linear(1, 1)
    criterion = nn.BatchNorm1d(4)

    def two(model: Any, batch: Any) -> Any:
        scores = scale.weight.exp() * model(batch[0]) @ criterion(tower(batch[1])).T
        return F.cross_entropy(scores, torch.arange(len(scores)))

    model = nn.Linear(5, 4)
    held = [*tower.parameters(), *scale.parameters(), *criterion.parameters(), *criterion.buffers()]
    before = [plain(t) for t in held]
    probe.run(
        model,
        two,
        (torch.randn(8, 5), torch.randn(8, 6)),
        facts={"loss": "info_nce", "negatives": 8},
        only=("fit", "flow"),
    )
    assert [plain(t) for t in held] == before
    assert all(t.grad is None for t in held if isinstance(t, nn.Parameter))
    assert model.weight.grad is None


def test_random_numbers_go_on_as_if_nobody_had_drawn_any() -> None:
    model, optimizer, batch = made()
    torch.manual_seed(7)
    expected = torch.rand(5)
    torch.manual_seed(7)
    probe.run(model, loss, batch, optimizer=optimizer, only=("fit",))
    assert torch.equal(torch.rand(5), expected)


def test_the_same_seed_gives_the_same_report() -> None:
    batch = made()[2]
    net = nn.Sequential(nn.Linear(12, 16), nn.Dropout(0.5), nn.ReLU(), nn.Linear(16, 5))
    first, second = (probe.run(net, loss, batch, seed=3, only=("fit", "modes")) for _ in range(2))
    assert first.scale == second.scale
    assert first.verdict == second.verdict


class Wrapping(torch.optim.Optimizer):
    """An optimiser that steps another one and shares its groups, as SAM and Lookahead do; in a list as some do."""

    def __init__(self, inner: torch.optim.Optimizer, *, listed: bool) -> None:
        super().__init__(inner.param_groups, {})
        self.inner = [inner] if listed else inner
        self.param_groups = inner.param_groups
        self.bound = inner.step  # a way to the original that no copy follows

    def step(self, closure: Any = None) -> None:
        _ = (
            self.bound()
            if closure == "never"
            else (self.inner[0] if isinstance(self.inner, list) else self.inner).step()
        )


class Forwarding(torch.optim.Optimizer):
    """An optimiser whose groups and state are those of another one, as accelerate's is."""

    def __init__(self, inner: torch.optim.Optimizer) -> None:
        self.optimizer = inner

    @property
    def param_groups(self) -> Any:
        return self.optimizer.param_groups

    @param_groups.setter
    def param_groups(self, groups: Any) -> None:
        self.optimizer.param_groups = groups

    @property
    def state(self) -> Any:
        return self.optimizer.state

    @state.setter
    def state(self, state: Any) -> None:
        self.optimizer.state = state

    def step(self, closure: Any = None) -> None:
        self.optimizer.step()


class Bound(Wrapping):
    """One that steps the original by a method that it holds."""

    def step(self, closure: Any = None) -> None:
        self.bound()


@pytest.mark.parametrize(
    "wrap",
    [lambda o: Wrapping(o, listed=False), lambda o: Wrapping(o, listed=True), Forwarding, lambda o: Bound(o, listed=False)],
)  # fmt: skip
def test_an_optimiser_that_holds_another_one_is_put_back_with_it(wrap: Any) -> None:
    model, inner, batch = made()
    outer = wrap(inner)
    before = state(model, inner, batch), {k: id(v) for k, v in outer.__dict__.items()}, id(inner.param_groups[0])
    report = probe.run(model, loss, batch, optimizer=outer, only=("movement", "PRB032"))
    after = state(model, inner, batch), {k: id(v) for k, v in outer.__dict__.items()}, id(inner.param_groups[0])
    assert report.limits == ()
    assert differing(before[0], after[0]) == []
    assert before[1:] == after[1:]


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
def test_buffers_that_torch_refuses_to_write_are_put_back() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Linear(12, 5)
            self.register_buffer("repeated", torch.ones(1, 12).expand(16, 12))
            self.register_buffer("graph", torch.eye(16).to_sparse())
            self.register_buffer("rows", torch.eye(16).to_sparse_csr())
            self.counts, self.lists = Counter({"passes": 1}), defaultdict[str, list[int]](list)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.counts["passes"] += 1
            self.lists["passes"].append(1)
            self.graph._values().mul_(0.9)
            self.rows.values().mul_(0.9)
            return self.net(self.rows @ (self.graph @ (x + self.repeated)))

    torch.manual_seed(0)
    model = Odd()
    batch = {"x": torch.randn(16, 12), "labels": torch.randint(0, 5, (16,))}
    held = model.net.weight.detach().clone()
    probe.run(model, loss, batch, only=("fit",))
    assert torch.equal(model.graph.to_dense(), torch.eye(16))
    assert torch.equal(model.rows.to_dense(), torch.eye(16))
    assert torch.equal(model.repeated, torch.ones(16, 12))
    assert torch.equal(model.net.weight, held)
    assert model.counts == {"passes": 1}
    assert model.lists == {}


def test_an_optimiser_that_needs_a_closure_leaves_the_other_experiments() -> None:
    model, _, batch = made()
    report = probe.run(
        model, loss, batch, optimizer=torch.optim.LBFGS(model.a.parameters()), only=("movement", "doubling")
    )
    assert any("LBFGS cannot step without a closure" in limit for limit in report.limits)
    assert report.passed


def test_a_second_interrupt_while_everything_is_put_back_leaves_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, optimizer, batch = made()
    before = state(model, optimizer, batch)
    calls = 0
    real = RandomStates.put_back

    def impatient(states: RandomStates) -> None:
        nonlocal calls
        calls += 1
        if calls in (4, 5):
            model.a.weight.data += 1
            raise KeyboardInterrupt
        real(states)

    monkeypatch.setattr(RandomStates, "put_back", impatient)
    with pytest.raises(KeyboardInterrupt):
        probe.run(model, loss, batch, optimizer=optimizer, only=("doubling", "modes"))
    assert calls == 6
    assert differing(before, state(model, optimizer, batch)) == []
