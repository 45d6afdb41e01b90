"""A Lightning callback and a logger: ``Trainer(callbacks=[TraindxCallback("runs/one")])``, or ``Trainer(logger=TraindxLogger("runs/one"))``."""

from __future__ import annotations

from typing import final

from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import Logger

from traindx.integrations.lightning_hooks import RunHooks
from traindx.integrations.lightning_logging import RunLogging


@final
class TraindxCallback(RunHooks, Callback):
    """Records, judges and stops a training; see ``RunHooks``."""


@final
class TraindxLogger(RunLogging, Logger):
    """Takes what Lightning's loggers take; see ``RunLogging``."""
