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


def world_size() -> int:
    """Return how many processes train together; 1 where no process group was started."""
    module = distributed()
    return int(module.get_world_size()) if module is not None else 1


def own_store() -> Any:
    """Return a connection of its own to the key-value store by which the process group found together.

    It is not the group's: messages in it wait for no collective operation, and none waits for them. Raises ``LookupError`` where
    the group has none.
    """
    internals = sys.modules.get("torch.distributed.distributed_c10d")
    default = getattr(internals, "_get_default_store", None)
    if distributed() is None or default is None:
        raise LookupError("no process group of torch.distributed has been started")
    store = default()
    if not hasattr(store, "clone"):
        raise LookupError("this version of torch cannot open a second connection to the store")
    return store.clone()


def operations_begun() -> int | None:
    """Return how many collective operations this process has begun on the default group, None where nobody counts.

    Operations of one number belong together on all ranks: at what all call the same step they have begun as many.
    """
    internals = sys.modules.get("torch.distributed.distributed_c10d")
    group = getattr(internals, "_get_default_group", None)
    if distributed() is None or group is None:
        return None
    try:
        return int(group()._get_sequence_number_for_group())
    except (AttributeError, RuntimeError):
        return None
