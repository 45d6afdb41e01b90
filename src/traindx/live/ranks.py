"""Which of several processes of one training this is."""

from __future__ import annotations

import os
import sys
from typing import Any


def distributed() -> Any | None:
    """Return ``torch.distributed`` where the user has started it, else None; it is never imported here."""
    module = sys.modules.get("torch.distributed")
    if module is None or not module.is_available() or not module.is_initialized():
        return None
    return module


def rank_now() -> int:
    """Return the rank of this process: of the process group, else what the launcher tells, else 0."""
    module = distributed()
    if module is not None:
        return int(module.get_rank())
    launched = all(name in os.environ for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR"))
    told = os.environ.get("RANK", "")
    return int(told) if launched and told.isdecimal() else 0
