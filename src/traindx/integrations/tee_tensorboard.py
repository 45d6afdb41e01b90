"""What a program writes to TensorBoard is judged too. No library is imported: the writer is the user's own."""

from __future__ import annotations

import inspect
from collections import defaultdict
from pathlib import Path
from typing import Any, final

from traindx.errors import UsageError
from traindx.integrations.teeing import Tee
from traindx.live import Monitor


def tee_tensorboard(monitor: Monitor | str | Path, writer: Any, **options: Any) -> Tee:
    """Record and judge what ``writer.add_scalar`` and ``add_scalars`` are given, from now until the tee is closed.

    ``writer`` is a ``SummaryWriter`` of torch.utils.tensorboard or of tensorboardX; ``monitor`` a ``Monitor``, or the directory of one that is opened
    with ``options``, which must not be the writer's own: the same values would stand there twice (to judge that log alone, ``traindx PATH`` needs no tee).
    Points without a step are numbered in their order. Raises ``UsageError`` where both write to one directory.
    """
    tee = Tee("traindx beside tensorboard", monitor, options)
    written = getattr(writer, "log_dir", None) or getattr(writer, "logdir", None)
    if written is not None and Path(str(written)).resolve() == tee.directory.resolve():
        raise UsageError(
            f"the writer and the monitor both write to {written}", hint="give the monitor a directory of its own"
        )
    scalars = _Scalars(tee, writer)
    tee.wrap(writer, "add_scalar", scalars.one)
    tee.wrap(writer, "add_scalars", scalars.many)
    return tee


@final
class _Scalars:
    def __init__(self, tee: Tee, writer: Any) -> None:
        self._tee = tee
        self._one = inspect.signature(writer.add_scalar)
        self._many = inspect.signature(writer.add_scalars)
        self._counts: dict[str, int] = defaultdict(int)

    def one(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        given = self._one.bind(*args, **kwargs).arguments
        self._record({given["tag"]: given["scalar_value"]}, given["tag"], given.get("global_step"))

    def many(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        given = self._many.bind(*args, **kwargs).arguments
        values = {f"{given['main_tag']}/{tag}": value for tag, value in given["tag_scalar_dict"].items()}
        self._record(values, given["main_tag"], given.get("global_step"))

    def _record(self, values: dict[str, Any], tag: str, step: Any) -> None:
        at = self._counts[tag] if step is None else int(step)
        self._counts[tag] = at + 1
        self._tee.record(values, step=at)
