"""What a step of a training costs with and without its integration: Keras, JAX from inside, norms in an Optax chain, boosted trees.

Keras takes its backend from outside: ``KERAS_BACKEND=jax python benchmarks/bench_callbacks.py``. What opens and closes a monitor,
the last judgement among it, is left out.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import keras
import lightgbm
import numpy as np
import optax
import xgboost

import traindx
from traindx.integrations.jax_loop import log_inside
from traindx.integrations.keras_callback import TraindxCallback as KerasCallback
from traindx.integrations.lightgbm_callback import TraindxCallback as LightgbmCallback
from traindx.integrations.optax_norms import norms, record_norms
from traindx.integrations.xgboost_callback import TraindxCallback as XgboostCallback

_TURNS = 5
Train = Callable[[traindx.Monitor | None], float]  # microseconds a step, with a monitor or without
drawn = np.random.default_rng(0)


def per_step(steps: int, run: Callable[[], Any]) -> float:
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) / steps * 1e6


def keras_fit() -> Train:
    x, y = drawn.normal(size=(32_000, 64)).astype("float32"), drawn.integers(0, 10, 32_000)
    made = keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(256, "relu"), keras.layers.Dense(10)])
    made.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])

    def train(monitor: traindx.Monitor | None) -> float:
        callbacks = [] if monitor is None else [KerasCallback(monitor)]
        return per_step(1000, lambda: made.fit(x, y, batch_size=32, verbose=0, callbacks=callbacks))

    return train


def jax_inside() -> Train:
    def train(monitor: traindx.Monitor | None) -> float:
        def body(weights: Any, step: Any) -> Any:
            loss, gradient = jax.value_and_grad(lambda w: jnp.sum(w**2))(weights)
            if monitor is not None:
                log_inside(monitor, {"loss": loss, "lr": 0.1}, step=step)
            return weights - 0.1 * gradient, loss

        run = jax.jit(lambda w: jax.lax.scan(body, w, jnp.arange(2000))).lower(jnp.ones(100)).compile()
        return per_step(2000, lambda: (jax.block_until_ready(run(jnp.ones(100))), jax.effects_barrier()))

    return train


def jax_outside() -> Train:
    def train(monitor: traindx.Monitor | None) -> float:
        seen = monitor is not None
        rule = optax.chain(record_norms(), optax.adam(1e-3), record_norms("update")) if seen else optax.adam(1e-3)
        weights = {str(n): jnp.ones((256, 256)) for n in range(8)}

        @jax.jit
        def step(weights: Any, state: Any) -> Any:
            loss, gradient = jax.value_and_grad(lambda w: sum(jnp.sum(one @ one) for one in w.values()))(weights)
            updates, state = rule.update(gradient, state, weights)
            return optax.apply_updates(weights, updates), state, loss

        def run(weights: Any, state: Any, steps: int) -> Any:
            for _ in range(steps):
                weights, state, loss = step(weights, state)
                if monitor is not None:
                    monitor.log({"loss": loss, **norms(state)})
            return jax.block_until_ready((weights, state))

        weights, state = run(weights, rule.init(weights), 3)
        return per_step(200, lambda: run(weights, state, 200))

    return train


def trees(library: str) -> Train:
    x, y = drawn.normal(size=(5000, 20)), drawn.integers(0, 2, 5000)

    def train(monitor: traindx.Monitor | None) -> float:
        if library == "xgboost":
            data = xgboost.DMatrix(x, y)
            told = {"objective": "binary:logistic", "nthread": 1}
            calls: list[Any] = [] if monitor is None else [XgboostCallback(monitor)]
            more = {"evals": [(data, "train")], "verbose_eval": False}
            return per_step(200, lambda: xgboost.train(told, data, 200, callbacks=calls, **more))
        rows = lightgbm.Dataset(x, y)
        asked = {"objective": "binary", "num_threads": 1, "verbose": -1}
        hooks: list[Any] = [] if monitor is None else [LightgbmCallback(monitor)]
        return per_step(200, lambda: lightgbm.train(asked, rows, 200, valid_sets=[rows], callbacks=hooks))

    return train


def measured(train: Train) -> tuple[float, float]:
    """Medians of turns that alternate, the first pair left out."""
    alone, seen = [], []
    for _ in range(_TURNS + 1):
        gc.collect()
        alone.append(train(None))
        with tempfile.TemporaryDirectory() as folder, traindx.Monitor(Path(folder), quiet=True) as monitor:
            seen.append(train(monitor))
    return statistics.median(alone[1:]), statistics.median(seen[1:])


if __name__ == "__main__":
    ways: dict[str, Callable[[], Train]] = {
        f"Keras fit, {keras.backend.backend()}": keras_fit,
        "JAX, log_inside a scan, 2 values": jax_inside,
        "JAX loop, norms in the chain, 7 values": jax_outside,
        "XGBoost": lambda: trees("xgboost"),
        "LightGBM": lambda: trees("lightgbm"),
    }
    print("| training | alone, µs a step | with traindx | difference |\n|---|---|---|---|")
    for name, made in ways.items():
        alone, seen = measured(made())
        print(f"| {name} | {alone:.0f} | {seen:.0f} | {seen - alone:+.0f} |")
