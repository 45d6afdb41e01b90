"""A callback for fastai: ``learner.fit(10, cbs=TraindxCallback("runs/one"))``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from traindx.integrations.fastai_hooks import LearnerEvents

__all__ = ["TraindxCallback"]  # noqa: F822 - made on first use  # pyright: ignore[reportUnsupportedDunderAll]


@cache
def _made() -> type[LearnerEvents]:
    """``LearnerEvents`` as a callback of fastai, which has no types and is imported only here."""
    core: Any = import_module("fastai.callback.core")
    told = {"__doc__": LearnerEvents.__doc__, "__module__": __name__, "cancels_fit": core.CancelFitException}
    return type("TraindxCallback", (LearnerEvents, core.Callback), told)


def __getattr__(name: str) -> Any:
    if name == "TraindxCallback":
        return _made()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
