"""The callback and the logger for Lightning where it is installed under its old name, ``pytorch_lightning``."""

from __future__ import annotations

from typing import final

from pytorch_lightning.callbacks import Callback
from pytorch_lightning.loggers import Logger

from traindx.integrations.lightning_hooks import RunHooks
from traindx.integrations.lightning_logging import RunLogging


@final
class TraindxCallback(RunHooks, Callback):
    """Records, judges and stops a training; see ``RunHooks``."""


@final
class TraindxLogger(RunLogging, Logger):
    """Takes what Lightning's loggers take; see ``RunLogging``."""
