"""Checkpoints beside a log: found by name, never opened."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from traindx.run import Checkpoint

_FILE: Final = re.compile(
    r"\.(?:pt|pth|ckpt|safetensors|tar|h5|keras|hdf5|pdparams|msgpack|index|bin|zip|npz)\Z", re.IGNORECASE
)
_FOLDER: Final = re.compile(
    r"(?:(?:best|last)\w{0,80}-)?(?:checkpoint|ckpt|global_step|iter|step|epoch)[-_=]?\d{1,12}\Z", re.IGNORECASE
)
_BARE_NUMBER: Final = re.compile(r"\d{1,12}\Z")
_STEP: Final = re.compile(
    r"(?:global_?step|steps?|iter(?:ation)?s?|updates?|checkpoint|ckpt)[-_=]?(\d{1,12})(?!\d)", re.IGNORECASE
)
_EPOCH: Final = re.compile(r"(?:epochs?|(?<![a-z])ep?)[-_=]?(\d{1,9})(?!\d)", re.IGNORECASE)
_TRAILING: Final = re.compile(r"[-_](\d{3,12})(?:\.[a-z]+)?\Z")  # model_0000999.pth
_NAMED: Final = re.compile(
    r"(?:^|[-_.])(?:best|last|latest|final|model|weights|checkpoint|ckpt|net|state|epoch|step|iter|ema|adapter)",
    re.IGNORECASE,
)
_NOT: Final = re.compile(r"^(?:optimizer|scheduler|rng_state|scaler|training_args|random_states|events)", re.IGNORECASE)
_HOMES: Final = frozenset(("checkpoints", "checkpoint", "ckpts", "ckpt", "weights", "models", "orbax"))


def checkpoint_of_file(path: str) -> Checkpoint | None:
    """Return the checkpoint that a file's name tells of, or None.

    ``epoch=3-step=400.ckpt`` gives both; ``checkpoint12.pt`` gives 12 as a step, as most programs mean it.
    """
    home, name = os.path.split(path)
    if not _FILE.search(name) or _NOT.match(name):
        return None
    if _NAMED.search(name) or os.path.basename(home).lower() in _HOMES or _EPOCH.search(name):
        return _checkpoint(path, name)
    return None


def checkpoint_of_folder(path: str) -> Checkpoint | None:
    """Return the checkpoint that a folder's name tells of (``checkpoint-500``, Orbax's ``checkpoints/9``)."""
    place = PurePath(path)
    name, home = place.name, place.parent.name.lower()
    if _FOLDER.match(name):
        return _checkpoint(path, name)
    if home in _HOMES and _BARE_NUMBER.match(name):
        return Checkpoint(path, step=float(name))
    return None


def in_order(found: Iterable[Checkpoint]) -> tuple[Checkpoint, ...]:
    """Return checkpoints by step, then epoch, then path; those without a number last."""
    unique = {one.path: one for one in found}
    return tuple(sorted(unique.values(), key=lambda one: (_or_last(one.step), _or_last(one.epoch), one.path)))


def _or_last(number: float) -> float:
    return float("inf") if math.isnan(number) else number


def _checkpoint(path: str, name: str) -> Checkpoint:
    step, epoch = _STEP.search(name), _EPOCH.search(name)
    if step is None and epoch is None:
        step = _TRAILING.search(name)
    missing = float("nan")
    return Checkpoint(path, float(step[1]) if step else missing, float(epoch[1]) if epoch else missing)
