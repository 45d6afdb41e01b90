"""Tensors of PyTorch and arrays of JAX come out as they went in, and gradients flow through."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from traindx.dataset import Normalizer
from traindx.errors import UsageError


@dataclass(frozen=True)
class Data:
    x: np.ndarray
    group: np.ndarray
    mask: np.ndarray


@pytest.fixture(scope="module")
def data() -> Data:
    rng = np.random.default_rng(0)
    group = rng.integers(0, 4, 300)
    mask = rng.random((300, 3)) < 0.7
    x = (rng.normal(size=(300, 3)) * 10.0 ** group[:, None] + 3).astype(np.float32)
    return Data(np.where(mask, x, np.nan).astype(np.float32), group, mask)


@pytest.mark.parametrize("method", ["standard", "robust", "asinh"])
def test_torch_and_jax_give_what_numpy_gives(data: Data, method: str) -> None:
    normalizer = Normalizer.fit(data.x, method=method, group=data.group, mask=data.mask)  # type: ignore[arg-type]
    expected = normalizer.transform(data.x, group=data.group, mask=data.mask)
    tensor = normalizer.transform(torch.tensor(data.x), group=torch.tensor(data.group), mask=torch.tensor(data.mask))
    array = normalizer.transform(jnp.asarray(data.x), group=jnp.asarray(data.group), mask=jnp.asarray(data.mask))
    assert isinstance(tensor, torch.Tensor)
    assert isinstance(array, jax.Array)
    assert (tensor.dtype, array.dtype) == (torch.float32, jnp.float32)
    assert np.allclose(tensor.numpy(), expected, rtol=1e-5, atol=1e-6)
    assert np.allclose(np.asarray(array), expected, rtol=1e-5, atol=1e-6)
    back = normalizer.inverse(tensor, group=data.group, mask=data.mask)  # groups and masks may be NumPy's beside it
    assert np.allclose(back.numpy()[data.mask], data.x[data.mask], rtol=1e-4, atol=1e-2)
    back = normalizer.inverse(array, group=data.group, mask=data.mask)
    assert np.allclose(np.asarray(back)[data.mask], data.x[data.mask], rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("method", ["standard", "asinh"])
def test_gradients_of_torch_are_finite_under_nan_padding_and_constants(data: Data, method: str) -> None:
    x = data.x.copy()
    x[:, 2] = 5
    x[~data.mask] = np.nan
    normalizer = Normalizer.fit(x, method=method, group=data.group, mask=data.mask)  # type: ignore[arg-type]
    leaf = torch.tensor(x, requires_grad=True)
    z = normalizer.transform(leaf, group=data.group, mask=torch.tensor(data.mask))
    normalizer.inverse(z, group=data.group, mask=torch.tensor(data.mask)).sum().backward()
    assert leaf.grad is not None
    assert np.allclose(leaf.grad.numpy(), data.mask, rtol=1e-4)  # the identity where active, nothing elsewhere


@pytest.mark.parametrize("method", ["standard", "asinh"])
def test_gradients_of_jax_are_finite_under_nan_padding_and_constants(data: Data, method: str) -> None:
    x = data.x.copy()
    x[:, 2] = 5
    x[~data.mask] = np.nan
    normalizer = Normalizer.fit(x, method=method, group=data.group, mask=data.mask)  # type: ignore[arg-type]

    @jax.jit
    def total(values: jax.Array, group: jax.Array, mask: jax.Array) -> jax.Array:
        z = normalizer.transform(values, group=group, mask=mask)
        return jnp.sum(normalizer.inverse(z, group=group, mask=mask))

    found = jax.grad(total)(jnp.asarray(x), jnp.asarray(data.group), jnp.asarray(data.mask))
    assert np.allclose(np.asarray(found), data.mask, rtol=1e-4)


def test_inside_jit_an_unknown_group_becomes_nan_and_outside_it_raises(data: Data) -> None:
    normalizer = Normalizer.fit(data.x[:, :1], group=data.group)
    values, groups = jnp.ones((2, 1)), jnp.asarray([1, 9])
    compiled = jax.jit(lambda x, g: normalizer.transform(x, group=g))
    assert np.isnan(np.asarray(compiled(values, groups)))[:, 0].tolist() == [False, True]
    with pytest.raises(UsageError, match="not fitted on: 9"):
        normalizer.transform(values, group=groups)
    with pytest.raises(UsageError, match="not fitted on: 9"):
        normalizer.transform(torch.ones(2, 1), group=torch.tensor([1, 9]))


def test_half_precision_stays_half_and_is_computed_in_single() -> None:
    x = torch.randn(200, 2, generator=torch.Generator().manual_seed(0)) * 3 + 100
    normalizer = Normalizer.fit(x)
    for dtype in (torch.bfloat16, torch.float16):
        z = normalizer.transform(x.to(dtype), verify=False)
        assert z.dtype == dtype
        expected = (x.to(dtype).double() - normalizer.center[0]) / normalizer.scale[0]
        assert torch.allclose(z[:, 0].double(), expected[:, 0], atol=0.02, rtol=0.01)
    array = normalizer.transform(jnp.asarray(x.numpy(), dtype=jnp.bfloat16), verify=False)
    assert array.dtype == jnp.bfloat16


@pytest.mark.slow
def test_torch_compile_and_vmap_of_jax_work_through_it() -> None:
    x = np.random.default_rng(1).normal(5, 3, size=(128, 3)).astype(np.float32)
    normalizer = Normalizer.fit(x)
    expected = normalizer.transform(x)
    compiled = torch.compile(normalizer.transform, backend="eager")
    assert np.allclose(compiled(torch.tensor(x)).numpy(), expected, rtol=1e-6)
    mapped = jax.vmap(normalizer.transform)(jnp.asarray(x))
    assert np.allclose(np.asarray(mapped), expected, rtol=1e-5, atol=1e-6)


def test_no_framework_is_imported_for_numpy() -> None:
    code = (
        "import sys, numpy as np; from traindx.dataset import Normalizer; x = np.eye(9);"
        "Normalizer.fit(x, method='robust').transform(x); print(sorted({'torch', 'jax', 'h5py'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_tensor_stays_on_its_device() -> None:
    normalizer = Normalizer.fit(np.random.default_rng(0).normal(5, 3, size=(100, 3)))
    elsewhere = torch.empty(20, 3, device="meta")  # a device without values: whatever touched them would fail
    found = normalizer.transform(elsewhere, mask=torch.ones(20, 3, device="meta"), verify=False)
    assert (found.device.type, found.shape, found.dtype) == ("meta", (20, 3), torch.float32)
