"""Which tensors of a batch go into the model, and which ones its answer is held against."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from traindx.errors import unknown_name
from traindx.probe.batch import Leaf, LeafRole

# Words of a path that name what the answer is held against.
_TARGETS = frozenset(
    [
        "label",
        "labels",
        "target",
        "targets",
        "y",
        "gt",
        "truth",
        "answer",
        "answers",
        "class",
        "classes",
        "category",
        "boxes",
        "bbox",
        "bboxes",
        "masks",
        "start_positions",
        "end_positions",
        "next_sentence_label",
        "soft_labels",
        "onehot",
    ]
)
_MASKS = ("mask", "valid", "padding")
_LIKE_MASKS = frozenset({"masks", "mask_labels"})  # of objects: those are learnt


def with_roles(
    leaves: Sequence[Leaf], seen: Collection[str], told: Sequence[str], *, contrastive: bool = False
) -> tuple[Leaf, ...]:
    """Return the leaves with their roles.

    ``told`` are the paths that the caller calls targets. ``seen`` are those that were seen to reach a layer of the model. A name decides before a place: the last part of a tuple is the target unless the model was seen to take it.
    """
    paths = [leaf.path for leaf in leaves]
    for path in told:
        if not any(leaf == path or leaf.startswith(f"{path}/") for leaf in paths):
            raise unknown_name("part of the batch", path, paths)
    return tuple(Leaf(leaf.path, leaf.values, _role(leaf, leaves, seen, told, contrastive)) for leaf in leaves)


def _role(
    leaf: Leaf, leaves: Sequence[Leaf], seen: Collection[str], told: Sequence[str], contrastive: bool
) -> LeafRole:
    if told:
        named = any(leaf.path == path or leaf.path.startswith(f"{path}/") for path in told)
        return "target" if named else "mask" if _is_mask(leaf) else "input"
    words = leaf.path.lower().split("/")
    if any(word in _TARGETS or word.rstrip("0123456789").endswith(("_label", "_labels", "_target")) for word in words):
        return "target"
    if _is_mask(leaf):
        return "mask"
    if contrastive or leaf.path in seen:
        return "input"
    return "target" if _is_last(leaf, leaves) else "input"


def _is_mask(leaf: Leaf) -> bool:
    name = leaf.path.lower().rpartition("/")[2]
    if name in _LIKE_MASKS or not any(word in name for word in _MASKS):
        return False
    return leaf.values.dtype.kind == "b" or bool(np.isin(leaf.values, (0, 1)).all())


def _is_last(leaf: Leaf, leaves: Sequence[Leaf]) -> bool:
    """Whether it is the last part of a tuple of two or more: ``(x, y)``, ``(x, lengths, y)``."""
    firsts = [other.path.split("/")[0] for other in leaves]
    if len(set(firsts)) < 2 or not all(first.isdigit() for first in firsts):
        return False
    return leaf.path.split("/")[0] == firsts[-1]
