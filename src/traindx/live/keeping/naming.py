"""What a kept checkpoint is called: best_loss, best_r1, best_accuracy, last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from traindx.context import resolve
from traindx.errors import UsageError

LAST: Final = "last"
_SPLIT: Final = re.compile(r"^(?:val|valid|validation|eval|evaluation|dev|test)[\W_]+", re.IGNORECASE)
_NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9]+")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,60}")


def best_name(metric: str) -> str:
    """Return what the best by ``metric`` is called.

    >>> best_name("val/r@1"), best_name("eval_loss"), best_name("val/accuracy"), best_name("val/mAP@50")
    ('best_r1', 'best_loss', 'best_accuracy', 'best_map50')
    """
    role = resolve(metric)
    if role.kind == "loss" and role.component is None:
        return "best_loss"
    if role.kind == "recall_at_k" and role.k is not None and role.component is None:
        return f"best_r{role.k}"
    leaf = _SPLIT.sub("", metric.rsplit("/", 1)[-1]).lower().replace("@", "")
    return f"best_{_NOT_IN_A_NAME.sub('_', leaf).strip('_')[:40] or 'metric'}"


def named(by: str | Iterable[str] | Mapping[str, str]) -> dict[str, str]:
    """Return name -> metric for what the user gave: a metric, several, or a mapping of names to metrics.

    Raises ``UsageError`` for a name that cannot be that of a file,; two metrics of one name are told apart by the rest of theirs.
    """
    found: dict[str, str] = {}
    if isinstance(by, Mapping):
        found |= by
    else:
        for metric in [by] if isinstance(by, str) else by:
            name = best_name(metric)
            found[name if name not in found else f"best_{_NOT_IN_A_NAME.sub('_', metric.lower())}"] = metric
    for name in found:
        if not _NAME.fullmatch(name) or name == LAST:
            raise UsageError(f"{name!r} cannot name a best checkpoint", hint="letters, digits and _, such as best_r1")
    return found


def file_name(name: str, step: float, suffix: str) -> str:
    """Return the name of a file or folder that readers of checkpoints understand. Raises ``UsageError`` for an ending that is none.

    >>> file_name("best_r1", 400.0, ".pt")
    'best_r1-step=400.pt'
    """
    if suffix and (not suffix.startswith(".") or not suffix[1:].isalnum()):
        raise UsageError(f"{suffix!r} is no ending of a file", hint="such as .pt, or nothing for a folder")
    return f"{name}-step={step:.0f}{suffix}"
