"""Healthy and faulty models in JAX: plain functions of parameters, and NNX modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from benchmarks.probing.healthy import Made
from flax import nnx

SIZE = 24


class Net(nnx.Module):
    def __init__(self, rngs: nnx.Rngs) -> None:
        self.a, self.norm, self.drop, self.b = (
            nnx.Linear(20, 64, rngs=rngs),
            nnx.BatchNorm(64, rngs=rngs),
            nnx.Dropout(0.1, rngs=rngs),
            nnx.Linear(64, 10, rngs=rngs),
        )

    def __call__(self, x: Any) -> Any:
        return self.b(self.drop(nnx.relu(self.norm(self.a(x)))))


def _classes(size: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(3)
    return rng.standard_normal((size, 20), np.float32), rng.integers(0, 10, size)


def cross_entropy(model: Any, batch: Any) -> Any:
    logits = model(batch[0])
    return optax.softmax_cross_entropy_with_integer_labels(logits, batch[1]).mean(), logits


def jax_module(size: int = SIZE, seed: int = 0) -> Made:
    return {
        "model": Net(nnx.Rngs(seed)),
        "loss": cross_entropy,
        "batch": _classes(size),
        "optimizer": optax.adamw(1e-3),
    }


def _two_layers(outputs: int, seed: int = 0) -> dict[str, Any]:
    keys = jax.random.split(jax.random.key(seed), 2)
    return {
        "hidden": {"w": jax.random.normal(keys[0], (20, 64)) / 20**0.5, "b": jnp.zeros(64)},
        "head": {"w": jax.random.normal(keys[1], (64, outputs)) / 8, "b": jnp.zeros(outputs)},
    }


def _apply(params: Any, x: Any) -> Any:
    return jnp.tanh(x @ params["hidden"]["w"] + params["hidden"]["b"]) @ params["head"]["w"] + params["head"]["b"]


def squares(params: Any, batch: Any) -> Any:
    return jnp.mean((_apply(params, batch["x"]) - batch["target"]) ** 2)


def jax_regression(size: int = SIZE, seed: int = 0) -> Made:
    x = _classes(size)[0]
    warming = optax.warmup_cosine_decay_schedule(0.0, 1e-2, 10, 1000)
    return {
        "model": _two_layers(3, seed),
        "loss": squares,
        "batch": {"x": x, "target": x[:, :3]},
        "facts": {"loss": "mse"},
        "optimizer": optax.adam(warming),
    }


def jax_dropped(size: int = SIZE, seed: int = 0) -> Made:
    def loss(params: Any, batch: Any, rng: Any) -> Any:
        x = batch[0] * jax.random.bernoulli(rng, 0.8, batch[0].shape) / 0.8
        return optax.softmax_cross_entropy_with_integer_labels(_apply(params, x), batch[1]).mean()

    return {
        "model": _two_layers(10, seed),
        "loss": loss,
        "batch": _classes(size),
        "facts": {"num_classes": 10},
        "optimizer": optax.sgd(0.1, momentum=0.9),
    }


def jax_lr_zero() -> Made:
    return jax_module() | {"optimizer": optax.sgd(0.0)}


def jax_stopped_gradient() -> Made:
    def loss(params: Any, batch: Any) -> Any:
        return squares(params | {"hidden": jax.lax.stop_gradient(params["hidden"])}, batch)

    return jax_regression() | {"loss": loss}


def jax_softmax_twice() -> Made:
    def loss(model: Any, batch: Any) -> Any:
        chances = nnx.softmax(model(batch[0]))
        return optax.softmax_cross_entropy_with_integer_labels(chances, batch[1]).mean(), chances

    return jax_module() | {"loss": loss}


def jax_sum() -> Made:
    return jax_regression() | {"loss": lambda params, batch: squares(params, batch) * batch["x"].shape[0]}


def jax_broadcast() -> Made:
    made = jax_regression()

    def loss(params: Any, batch: Any) -> Any:
        out = _apply(params, batch["x"])
        return jnp.mean((out - batch["target"]) ** 2), out

    return made | {
        "model": _two_layers(1),
        "loss": loss,
        "batch": {"x": made["batch"]["x"], "target": made["batch"]["x"][:, 0]},
    }


def jax_input_unused() -> Made:
    return jax_regression() | {"loss": lambda params, batch: squares(params, batch | {"x": jnp.ones_like(batch["x"])})}


def jax_labels_beyond() -> Made:
    made = jax_module()
    return made | {"batch": (made["batch"][0], made["batch"][1] + 5)}


JAX_HEALTHY: dict[str, Callable[..., Made]] = {
    make.__name__: make for make in (jax_module, jax_regression, jax_dropped)
}
JAX_FAULTS: dict[str, tuple[Callable[[], Made], tuple[str, ...]]] = {
    make.__name__: (make, codes)
    for make, codes in (
        (jax_lr_zero, ("PRB031",)),
        (jax_stopped_gradient, ("PRB020",)),
        (jax_softmax_twice, ("PRB013",)),
        (jax_sum, ("PRB015",)),
        (jax_broadcast, ("PRB016",)),
        (jax_input_unused, ("PRB051",)),
        (jax_labels_beyond, ("PRB005",)),
    )
}
