"""Recording from inside a function that JAX compiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import jax
import jax.numpy

from traindx.errors import UsageError
from traindx.integrations.guarded import GuardedMonitor
from traindx.live import Monitor

jnp: Final[Any] = jax.numpy  # whose types are but partly written
lax: Final[Any] = jax.lax


def log_inside(
    monitor: Monitor, values: Mapping[str, Any], /, *, step: Any = None, every: int = 1, ordered: bool = True
) -> None:
    """Record scalars from inside ``jax.jit``, ``lax.scan`` and the like, where they are numbers only once the device has them.

    A loop that gets its values back needs none of this: ``monitor.log(loss=loss)`` takes arrays without waiting for them. Inside, each
    call is a ``jax.debug.callback``: the device hands the values to the host, which costs it some tenths of a millisecond;
    with ``every`` above one only at the steps that it divides. ``step`` is a number or an array; without
    one, calls count. ``ordered=False`` is for programs over several devices, where JAX allows no order: give ``step`` there.
    Inside ``vmap`` it records once for each entry.

    What is still under way is waited for when the monitor closes, or by ``flush()`` before. The compiled function keeps the monitor that it was traced
    with. What cannot be recorded is warned of once.
    """
    guarded = GuardedMonitor("log_inside", monitor)
    if every < 1 or (every > 1 and step is None):
        raise UsageError(f"every={every} needs a step that it divides", hint="log_inside(..., step=step, every=100)")
    names = tuple(values)

    scalars: list[Any] | None = guarded.attempt(lambda: [_scalar(name, value) for name, value in values.items()], None)
    if scalars is None:
        return
    told = [jnp.asarray(-1 if step is None else step), *scalars]

    def record(at: Any, *arrived: Any) -> None:
        found = {name: float(value) for name, value in zip(names, arrived, strict=True)}
        guarded.log(found, step=None if step is None else int(at))

    def send() -> None:
        jax.debug.callback(lambda *given: guarded.attempt(lambda: record(*given), None), *told, ordered=ordered)

    guarded.before_close(flush)
    if every == 1:
        send()
    else:
        lax.cond(jnp.asarray(step) % every == 0, send, lambda: None)


def flush() -> None:
    """Wait until the host has recorded all that compiled functions have logged so far."""
    jax.effects_barrier()  # type: ignore[no-untyped-call]


def _scalar(name: str, value: Any) -> Any:
    if jnp.shape(value) != ():
        raise UsageError(f"{name} has the shape {jnp.shape(value)}", hint="log its mean")
    return value
