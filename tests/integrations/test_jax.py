"""Loops of JAX, Optax and Flax, recorded from outside and from inside of compiled functions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path
from typing import Any

import flax.linen as linen
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from flax.training.train_state import TrainState

import traindx
from traindx.errors import UsageError
from traindx.integrations.jax_loop import flush, log_inside
from traindx.integrations.optax_norms import norms, record_norms

pytestmark = pytest.mark.slow
STEPS = 30
drawn = np.random.default_rng(0)
INPUTS = drawn.normal(size=(64, 5)).astype("float32")
LABELS = np.digitize(INPUTS[:, 0], [-0.5, 0.5])
WEIGHTS = {"w": jnp.asarray(0.1 * drawn.normal(size=(5, 3)), jnp.float32), "b": jnp.zeros(3)}


def loss_of(weights: Any) -> jax.Array:
    return optax.softmax_cross_entropy_with_integer_labels(INPUTS @ weights["w"] + weights["b"], LABELS).mean()


def train(rule: Any, steps: int = STEPS) -> tuple[Any, list[dict[str, Any]]]:
    @jax.jit
    def step(weights: Any, state: Any) -> Any:
        loss, gradient = jax.value_and_grad(loss_of)(weights)
        updates, state = rule.update(gradient, state, weights)
        return optax.apply_updates(weights, updates), state, loss

    weights, state, told = WEIGHTS, rule.init(WEIGHTS), []
    for _ in range(steps):
        weights, state, loss = step(weights, state)
        told.append({"loss": loss, **norms(state)})
    return weights, told


def same(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


RULES = {
    "adamw": lambda *_: optax.adamw(3e-2),
    "clipped": lambda *_: optax.chain(optax.clip_by_global_norm(0.1), optax.sgd(0.5, momentum=0.9)),
    "several": lambda *_: optax.MultiSteps(optax.adam(1e-2), 4).gradient_transformation(),
    "injected": lambda *_: optax.inject_hyperparams(optax.adam)(learning_rate=optax.cosine_decay_schedule(0.1, STEPS)),
}


@pytest.mark.parametrize("name", sorted(RULES))
def test_weights_are_the_same_to_the_bit_with_and_without_the_norms(name: str) -> None:
    alone, _ = train(RULES[name]())
    seen, told = train(optax.chain(record_norms(), RULES[name](), record_norms("update")))
    assert same(alone, seen)
    expected = {"loss", "grad_norm", "grad_non_finite", "update_norm", "update_non_finite", "update_ratio"}
    assert set(told[-1]) == expected | ({"lr"} if name == "injected" else set())


def test_the_norms_are_those_that_optax_computes_before_and_behind_the_clipping() -> None:
    rule = optax.chain(record_norms(), optax.clip_by_global_norm(0.1), record_norms("clipped_grad"), optax.sgd(0.5), record_norms("update"))  # fmt: skip
    _, told = train(rule, 5)
    gradient = jax.tree.map(np.asarray, jax.jit(jax.grad(loss_of))(WEIGHTS))
    assert told[0]["grad_norm"] == pytest.approx(_size(gradient), rel=1e-5)
    assert told[0]["update_ratio"] == pytest.approx(0.05 / _size(WEIGHTS), rel=1e-5)
    for one in told:
        assert one["grad_norm"] > 0.1
        assert one["clipped_grad_norm"] == pytest.approx(0.1, rel=1e-5)
        assert one["update_norm"] == pytest.approx(0.05, rel=1e-5)


def _size(tree: Any) -> float:
    return float(np.sqrt(sum(np.sum(np.asarray(leaf, dtype=np.float64) ** 2) for leaf in jax.tree.leaves(tree))))


def test_norms_inside_of_accumulation_and_injection_are_found() -> None:
    inner = optax.chain(record_norms(), optax.adam(1e-2))
    _, told = train(optax.MultiSteps(inner, 4).gradient_transformation(), 8)
    assert np.isnan(told[2]["grad_norm"])
    assert np.isfinite(told[3]["grad_norm"])
    made = optax.inject_hyperparams(lambda learning_rate: optax.chain(record_norms(), optax.sgd(learning_rate)))
    _, told = train(made(learning_rate=0.25), 2)
    assert told[-1]["lr"] == 0.25
    assert np.isfinite(told[-1]["grad_norm"])


def test_nan_inf_half_precision_and_whole_numbers_are_counted_right() -> None:
    rule = record_norms()
    tree = {
        "bad": jnp.array([jnp.nan, jnp.inf, 1.0]),
        "half": jnp.full(400, 300.0, jnp.float16),
        "whole": jnp.arange(3),
        "complex": jnp.array([3 + 4j]),
    }
    _, state = rule.update(tree, rule.init(tree))
    assert norms(state)["grad_non_finite"] == 2
    fine = {name: tree[name] for name in ("half", "whole", "complex")}
    _, state = rule.update(fine, rule.init(fine))
    assert norms(state)["grad_norm"] == pytest.approx(np.sqrt(400 * 300.0**2 + 25))
    _, state = record_norms("update").update(fine, rule.init(fine))
    assert np.isnan(norms(state)["update_ratio"])


def test_a_loop_is_recorded_from_outside_and_its_live_report_is_that_of_its_log(tmp_path: Path) -> None:
    rule = optax.chain(record_norms(), optax.sgd(0.0), record_norms("update"))
    facts = {"loss": "cross_entropy", "num_classes": 3}
    with traindx.Monitor(tmp_path, facts=facts, total_steps=STEPS) as monitor:
        for values in train(rule)[1]:
            monitor.log(values)
    assert monitor.report == traindx.diagnose(tmp_path)
    assert monitor.report is not None
    assert "ln 3" in monitor.report.verdict.summary
    found = traindx.read(tmp_path)[0].series
    assert found["grad_norm"].values == pytest.approx(_size(jax.jit(jax.grad(loss_of))(WEIGHTS)), rel=1e-4)


def test_a_loop_never_waits_for_what_the_device_still_computes(tmp_path: Path) -> None:
    rule = optax.chain(record_norms(), optax.sgd(0.1))

    @jax.jit
    def step(matrix: Any, state: Any) -> Any:
        for_long = jax.lax.fori_loop(0, 40, lambda _, m: jnp.tanh(m @ m), matrix)
        updates, state = rule.update(for_long, state)
        return optax.apply_updates(matrix, updates), state, for_long.mean()

    matrix = jnp.eye(700)
    state = rule.init(matrix)
    jax.block_until_ready(step(matrix, state))
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log({"loss": 0.0, **norms(jax.block_until_ready(step(matrix, state)[1]))})
        matrix, state, loss = step(matrix, state)
        told = {"loss": loss, **norms(state)}
        before = loss.is_ready()
        monitor.log(told)
        assert (before, loss.is_ready()) == (False, False)
    assert traindx.read(tmp_path)[0].series["loss"].values[1] == pytest.approx(float(loss), rel=1e-5)
    assert traindx.read(tmp_path)[0].series["grad_norm"].values[1] == pytest.approx(float(told["grad_norm"]), rel=1e-5)


@pytest.mark.parametrize("every", [1, 5])
def test_values_inside_of_a_compiled_loop_are_recorded_in_order(tmp_path: Path, every: int) -> None:
    def body(monitor: traindx.Monitor | None, weights: Any, step: Any) -> Any:
        loss, gradient = jax.value_and_grad(loss_of)(weights)
        if monitor is not None:
            log_inside(monitor, {"loss": loss, "lr": 0.1}, step=step, every=every)
        return jax.tree.map(lambda w, g: w - 0.1 * g, weights, gradient), loss

    with traindx.Monitor(tmp_path) as monitor:
        seen, losses = jax.jit(lambda w: jax.lax.scan(partial(body, monitor), w, jnp.arange(STEPS)))(WEIGHTS)
    alone, _ = jax.jit(lambda w: jax.lax.scan(partial(body, None), w, jnp.arange(STEPS)))(WEIGHTS)
    assert same(seen, alone)
    found = traindx.read(tmp_path)[0].series["loss"]  # the monitor waited for what was under way
    assert found.steps.tolist() == list(range(0, STEPS, every))
    assert found.values == pytest.approx(np.asarray(losses)[::every], rel=1e-6)
    assert monitor.report == traindx.diagnose(tmp_path)


def test_calls_count_where_no_step_is_given(tmp_path: Path) -> None:
    with traindx.Monitor(tmp_path) as monitor:

        @jax.jit
        def step(value: Any) -> Any:
            log_inside(monitor, {"loss": value})
            return value * 0.5

        value = jnp.float32(8)
        for _ in range(3):
            value = step(value)
        flush()
    found = traindx.read(tmp_path)[0].series["loss"]
    assert (found.steps.tolist(), found.values.tolist()) == ([0, 1, 2], [8.0, 4.0, 2.0])


def test_a_monitor_that_fails_inside_is_warned_of_once_and_the_function_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OSError("no room left")

    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        step = jax.jit(lambda value: log_inside(monitor, {"loss": value}) or value * 2)
        with monkeypatch.context() as patched:
            patched.setattr(traindx.Monitor, "log", fails)
            with pytest.warns(UserWarning, match="steps aside") as heard:
                assert [_flushed(step(value)) for value in (1.0, 2.0, 3.0)] == [2.0, 4.0, 6.0]
        assert len(heard) == 1
        with pytest.warns(UserWarning, match="log its mean"):
            log_inside(monitor, {"loss": jnp.zeros(3)})
        with pytest.raises(UsageError, match="needs a step"):
            log_inside(monitor, {"loss": 1.0}, every=5)


def _flushed(value: Any) -> float:
    flush()
    return float(value)


def test_a_flax_linen_state_trains_with_the_norms(tmp_path: Path) -> None:
    net = linen.Dense(3)
    rule = optax.chain(record_norms(), optax.adam(0.05), record_norms("update"))
    state = TrainState.create(apply_fn=net.apply, params=net.init(jax.random.key(0), INPUTS), tx=rule)

    @jax.jit
    def step(state: TrainState) -> tuple[TrainState, Any]:
        def loss_fn(params: Any) -> Any:
            return optax.softmax_cross_entropy_with_integer_labels(state.apply_fn(params, INPUTS), LABELS).mean()

        loss, gradient = jax.value_and_grad(loss_fn)(state.params)
        return state.apply_gradients(grads=gradient), loss

    with traindx.Monitor(tmp_path, facts={"loss": "cross_entropy", "num_classes": 3}) as monitor:
        for _ in range(STEPS):
            state, loss = step(state)
            monitor.log({"loss": loss, **norms(state.opt_state)})
    found = traindx.read(tmp_path)[0].series
    assert {"loss", "grad_norm", "update_norm", "update_ratio"} <= set(found)
    assert monitor.report == traindx.diagnose(tmp_path)


def test_a_flax_nnx_optimizer_trains_with_the_norms(tmp_path: Path) -> None:
    def trained(rule: Any, monitor: traindx.Monitor | None = None) -> Any:
        net = nnx.Linear(5, 3, rngs=nnx.Rngs(0))
        optimizer = nnx.Optimizer(net, rule, wrt=nnx.Param)

        @nnx.jit
        def step(net: Any, optimizer: Any) -> Any:
            def loss_fn(net: Any) -> Any:
                return optax.softmax_cross_entropy_with_integer_labels(net(INPUTS), LABELS).mean()

            loss, gradient = nnx.value_and_grad(loss_fn)(net)
            optimizer.update(net, gradient)
            return loss

        for _ in range(STEPS):
            loss = step(net, optimizer)
            if monitor is not None:
                monitor.log({"loss": loss, **norms(optimizer.opt_state)})
        return nnx.state(net, nnx.Param)

    with traindx.Monitor(tmp_path) as monitor:
        seen = trained(optax.chain(record_norms(), optax.adam(0.05), record_norms("update")), monitor)
    assert same(seen, trained(optax.adam(0.05)))
    found = traindx.read(tmp_path)[0].series
    assert np.isfinite(found["grad_norm"].values).all()
    assert np.isfinite(found["update_ratio"].values).all()


_SEVERAL_DEVICES = """
    import json, sys, warnings
    import jax, jax.numpy as jnp, numpy as np, optax
    from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
    import traindx
    from traindx.integrations.jax_loop import log_inside
    from traindx.integrations.optax_norms import norms, record_norms

    assert jax.device_count() == 4
    x = np.random.default_rng(0).normal(size=(64, 5)).astype("float32")
    loss_of = lambda w, x: jnp.mean(jnp.tanh(x @ w) ** 2)
    rule = lambda seen: optax.chain(record_norms(), optax.sgd(0.3), record_norms("update")) if seen else optax.sgd(0.3)
    mesh, found = Mesh(jax.devices(), ("data",)), {}
    rows = jax.device_put(x, NamedSharding(mesh, P("data")))
    with traindx.Monitor(sys.argv[1]) as monitor:
        for seen in (True, False):
            made = rule(seen)

            @jax.jit
            def step(w, state, at):
                loss, g = jax.value_and_grad(loss_of)(w, rows)
                if seen:
                    log_inside(monitor, {"loss": loss}, step=at, ordered=False)
                updates, state = made.update(g, state, w)
                return optax.apply_updates(w, updates), state

            w = jnp.ones(5)
            state = made.init(w)
            for at in range(8):
                w, state = step(w, state, at)
            found[f"sharded {seen}"] = [np.asarray(w).tobytes().hex(), {k: float(v) for k, v in norms(state).items()}]
    for seen in (True, False):
        made = rule(seen)

        def step(w, state, x):
            g = jax.lax.pmean(jax.grad(loss_of)(w, x), "d")
            updates, state = made.update(g, state, w)
            return optax.apply_updates(w, updates), state

        w = jnp.ones((4, 5))
        state = jax.vmap(made.init)(w)
        for _ in range(8):
            w, state = jax.pmap(step, axis_name="d")(w, state, x.reshape(4, 16, 5))
        found[f"pmap {seen}"] = [np.asarray(w).tobytes().hex(), {k: float(v) for k, v in norms(state).items()}]
    series = traindx.read(sys.argv[1])[0].series["loss"]
    found["steps"] = sorted(series.steps.tolist())
    print(json.dumps(found))
"""


def test_several_devices_sharded_and_by_pmap_keep_weights_and_norms(tmp_path: Path) -> None:
    told = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    program = textwrap.dedent(_SEVERAL_DEVICES)
    ran = subprocess.run(
        [sys.executable, "-c", program, tmp_path], env={**os.environ, **told}, capture_output=True, text=True, timeout=200, check=False
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    for way in ("sharded", "pmap"):
        assert found[f"{way} True"][0] == found[f"{way} False"][0]
        assert found[f"{way} False"][1] == {}
    sharded, mapped = found["sharded True"][1], found["pmap True"][1]
    assert sharded == pytest.approx(mapped, rel=1e-4)
    assert found["steps"] == list(range(8))
