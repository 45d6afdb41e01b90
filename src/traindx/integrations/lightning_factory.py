"""Lightning asks installed packages for callbacks: traindx gives one where the environment asks for it, else none.

``TRAINDX=1 python train.py`` records to ``traindx`` in the directory of the trainer's logger, ``TRAINDX_DIR=runs/one`` to that
directory; ``TRAINDX=0`` and neither of them record nothing.
"""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from typing import Any, Final

_ON: Final = frozenset({"1", "true", "yes", "on"})


def callbacks() -> list[Any]:
    """Entry point ``lightning.pytorch.callbacks_factory``."""
    return _made("traindx.integrations.lightning_monitor")


def callbacks_of_old_name() -> list[Any]:
    """Entry point ``pytorch_lightning.callbacks_factory``, of Lightning under its old name."""
    return _made("traindx.integrations.pytorch_lightning_monitor")


def _made(home: str) -> list[Any]:
    asked, directory = os.environ.get("TRAINDX", "").strip().lower(), os.environ.get("TRAINDX_DIR", "").strip()
    if asked not in _ON and (asked or not directory):
        return []
    try:
        made = import_module(home).TraindxCallback(directory or None)
        made.asked_by = "environment"
    except Exception as error:  # noqa: BLE001 - making a trainer must not fail for what watches it
        warnings.warn(f"traindx records nothing: {error!r}", stacklevel=2)
        return []
    return [made]
