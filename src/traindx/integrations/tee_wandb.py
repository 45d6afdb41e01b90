"""What a program logs to Weights & Biases is judged too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast, final

import wandb

from traindx.errors import UsageError
from traindx.integrations.teeing import Tee
from traindx.live import Monitor

_DEEPEST: Final = 8  # levels of nested mappings; deeper ones are data


def tee_wandb(monitor: Monitor | str | Path, run: Any = None, **options: Any) -> Tee:
    """Record and judge what ``run.log`` and ``wandb.log`` are given, from now until the tee is closed.

    ``monitor`` is a ``Monitor``, or the directory of one that is opened with ``options``; the run's configuration becomes its settings.
    Steps are those of W&B: a call without ``step`` ends a row, one with ``step`` adds to the row of that step, ``commit`` decides where it
    is given, and what W&B drops because its step is over is dropped here too. Raises ``UsageError`` where no run is active.
    """
    used = run if run is not None else wandb.run
    if used is None:
        raise UsageError("no run of Weights & Biases is active", hint="call wandb.init() first, or give run=")
    if not isinstance(monitor, Monitor):
        options.setdefault("settings", _settings(used))
    tee = Tee("traindx beside wandb", monitor, options)
    rows = _Rows(tee, _first_step(used))
    shown = wandb.log  # the module's function is the method of the active run
    if getattr(shown, "__self__", None) is used:
        tee.wrap(wandb, "log", rows.take)
    tee.wrap(used, "log", rows.take)
    tee.before_closing(rows.end)
    return tee


@final
class _Rows:
    """The row that is being filled, by the rules of W&B."""

    def __init__(self, tee: Tee, step: int) -> None:
        self._tee, self._step = tee, step
        self._row: dict[str, Any] = {}

    def take(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        given = dict(zip(("data", "step", "commit"), args, strict=False)) | kwargs
        step, commit = given.get("step"), given.get("commit")
        if step is not None:
            if step < self._step:
                return
            if step > self._step:
                self.end()
                self._step = int(step)
        self._row |= dict(_flat(given["data"], "", 0))
        if commit or (commit is None and step is None):
            self.end()
            self._step += 1

    def end(self) -> None:
        row, self._row = self._row, {}
        self._tee.record(row, step=self._step)


def _flat(data: Mapping[str, object], prefix: str, depth: int) -> Iterator[tuple[str, object]]:
    """Nested mappings become names with dots, as W&B stores them."""
    for name, value in data.items():
        if isinstance(value, Mapping) and depth < _DEEPEST:
            yield from _flat(cast("Mapping[str, object]", value), f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", value


def _first_step(run: Any) -> int:
    """The step of the next row: above zero where a run is resumed, or has logged before."""
    try:
        return int(run.step)
    except Exception:  # noqa: BLE001 - a disabled run knows no step, and one that is shared must not be asked
        return 0


def _settings(run: Any) -> dict[str, Any]:
    try:
        return {"config": dict(run.config)}
    except Exception:  # noqa: BLE001 - settings are a help, nothing that a training may fail of
        return {}
