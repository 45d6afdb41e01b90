"""The twelve numbers of a COCO evaluation, which are logged as a list without names."""

from __future__ import annotations

import re
from typing import Final

from traindx.context.roles.kinds import KINDS
from traindx.context.roles.role import Role

_NAMED: Final = (
    # kind, component, k; in the order of pycocotools: six average precisions, then six average recalls
    ("map", None, None),
    ("map", "iou50", None),
    ("map", "iou75", None),
    ("map", "small", None),
    ("map", "medium", None),
    ("map", "large", None),
    ("average_recall", None, 1),
    ("average_recall", None, 10),
    ("average_recall", None, 100),
    ("average_recall", "small", 100),
    ("average_recall", "medium", 100),
    ("average_recall", "large", 100),
)
_NAME: Final = re.compile(r"coco_(bbox|masks|segm|keypoints)_(\d{1,2})")


def coco_role(spelling: str) -> Role | None:
    """Return the role of one number of a list such as ``coco_eval_bbox``, or None where the name is another one."""
    found = _NAME.fullmatch(spelling)
    if found is None or int(found[2]) >= len(_NAMED):
        return None
    kind, component, k = _NAMED[int(found[2])]
    return Role(kind=kind, part=found[1], component=component, k=k, direction=KINDS[kind].direction)
