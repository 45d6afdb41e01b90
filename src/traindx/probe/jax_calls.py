"""How a loss is called in JAX: as a pure function of a list of arrays, whatever the parameters and the batch look like."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, cast

from traindx.errors import UsageError
from traindx.probe.kinds import is_mapping, is_sequence

jax: Any = import_module("jax")
jnp: Any = import_module("jax.numpy")

_TOTALS = ("loss", "total_loss", "total")
_STREAMS = ("default", "dropout", "params", "noise", "sample")
_EXAMPLE = "for example loss=lambda params, batch: loss_of(model.apply(params, batch['x']), batch['y'])"
# (parameters, batch, key, training) to what the loss returned
Pure = Callable[[Sequence[Any], Any, Any, bool], Any]


def is_jax_model(model: Any) -> bool:
    """Whether a model is an NNX module, or a tree of arrays only."""
    if _nnx_of(model) is not None:
        return True
    leaves: list[Any] = jax.tree_util.tree_leaves(model)
    return bool(leaves) and all(hasattr(leaf, "dtype") and hasattr(leaf, "shape") for leaf in leaves)


def _nnx_of(model: Any) -> Any:
    if "flax" not in sys.modules:
        return None
    nnx: Any = import_module("flax.nnx")
    return nnx if isinstance(model, nnx.Module) else None


def taken_apart(model: Any, loss: Any) -> tuple[list[tuple[str, Any]], Pure]:
    """Return the parameters by name, and the loss as a function of them. Raises UsageError where the loss takes something else."""
    if not callable(loss):
        raise UsageError(
            "a JAX model needs a loss: loss_fn(params, batch), or loss_fn(params, batch, rng)", hint=_EXAMPLE
        )
    takes_key = _takes_key(loss)
    nnx = _nnx_of(model)
    if nnx is None:
        leaves, tree = jax.tree_util.tree_flatten_with_path(model)

        def call(parameters: Sequence[Any], batch: Any, key: Any, training: bool) -> Any:
            del training  # a pure function holds its mode itself
            whole = jax.tree_util.tree_unflatten(tree, list(parameters))
            return loss(whole, batch, key) if takes_key else loss(whole, batch)

        return [(_spoken(path), leaf) for path, leaf in leaves], call
    graph, state, rest = nnx.split(model, nnx.Param, ...)
    others, rest_tree = jax.tree_util.tree_flatten(rest)
    leaves, tree = jax.tree_util.tree_flatten_with_path(state)

    def call_module(parameters: Sequence[Any], batch: Any, key: Any, training: bool) -> Any:
        # Both states are built anew each time: what the pass counts or averages stays in this copy.
        own, more = (
            jax.tree_util.tree_unflatten(tree, list(parameters)),
            jax.tree_util.tree_unflatten(rest_tree, others),
        )
        fresh = nnx.merge(graph, own, more)
        nnx.reseed(fresh, **dict.fromkeys(_STREAMS, key))
        _ = fresh.train() if training else fresh.eval()
        return loss(fresh, batch, key) if takes_key else loss(fresh, batch)

    return [(_spoken(path).removesuffix(".value"), leaf) for path, leaf in leaves], call_module


def _spoken(path: Sequence[Any]) -> str:
    parts = [getattr(p, "key", getattr(p, "name", getattr(p, "idx", p))) for p in path]
    return ".".join(str(part) for part in parts)


def _takes_key(loss: Any) -> bool:
    try:
        signature = inspect.signature(loss)
    except ValueError:
        return False
    needed = [
        p
        for p in signature.parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if len(needed) not in (2, 3):
        raise UsageError(f"loss must take (params, batch) or (params, batch, rng), not {signature}", hint=_EXAMPLE)
    return len(needed) == 3


def read_loss(
    returned: Any, weights: Mapping[str, float] | None
) -> tuple[Any, dict[str, Any], dict[str, float | None], dict[str, Any]]:
    """Return the total, terms, their weights (None where one is not known), and the outputs that were returned beside the loss."""
    if is_mapping(returned):
        return (*_from_mapping(cast("Mapping[str, Any]", returned), weights or {}), {})
    if is_sequence(returned) and returned:
        parts = cast("Sequence[Any]", returned)
        first, aux = parts[0], parts[1] if len(parts) > 1 else None
        if is_mapping(first):
            more: dict[str, float] = dict(cast("Mapping[str, float]", aux)) if is_mapping(aux) else {}
            return (*_from_mapping(cast("Mapping[str, Any]", first), {**(weights or {}), **more}), {})
        return _one(first), {}, {}, _outputs(aux)
    return _one(returned), {}, {}, {}


def _from_mapping(
    returned: Mapping[str, Any], weights: Mapping[str, float]
) -> tuple[Any, dict[str, Any], dict[str, float | None]]:
    terms: dict[str, Any] = {}
    known: dict[str, float | None] = {}
    total = next((returned[name] for name in _TOTALS if name in returned), None)
    for name, part in returned.items():
        value, weight = part if is_sequence(part) else (part, weights.get(name, None if total is not None else 1.0))
        if name not in _TOTALS and jnp.ndim(value) == 0:
            terms[name], known[name] = value, weight
    if total is None:
        weighted = [weight * terms[name] for name, weight in known.items() if weight is not None]
        if not weighted:
            raise UsageError(
                "the loss function returned a mapping without a loss", hint="an entry 'loss', or terms of one number"
            )
        total = sum(weighted)
    return _one(total), terms, known


def _one(value: Any) -> Any:
    if jnp.size(value) != 1:
        raise UsageError(
            f"the loss has {jnp.size(value):,} numbers, and a training steps on one", hint="reduce it: loss.mean()"
        )
    return jnp.reshape(value, ())


def _outputs(aux: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, leaf in jax.tree_util.tree_leaves_with_path(aux):
        if hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.floating) and jnp.ndim(leaf):
            found[_spoken(path) or "the output"] = leaf
    return found
