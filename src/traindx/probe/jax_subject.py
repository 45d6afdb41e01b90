"""A JAX model, its loss and one batch, as experiments see them. Arrays do not change, so what is given stays as it is."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, final

import numpy as np

from traindx.errors import UsageError
from traindx.probe.batch import Array, Batch, Leaf
from traindx.probe.jax_calls import is_jax_model, read_loss, taken_apart
from traindx.probe.nest import take_apart
from traindx.probe.roles import with_roles
from traindx.probe.subject import Computed, Descent, Half, Moved, Parameter, Rates, Slope, Subject, Term

__all__ = ["JaxSubject", "is_jax_model"]

jax: Any = import_module("jax")
jnp: Any = import_module("jax.numpy")

_BETAS = (0.9, 0.999)
_EPSILON = 1e-8


@final
class JaxSubject(Subject):
    """Everything that ``Subject`` asks, on arrays of its own."""

    framework = "JAX"

    def __init__(
        self,
        model: Any,
        loss: Any,
        batch: Any,
        *,
        optimizer: Any = None,
        weights: Mapping[str, float] | None = None,
        targets: Sequence[str] = (),
    ) -> None:
        self.name = type(model).__name__ if type(model) not in (dict, list, tuple) else "a tree of parameters"
        self._weights, self._targets = weights, targets
        named, self._call = taken_apart(model, loss)
        self._names = [name for name, _ in named]
        self._given = [jnp.asarray(leaf) for _, leaf in named]
        self._now = list(self._given)
        self._trained = [i for i, leaf in enumerate(self._given) if jnp.issubdtype(leaf.dtype, jnp.floating)]
        self._optimizer = getattr(optimizer, "tx", optimizer)
        if self._optimizer is not None and not callable(getattr(self._optimizer, "update", None)):
            raise UsageError(f"optimizer must be an Optax transformation, not a {type(optimizer).__name__}")
        if optimizer is None:
            self.without_optimizer = "no optimizer was given: its steps were not looked at (optimizer=...)"
        found, self._rebuild = take_apart(batch, _is_array)
        if not found:
            raise UsageError("the batch holds no arrays", hint="an array, or any nest of arrays")
        self._random: tuple[Any, Any] = (random.getstate(), np.random.get_state())
        dtypes = [leaf.dtype for _, leaf in found]

        def build(arrays: Sequence[Array]) -> Any:
            return [jnp.asarray(a, dtype=d) for a, d in zip(arrays, dtypes, strict=True)]

        self.batch = Batch(tuple(Leaf(path, _plain(leaf)) for path, leaf in found), build)
        self._known_weights: dict[str, float | None] = {}
        self._compiled: dict[tuple[bool, str], Callable[..., Any]] = {}

    def learn_roles(self, contrastive: bool) -> None:
        leaves = with_roles(self.batch.leaves, (), self._targets, contrastive=contrastive)
        self.batch = Batch(leaves, self.batch.build)

    def _whole(self, trained: Sequence[Any], rest: Sequence[Any]) -> list[Any]:
        whole = list(rest)
        for i, leaf in zip(self._trained, trained, strict=True):
            whole[i] = leaf
        return whole

    def _function(self, training: bool, term: str) -> Callable[..., Any]:
        """The loss as a function of the trained arrays, the others, the batch's arrays and a seed; with everything seen beside it."""

        def value(trained: Sequence[Any], rest: Sequence[Any], arrays: Sequence[Any], seed: Any) -> Any:
            batch = self._rebuild(iter(list(arrays)))
            returned = self._call(self._whole(trained, rest), batch, jax.random.key(seed), training)
            total, terms, weights, outputs = read_loss(returned, self._weights)
            self._known_weights = weights
            return (terms[term] if term else total), (total, terms, outputs)

        return value

    def _evaluate(self, training: bool, term: str, *, slopes: bool) -> Callable[..., Any]:
        key = (training, f"{term}/{slopes}")
        if key not in self._compiled:
            function = self._function(training, term)
            whole = jax.value_and_grad(function, has_aux=True) if slopes else function
            self._compiled[key] = _compiled_or_not(jax.jit(whole), whole)
        return self._compiled[key]

    def _run(self, batch: Batch, *, training: bool, seed: int, half: Half, term: str, slopes: bool) -> Any:
        trained, rest, arrays = [self._now[i] for i in self._trained], self._now, batch.native()
        if half:
            trained, rest, arrays = (_cast(part, half) for part in (trained, rest, arrays))
        try:
            return self._evaluate(training, term, slopes=slopes)(trained, rest, arrays, seed)
        except _flax_errors() as error:  # of no kind that python knows
            raise RuntimeError(f"{type(error).__name__}: {error}") from error

    def compute(self, batch: Batch, *, training: bool = True, seed: int = 0, half: Half = "") -> Computed:
        _, seen = self._run(batch, training=training, seed=seed, half=half, term="", slopes=False)
        return self._computed(seen)

    def _computed(self, seen: Any) -> Computed:
        total, terms, outputs = seen
        plain = {name: _plain(value) for name, value in outputs.items()}
        self.seen_outputs = MappingProxyType(plain)
        listed = tuple(Term(name, float(value), self._known_weights.get(name)) for name, value in terms.items())
        return Computed(total=float(total), terms=listed, outputs=self.seen_outputs)

    def slopes(
        self, batch: Batch, *, seed: int = 0, half: Half = "", term: str = ""
    ) -> tuple[Computed, tuple[Slope, ...]]:
        (_, seen), grads = self._run(batch, training=True, seed=seed, half=half, term=term, slopes=True)
        found: list[Slope] = []
        for i, grad in zip(self._trained, grads, strict=True):
            norm = float(np.linalg.norm(_plain(grad).astype(np.float64).ravel()))
            found.append(Slope(name=self._names[i], size=int(grad.size), norm=norm, finite=bool(np.isfinite(norm))))
        return self._computed(seen), tuple(found)

    def parameters(self) -> tuple[Parameter, ...]:
        trained = set(self._trained)
        return tuple(
            Parameter(name=self._names[i], shape=tuple(leaf.shape), rms=_rms(leaf), trainable=i in trained)
            for i, leaf in enumerate(self._now)
        )

    def weights(self, name: str) -> Array:
        return _plain(self._now[self._names.index(name)])

    def nudge(self, names: Sequence[str], share: float, seed: int) -> None:
        noise = np.random.default_rng(seed)
        for i in self._trained:
            if self._names[i] in names:
                leaf = self._now[i]
                drawn: Array = noise.standard_normal(size=tuple(leaf.shape)) * share * (_rms(leaf) or 1.0)
                self._now[i] = leaf + jnp.asarray(drawn, dtype=leaf.dtype)

    def moved(self) -> tuple[Moved, ...]:
        found: list[Moved] = []
        for i in self._trained:
            before, now = (_plain(a).astype(np.float64) for a in (self._given[i], self._now[i]))
            change = now - before
            rms = float(np.sqrt((change**2).mean())) if change.size else 0.0
            found.append(
                Moved(self._names[i], _rms(self._given[i]), rms, float((change != 0).mean()) if change.size else 0.0)
            )
        return tuple(found)

    def descend(
        self, batches: Sequence[Batch], *, rate: float, until: float, seed: int = 0, enough: float = float("-inf")
    ) -> Descent:
        return self._adam(batches, [rate] * len(batches), until, seed, enough)

    def _adam(
        self, batches: Sequence[Batch], rates: Sequence[float], until: float, seed: int, enough: float
    ) -> Descent:
        moments = [(jnp.zeros_like(self._now[i]), jnp.zeros_like(self._now[i])) for i in self._trained]

        def update(i: int, grads: Sequence[Any]) -> None:
            nonlocal moments
            trained = [self._now[j] for j in self._trained]
            fresh, moments = _adam_step(trained, list(grads), moments, float(rates[i]), i + 1.0)
            self._now = self._whole(fresh, self._now)

        return self._descent(batches, update, until, seed, enough)

    def _descent(
        self,
        batches: Sequence[Batch],
        update: Callable[[int, Sequence[Any]], None],
        until: float,
        seed: int,
        enough: float,
    ) -> Descent:
        losses: list[float] = []
        for i, batch in enumerate(batches):
            if losses and (time.monotonic() > until or losses[-1] <= enough):
                break
            (total, _), grads = self._run(batch, training=True, seed=seed + i, half="", term="", slopes=True)
            losses.append(float(total))
            if not np.isfinite(losses[-1]):
                return Descent(tuple(losses), halted=True)
            update(i, grads)
        return Descent(tuple(losses))

    def rates(self) -> Rates | None:
        if self._optimizer is None:
            return None
        state = self._optimizer.init([self._given[i] for i in self._trained])
        told = getattr(state, "hyperparams", {}).get("learning_rate")
        known = () if told is None else (float(told),)
        held = frozenset(self._names[i] for i in self._trained)
        return Rates(name="the Optax transformation", rates=known, planned=(), held=held, foreign=0)

    def step_as_given(self, batch: Batch, *, steps: int, until: float, seed: int = 0) -> Descent:
        state = self._optimizer.init([self._now[i] for i in self._trained])

        def update(_: int, grads: Sequence[Any]) -> None:
            nonlocal state
            trained = [self._now[j] for j in self._trained]
            changes, state = self._optimizer.update(list(grads), state, trained)
            self._now = self._whole([p + c.astype(p.dtype) for p, c in zip(trained, changes, strict=True)], self._now)

        return self._descent([batch] * steps, update, until, seed, float("-inf"))

    def sweep(self, batch: Batch, rates: Sequence[float], *, until: float, seed: int = 0) -> Descent:
        return self._adam([batch] * len(rates), rates, until, seed, float("-inf"))

    def restore(self) -> None:
        self._now = list(self._given)
        random.setstate(self._random[0])
        np.random.set_state(self._random[1])


def _flax_errors() -> Any:
    """Flax's own kind of error; nothing where Flax is not loaded."""
    return getattr(sys.modules.get("flax.errors"), "FlaxError", ())


def _is_array(value: object) -> bool:
    return isinstance(value, np.ndarray) or (
        hasattr(value, "dtype") and hasattr(value, "shape") and not isinstance(value, np.generic)
    )


def _plain(array: Any) -> Array:
    plain = np.asarray(array)
    return plain if plain.dtype.kind in "biuf" and plain.dtype != np.float16 else plain.astype(np.float32)


def _rms(array: Any) -> float:
    return float(np.sqrt((_plain(array).astype(np.float64) ** 2).mean())) if array.size else 0.0


def _cast(arrays: Sequence[Any], half: Half) -> list[Any]:
    return [a.astype(half) if jnp.issubdtype(a.dtype, jnp.floating) else a for a in arrays]


def _compiled_or_not(compiled: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    """Call the compiled function; where it cannot be compiled (it looks at values), the plain one from then on."""
    chosen = [compiled]

    def call(*given: Any) -> Any:
        try:
            return chosen[0](*given)
        except (jax.errors.JAXTypeError, jax.errors.JAXIndexError, AttributeError):
            if chosen[0] is plain:
                raise
            chosen[0] = plain
            return plain(*given)

    return call


def _step(trained: Any, grads: Any, moments: Any, rate: Any, count: Any) -> Any:
    fresh: list[Any] = []
    kept: list[Any] = []
    for p, g, (m, v) in zip(trained, grads, moments, strict=True):
        m, v = _BETAS[0] * m + (1 - _BETAS[0]) * g, _BETAS[1] * v + (1 - _BETAS[1]) * g**2  # noqa: PLW2901
        scaled = (m / (1 - _BETAS[0] ** count)) / (jnp.sqrt(v / (1 - _BETAS[1] ** count)) + _EPSILON)
        fresh.append((p - rate * scaled).astype(p.dtype))
        kept.append((m, v))
    return fresh, kept


_adam_step: Any = jax.jit(_step)
