"""A callback for fastai: ``learner.fit(10, cbs=TraindxCallback("runs/one"))``."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar, final

from traindx.integrations.fastai_hooks import LearnerEvents

_fastai: Any = import_module("fastai.callback.core")  # without types; and nothing but this file needs it


@final
class TraindxCallback(LearnerEvents, _fastai.Callback):  # type: ignore[misc]
    """Records, judges and stops a fit; see ``LearnerEvents``."""

    cancels_fit: ClassVar[type[Exception]] = _fastai.CancelFitException
