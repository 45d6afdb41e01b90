"""An optimiser that is watched in a plain PyTorch loop."""

from __future__ import annotations

import copy
import json
import pickle
import resource
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch._dynamo  # an optimiser would import it in the first test
from torch import nn
from torch.nn.functional import cross_entropy, relu
from torch.utils._python_dispatch import TorchDispatchMode

import traindx
from tests.integrations.small_training import network, rows, same_weights
from traindx.context import resolve
from traindx.integrations.torch_loop import Watch, watch
from traindx.integrations.torch_sizes import sample_of

FACTS = {"loss": "cross_entropy", "num_classes": 4}


def trained(
    model: nn.Module,
    *,
    start: Callable[[nn.Module, torch.optim.Optimizer], Watch | None] = lambda *_: None,
    monitor: traindx.Monitor | None = None,
    steps: int = 120,
    clip: float | None = None,
) -> Watch | None:
    """Train in the plainest loop there is; ``start`` may begin to watch."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    watched = start(model, optimizer)
    x, y = rows(steps * 16)
    for at in range(0, len(x), 16):
        loss = cross_entropy(model(x[at : at + 16]), y[at : at + 16])
        optimizer.zero_grad()
        loss.backward()
        if clip is not None:
            if watched is not None:
                watched.before_clipping()
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        if monitor is not None:
            monitor.log(loss=loss.detach())
    return watched


def logged(path: Path) -> dict[str, traindx.Series]:
    return dict(traindx.read(path)[0].series)


def test_a_watched_training_is_the_same_to_the_last_bit_and_judged_as_its_log(tmp_path: Path) -> None:
    plain, watched = network(), network()
    trained(plain, clip=1.0)
    with traindx.Monitor(tmp_path, facts=FACTS) as monitor:
        trained(watched, monitor=monitor, clip=1.0, start=lambda *both: monitor.watch(*both, every=10, clip_norm=1.0))
    assert same_weights(plain, watched)
    assert monitor.report == traindx.diagnose(tmp_path)
    series = logged(tmp_path)
    assert {name for name in series if name.startswith("watch/")} == {
        f"watch/{name}"
        for name in ("lr", "grad_norm", "grad_norm_clipped", "weight_norm", "update_ratio", "dead_neurons")
    }
    assert list(series["watch/grad_norm"].steps) == list(range(5, 120, 10))  # each joins the loss of its own step
    assert max(series["watch/grad_norm_clipped"].values) <= 1.0001
    assert [fact.value for fact in monitor.report.facts if fact.key == "clip_norm"] == [1.0]


def test_rules_understand_every_name_that_decides_something() -> None:
    kinds = {
        "grad_norm": "grad_norm",
        "grad_norm_clipped": "grad_norm",
        "weight_norm": "weight_norm",
        "update_ratio": "update_norm",
        "update_ratio/head": "update_norm",
        "lr": "learning_rate",
        "lr/head": "learning_rate",
        "dead_neurons": "sparsity",
        "loss_scale": "loss_scale",
        "skipped_steps": "overflow",
    }
    assert {name: resolve(f"watch/{name}").kind for name in kinds} == kinds


def test_a_group_that_never_trains_is_found_from_what_is_watched(tmp_path: Path) -> None:
    model = network()
    groups = [{"params": model[0].parameters(), "name": "body", "lr": 0.0}, {"params": model[2].parameters()}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    with traindx.Monitor(tmp_path, facts=FACTS) as monitor:
        monitor.watch(model, optimizer, every=5)
        for _ in range(100):
            one_step(model, optimizer)
            monitor.log(loss=1.0)
        live = {finding.code: finding.headline for finding in monitor.judge().findings}
    assert "watch/lr/body" in live["OPT012"]
    assert monitor.report == traindx.diagnose(tmp_path)


def one_step(model: nn.Module, optimizer: torch.optim.Optimizer, scaler: Any = None, factor: float = 1.0) -> None:
    x, y = rows(32)
    loss = factor * cross_entropy(model(x), y)
    optimizer.zero_grad()
    if scaler is None:
        loss.backward()
        optimizer.step()
    else:
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()


def measured(tmp_path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, **options: Any) -> dict[str, float]:
    """What is logged of one step."""
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        watch(model, optimizer, monitor, every=1, **options)
        one_step(model, optimizer, options.get("scaler"))
    return {name.removeprefix("watch/"): float(series.values[0]) for name, series in logged(tmp_path).items()}


def test_norms_and_ratios_are_those_of_torch_itself(tmp_path: Path) -> None:
    model = network()
    before = [p.detach().clone() for p in model.parameters()]
    told = measured(tmp_path, model, torch.optim.SGD(model.parameters(), lr=0.1))
    grads = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
    after, old = (torch.cat([p.detach().flatten() for p in some]) for some in (list(model.parameters()), before))
    assert told["grad_norm"] == pytest.approx(float(grads.norm()), rel=1e-6)
    assert told["weight_norm"] == pytest.approx(float(after.norm()), rel=1e-6)
    assert told["update_ratio"] == pytest.approx(float((after - old).norm() / old.norm()), rel=1e-5)


def test_a_ratio_from_a_sample_of_the_weights_is_near_the_true_one(tmp_path: Path) -> None:
    ratios = []
    for entries in (10**6, 100):
        model = nn.Sequential(nn.Linear(8, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 4))
        model.load_state_dict(ratios[0][1] if ratios else model.state_dict())
        kept = copy.deepcopy(model.state_dict())
        told = measured(tmp_path / str(entries), model, torch.optim.Adam(model.parameters(), lr=1e-3), entries=entries)
        ratios.append((told["update_ratio"], kept))
    assert ratios[1][0] == pytest.approx(ratios[0][0], rel=0.25)


def test_no_more_weights_are_copied_than_was_said() -> None:
    parameters = [nn.Parameter(torch.randn(3000, 700)), nn.Parameter(torch.randn(700)), nn.Parameter(torch.randn(1, 1))]
    sample = sample_of(parameters, 5_000)
    assert sum(copied.numel() for copied in sample.before) <= 5_000
    assert all(
        view.untyped_storage().data_ptr() == p.untyped_storage().data_ptr()
        for view, p in zip(sample.views, parameters, strict=True)
    )


def test_groups_have_rates_and_ratios_of_their_own_and_a_frozen_one_shows(tmp_path: Path) -> None:
    model = network()
    groups = [{"params": model[0].parameters(), "name": "body", "lr": 0.0}, {"params": model[2].parameters()}]
    told = measured(tmp_path, model, torch.optim.SGD(groups, lr=0.1))
    assert (told["lr/body"], told["update_ratio/body"]) == (0.0, 0.0)
    assert told["lr/group_1"] == pytest.approx(0.1)
    assert told["update_ratio/group_1"] > told["update_ratio"] > 0


@pytest.mark.parametrize("fused", [False, True])
def test_with_a_gradient_scaler_the_norm_is_the_true_one(tmp_path: Path, *, fused: bool) -> None:
    plain = measured(tmp_path / "plain", model := network(), torch.optim.SGD(model.parameters(), lr=0.1))
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12)
    scaled_model = network()
    optimizer = torch.optim.SGD(scaled_model.parameters(), lr=0.1, fused=fused)
    scaled = measured(tmp_path / "scaled", scaled_model, optimizer, scaler=scaler)
    assert scaled["grad_norm"] == pytest.approx(plain["grad_norm"], rel=1e-5)
    assert (scaled["loss_scale"], scaled["skipped_steps"]) == (2.0**12, 0.0)


@pytest.mark.parametrize("fused", [False, True])
def test_steps_that_overflow_are_counted(tmp_path: Path, *, fused: bool) -> None:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12)
    with traindx.Monitor(tmp_path) as monitor:
        monitor.watch(model, optimizer, every=1, scaler=scaler)
        for step in range(12):
            one_step(model, optimizer, scaler, factor=float("inf") if step in (3, 4, 8) else 1.0)
            monitor.log(loss=1.0)
    assert max(logged(tmp_path)["watch/skipped_steps"].values) == 3
    assert "update" not in vars(scaler)


def test_a_scaler_that_is_copied_meanwhile_is_a_plain_one(tmp_path: Path) -> None:
    model = network()
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        monitor.watch(model, torch.optim.SGD(model.parameters(), lr=0.1), scaler=scaler)
        for copied in (copy.deepcopy(scaler), pickle.loads(pickle.dumps(scaler))):
            assert copied.update.__func__ is torch.amp.GradScaler.update
            assert copied.update.__self__ is copied


class Functional(nn.Module):
    """ReLU as a function, 3 of 16 units dead; tanh as a module, half of 8 units at its end."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.one, self.two, self.three, self.tanh = nn.Linear(8, 16), nn.Linear(16, 8), nn.Linear(8, 4), nn.Tanh()
        with torch.no_grad():
            self.one.bias[:3] = -100
            self.two.weight.mul_(0.1)
            self.two.bias[:4] = 50

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.three(self.tanh(self.two(relu(self.one(x)))))


def test_dead_and_saturated_units_are_counted_whatever_made_them(tmp_path: Path) -> None:
    model = Functional()
    told = measured(tmp_path, model, torch.optim.SGD(model.parameters(), lr=0.0))
    assert told["dead_neurons"] == pytest.approx(3 / 24)  # 16 units enter one layer, 8 the next
    assert told["saturated_neurons"] == pytest.approx(4 / 8)


def test_a_channel_of_a_convolution_is_one_unit(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 2, 4)), nn.Conv2d(1, 4, 1), nn.ReLU(), nn.Conv2d(4, 2, 1), nn.Flatten(), nn.Linear(16, 4)
    )
    with torch.no_grad():
        model[1].bias[0] = -100
    told = measured(tmp_path, model, torch.optim.SGD(model.parameters(), lr=0.0))
    assert told["dead_neurons"] == pytest.approx(1 / 20)  # 4 channels, and 16 entries of the flattened map


def test_with_accumulated_gradients_a_unit_is_dead_only_where_it_is_in_every_batch(tmp_path: Path) -> None:
    model = network()
    with torch.no_grad():
        model[0].weight.zero_()
        model[0].weight[:, 0] = 1.0
        model[0].bias.zero_()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        monitor.watch(model, optimizer, every=1)
        x, y = torch.ones(32, 8), torch.zeros(32, dtype=torch.int64)
        for batch in (-x, x):  # all units are dead in the first alone
            cross_entropy(model(batch), y).backward()
        optimizer.step()
        monitor.log(loss=1.0)
        cross_entropy(model(-x), y).backward()
        optimizer.step()
    assert list(logged(tmp_path)["watch/dead_neurons"].values) == [0.0, 1.0]


def test_sparse_gradients_and_parameters_without_one_are_understood(tmp_path: Path) -> None:
    table, unused = nn.Embedding(50, 4, sparse=True), nn.Linear(3, 3)
    optimizer = torch.optim.SGD([*table.parameters(), *unused.parameters()], lr=0.1)
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        watch(nn.ModuleList([table, unused]), optimizer, monitor, every=1)
        table(torch.tensor([3, 3, 7])).sum().backward()
        optimizer.step()
    assert float(logged(tmp_path)["watch/grad_norm"].values[0]) == pytest.approx((4 * 2**2 + 4 * 1**2) ** 0.5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("inplace", [False, True])
def test_a_compiled_model_trains_as_it_would(tmp_path: Path, *, inplace: bool) -> None:
    def compiled() -> nn.Module:
        model = network()
        if inplace:
            model.compile(backend="eager")
            return model
        return torch.compile(model, backend="eager")  # type: ignore[return-value]

    plain, watched = compiled(), compiled()
    trained(plain, steps=20)
    before = torch._dynamo.utils.counters["stats"]["unique_graphs"]
    with traindx.Monitor(tmp_path, facts=FACTS) as monitor:
        trained(watched, steps=20, monitor=monitor, start=lambda *both: monitor.watch(*both, every=2))
    assert same_weights(plain, watched)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] - before <= 1  # nothing was compiled anew
    series = logged(tmp_path)
    assert "watch/grad_norm" in series
    assert "watch/dead_neurons" not in series  # hooks inside would not be called


def test_a_model_in_ddp_is_watched(tmp_path: Path) -> None:
    store = torch.distributed.FileStore(str(tmp_path / "store"), 1)
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch's own, of its reducer
            model = nn.parallel.DistributedDataParallel(network())
        told = measured(tmp_path / "run", model, torch.optim.SGD(model.parameters(), lr=0.1))
    finally:
        torch.distributed.destroy_process_group()
    plain = network()
    one_step(plain, torch.optim.SGD(plain.parameters(), lr=0.1))
    norm = torch.cat([p.grad.flatten() for p in plain.parameters() if p.grad is not None]).norm()
    assert told["grad_norm"] == pytest.approx(float(norm), rel=1e-6)
    assert "dead_neurons" in told


def test_a_loop_that_steps_by_a_closure_is_measured_after_it(tmp_path: Path) -> None:
    model = network()
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=2)
    x, y = rows(32)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = cross_entropy(model(x), y)
        loss.backward()
        return loss

    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        monitor.watch(model, optimizer, every=1)
        optimizer.step(closure)
    series = logged(tmp_path)
    assert float(series["watch/grad_norm"].values[0]) > 0
    assert float(series["watch/update_ratio"].values[0]) > 0


def hooks_of(model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    on_modules = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())
    return on_modules + len(optimizer._optimizer_step_pre_hooks) + len(optimizer._optimizer_step_post_hooks)


def test_no_hook_is_left_after_the_watch_or_its_monitor_closes(tmp_path: Path) -> None:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        watched = watch(model, optimizer, monitor, every=1)
        assert hooks_of(model, optimizer) > 2
        watched.close()
        watched.close()
        assert hooks_of(model, optimizer) == 0
        watch(model, optimizer, monitor, every=1)
    assert hooks_of(model, optimizer) == 0


def test_modules_have_hooks_only_while_a_step_is_looked_at(tmp_path: Path) -> None:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with traindx.Monitor(tmp_path) as monitor:
        monitor.watch(model, optimizer, every=4)
        seen = []
        for _ in range(8):
            seen.append(hooks_of(model, optimizer) > 2)
            one_step(model, optimizer)
            monitor.log(loss=1.0)
    assert seen == [False, False, True, False, False, False, True, False]


def test_a_copy_of_the_model_made_while_it_is_looked_at_works_alone(tmp_path: Path) -> None:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        monitor.watch(model, optimizer, every=1)
        copied = copy.deepcopy(model)
        copied(torch.zeros(32, 8, requires_grad=True)).sum().backward()
        pickle.loads(pickle.dumps(model))(torch.zeros(32, 8))
        one_step(model, optimizer)
    assert float(logged(tmp_path)["watch/dead_neurons"].values[0]) < 1


class NoWaiting(TorchDispatchMode):
    """Fails where a number is asked of a tensor, which on an accelerator waits for it."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        assert "_local_scalar_dense" not in str(func)
        assert "nonzero" not in str(func)
        return func(*args, **(kwargs or {}))


def test_a_step_that_is_looked_at_asks_no_tensor_for_its_number(tmp_path: Path) -> None:
    model = Functional()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    monitor = traindx.Monitor(tmp_path)
    monitor.log(loss=1.0)
    watched = watch(model, optimizer, monitor, every=1)
    x, y = rows(32)
    with NoWaiting(), warnings.catch_warnings():
        warnings.simplefilter("error")
        cross_entropy(model(x), y).backward()
        watched.before_clipping()
        optimizer.step()
    monitor.close()
    assert "watch/grad_norm_clipped" in logged(tmp_path)


def fails(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def test_a_monitor_that_fails_is_warned_of_once_and_left_alone(tmp_path: Path, monkeypatch: Any) -> None:
    plain, watched = network(), network()
    trained(plain)
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        log = monitor.log
        monkeypatch.setattr(monitor, "log", fails)
        with pytest.warns(UserWarning, match="steps aside") as told:
            trained(watched, start=lambda *both: watch(*both, monitor, every=3))
        monkeypatch.setattr(monitor, "log", log)
        assert len(told) == 1
    assert same_weights(plain, watched)


def test_on_a_full_disk_the_training_goes_on(tmp_path: Path) -> None:
    plain, watched = network(), network()
    trained(plain)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    monitor = traindx.Monitor(tmp_path)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, limits[1]))  # a write beyond it fails, as on a full disk
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            trained(watched, start=lambda *both: watch(*both, monitor, every=1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert same_weights(plain, watched)
    assert len(told) <= 1
    monitor.close()


def test_an_impossible_interval_is_told_at_once(tmp_path: Path) -> None:
    model = network()
    monitor = traindx.Monitor(tmp_path)
    monitor.log(loss=1.0)
    with pytest.raises(traindx.UsageError, match="at least 1"):
        watch(model, torch.optim.SGD(model.parameters(), lr=0.1), monitor, every=0)
    monitor.close()


def test_the_optimiser_is_told_as_a_fact_with_the_largest_weight_decay_of_its_groups(tmp_path: Path) -> None:
    model = torch.nn.Linear(2, 1)
    groups = [{"params": [model.bias], "weight_decay": 0.0}, {"params": [model.weight]}]
    other = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    with traindx.Monitor(tmp_path, quiet=True) as monitor:
        monitor.watch(model, torch.optim.AdamW(groups, lr=1e-3, weight_decay=0.1))
        monitor.watch(model, other, prefix="watch_critic")
    told = json.loads((tmp_path / "traindx_run.json").read_text())["traindx_facts"]
    assert told == {"optimizer": "adamw", "weight_decay": 0.1}  # and no learning rate: a schedule may change it
