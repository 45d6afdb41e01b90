"""The same experiments in JAX: faults found, healthy models spared, nothing changed."""

from __future__ import annotations

import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from benchmarks.probing.in_jax import JAX_FAULTS, JAX_HEALTHY, jax_module, squares
from flax import nnx

from traindx import probe
from traindx.diagnosis import Severity
from traindx.errors import UsageError


@pytest.mark.parametrize("name", JAX_FAULTS)
def test_a_planted_fault_is_found(name: str) -> None:
    make, expected = JAX_FAULTS[name]
    report = probe.run(**make(), only=expected, budget_s=600)
    found = {f.code for f in report.findings if f.severity is not Severity.INFO}
    assert found & set(expected), (report.verdict, report.limits)


@pytest.mark.slow
@pytest.mark.parametrize("name", JAX_HEALTHY)
def test_nothing_is_said_of_a_healthy_model(name: str) -> None:
    report = probe.run(**JAX_HEALTHY[name](), budget_s=600, without=("sweep",))
    assert [f.headline for f in report.findings if f.severity is not Severity.INFO] == []
    assert report.verdict.state == "healthy"
    assert report.limits == ()


@pytest.mark.slow
def test_a_module_keeps_its_weights_statistics_keys_and_mode() -> None:
    made = jax_module()
    leaves = jax.tree_util.tree_leaves_with_path(nnx.state(made["model"]))
    before = [
        (str(path), np.asarray(jax.random.key_data(v) if jnp.issubdtype(v.dtype, jax.dtypes.prng_key) else v).tobytes())
        for path, v in leaves
    ]
    states = random.getstate(), np.random.get_state()[1].tobytes()
    probe.run(**made, only=("fit", "modes", "flow"))
    after = [
        (str(path), np.asarray(jax.random.key_data(v) if jnp.issubdtype(v.dtype, jax.dtypes.prng_key) else v).tobytes())
        for path, v in jax.tree_util.tree_leaves_with_path(nnx.state(made["model"]))
    ]
    assert after == before
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == states
    assert made["model"].drop.deterministic is False


def test_a_loss_that_cannot_be_compiled_is_probed_all_the_same() -> None:
    def looking(params: dict[str, jax.Array], batch: dict[str, jax.Array]) -> jax.Array:
        value = jnp.mean((batch["x"] @ params["w"] - batch["target"]) ** 2)
        return value if float(jax.lax.stop_gradient(batch["x"]).sum()) else value * 2

    x = np.random.default_rng(0).standard_normal((12, 4), np.float32)
    report = probe.run(
        {"w": jnp.zeros((4, 2))}, looking, {"x": x, "target": x[:, :2]}, facts={"loss": "mse"}, only=("doubling",)
    )
    assert "PRB015" in report.passed


def test_a_loss_of_other_arguments_is_refused_with_an_example() -> None:
    with pytest.raises(UsageError, match="params, batch"):
        probe.run({"w": jnp.zeros(3)}, lambda params: 0.0, np.zeros((4, 3)))
    with pytest.raises(UsageError, match="needs a loss"):
        probe.run({"w": jnp.zeros(3)}, None, np.zeros((4, 3)))
    with pytest.raises(UsageError, match="Optax"):
        probe.run({"w": jnp.zeros(3)}, squares, np.zeros((4, 3)), optimizer=3)
