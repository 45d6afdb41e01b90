"""An Optax transformation that changes nothing and keeps the norms of what passes through it, and how to read them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

import jax
import jax.numpy
import optax  # type: ignore[import-untyped]

jnp: Final[Any] = jax.numpy  # whose types are but partly written
lax: Final[Any] = jax.lax
Stage = Literal["grad", "clipped_grad", "update"]
_NAN: Final = float("nan")


class NormsState(NamedTuple):
    """What one ``record_norms`` saw last, under the names that a run is recorded by; scalars of float32."""

    scalars: dict[str, jax.Array]


def record_norms(of: Stage = "grad") -> optax.GradientTransformationExtraArgs:
    """Return a link of ``optax.chain`` that keeps ``<of>_norm``, the global norm of what passes, and ``<of>_non_finite``, how many of its entries are NaN or Inf.

    ``of`` says what passes there: ``"grad"`` first in the chain, ``"clipped_grad"`` behind the clipping, ``"update"`` last, where also
    ``update_ratio`` is kept, the norm of the update over that of the parameters (NaN where ``update`` is given no parameters). The
    updates are handed on as they are. Norms are summed in float32 at least, of bfloat16 and float16 too.

    >>> import jax.numpy as jnp, optax
    >>> rule = optax.chain(record_norms(), optax.clip_by_global_norm(1.0), optax.sgd(0.5), record_norms("update"))
    >>> weights = {"w": jnp.array([3.0, 4.0])}
    >>> updates, state = rule.update({"w": jnp.array([6.0, 8.0])}, rule.init(weights), weights)
    >>> {name: round(float(value), 3) for name, value in norms(state).items()}
    {'grad_non_finite': 0.0, 'grad_norm': 10.0, 'update_non_finite': 0.0, 'update_norm': 0.5, 'update_ratio': 0.1}
    """

    def init(params: Any) -> NormsState:
        del params
        names = [f"{of}_norm", f"{of}_non_finite", *(["update_ratio"] if of == "update" else [])]
        return NormsState({name: jnp.full((), jnp.nan, jnp.float32) for name in names})

    def update(updates: Any, state: Any, params: Any = None, **others: Any) -> tuple[Any, Any]:
        del state, others
        norm = _norm(updates)
        scalars = {f"{of}_norm": norm, f"{of}_non_finite": _non_finite(updates, norm)}
        if of == "update":
            scalars["update_ratio"] = norm / _norm(params) if params is not None else jnp.full((), _NAN, jnp.float32)
        return updates, NormsState(scalars)

    return optax.GradientTransformationExtraArgs(init, update)


def norms(state: Any) -> dict[str, Any]:
    """Return all that ``record_norms`` keeps anywhere inside an optimiser's state, and ``lr`` where ``optax.inject_hyperparams`` keeps it.

    ``monitor.log({"loss": loss, **norms(state)})`` takes them without waiting for a device. Before the first update they are NaN, so
    read them after one. Of a state with one copy per device (``pmap``) it is the first device's. Also takes the ``opt_state`` of a
    Flax ``nnx.Optimizer``.
    """
    found: dict[str, Any] = {}
    for one in _parts(state):
        told = one.scalars if isinstance(one, NormsState) else {"lr": one.hyperparams["learning_rate"]}
        found |= {name: _first(value) for name, value in told.items()}
    return dict(sorted(found.items()))


def _parts(state: Any) -> Iterator[Any]:
    """Every state of ours, and every one with a learning rate in its hyperparameters, the outer before the inner."""
    if isinstance(state, NormsState):
        yield state
        return
    rates: Any = getattr(state, "hyperparams", None)
    if isinstance(rates, Mapping) and "learning_rate" in rates:
        yield state
    sequence = isinstance(state, (tuple, list))
    inner: Any = state if sequence else state.values() if isinstance(state, Mapping) else ()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    for one in inner:
        yield from _parts(one)


def _first(value: Any) -> Any:
    """The array inside a Flax variable; of one copy per device the first."""
    array: Any = value.get_value() if hasattr(value, "get_value") else value
    return array.reshape(-1)[0] if getattr(array, "ndim", 0) else array


def _leaves(tree: Any) -> list[jax.Array]:
    """Arrays that have a norm: of real or complex numbers."""
    return [jnp.asarray(leaf) for leaf in jax.tree.leaves(tree) if jnp.issubdtype(jnp.result_type(leaf), jnp.inexact)]


def _norm(tree: Any) -> Any:
    squares: list[Any] = [jnp.sum(jnp.square(jnp.abs(leaf).astype(_wide(leaf)))) for leaf in _leaves(tree)]
    return jnp.sqrt(sum(squares, jnp.zeros((), jnp.float32))).astype(jnp.float32)


def _wide(leaf: jax.Array) -> Any:
    return jnp.promote_types(jnp.abs(leaf).dtype, jnp.float32)


def _non_finite(tree: Any, norm: Any) -> Any:
    """How many entries are NaN or Inf; they are gone through only where the norm says that there may be any."""
    leaves = _leaves(tree)

    def counted() -> Any:
        counts: list[Any] = [jnp.sum(~jnp.isfinite(leaf), dtype=jnp.float32) for leaf in leaves]
        return sum(counts, jnp.zeros((), jnp.float32))

    return lax.cond(jnp.isfinite(norm), lambda: jnp.zeros((), jnp.float32), counted)
