"""Annotation files in COCO's format, read with bounds: objects, boxes, masks, and the references between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from traindx.dataset.annotations import Annotations, BoxShapes
from traindx.dataset.boxes import box_shapes
from traindx.errors import UnreadableDataError

LARGEST_BYTES: Final = (
    1 << 30
)  # the largest public files (LVIS, Objects365 in parts) are below; the parsed form takes about as much
_HEAD_BYTES: Final = 1 << 16
_EXAMPLES: Final = 3
_ABSENT: Final = (b"", b"null")
_KEYS: Final = (b'"annotations"', b'"images"', b'"categories"')

Identifier = int | str | float | None


class _Image(msgspec.Struct):
    id: Identifier = None
    width: float | None = None
    height: float | None = None


class _Object(msgspec.Struct):
    id: Identifier = None
    image_id: Identifier = None
    category_id: Identifier = None
    bbox: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    area: float | None = None
    iscrowd: float | None = None
    segmentation: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


class _Category(msgspec.Struct):
    id: Identifier = None
    name: str | int | float | None = None


class _File(msgspec.Struct):
    images: list[_Image] = []
    annotations: list[_Object] = []
    categories: list[_Category] = []


def is_coco(path: Path) -> bool:
    """Whether a file is JSON that names images, annotations or categories in its first or last 64 KiB. Never raises."""
    if path.suffix.lower() != ".json":
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            file.seek(max(path.stat().st_size - _HEAD_BYTES, 0))
            found = head + file.read(_HEAD_BYTES)
    except OSError:
        return False
    return head.lstrip()[:1] == b"{" and sum(key in found for key in _KEYS) >= 2


def read_coco(path: Path) -> Annotations:
    """Read an annotation file of at most 1 GiB. Raises ``UnreadableDataError`` that says where it breaks off."""
    parsed = _parsed(path)
    images = {image.id: image for image in parsed.images}
    names = {c.id: str(c.name if c.name is not None else c.id) for c in parsed.categories}
    examples: dict[str, list[str]] = {}
    counts: Counter[int] = Counter()
    lost_image = lost_category = empty = masks = 0
    seen = Counter(one.id for one in parsed.annotations if one.id is not None)
    with_objects: set[Identifier] = set()
    for place, one in enumerate(parsed.annotations):
        called = f"annotation {one.id if one.id is not None else place}"
        if one.image_id in images:
            with_objects.add(one.image_id)
        else:
            lost_image += 1
            _note(examples, "object without picture", f"{called}: image_id {one.image_id}")
        if names and one.category_id not in names:
            lost_category += 1
            _note(examples, "object without category", f"{called}: category_id {one.category_id}")
        if isinstance(one.category_id, int):
            counts[one.category_id] += 1
        if bytes(one.segmentation) not in _ABSENT:
            masks += 1
            if _is_empty(bytes(one.segmentation), one.area):
                empty += 1
                _note(examples, "empty mask", called)
    for identifier in (key for key, count in seen.items() if count > 1):
        _note(examples, "duplicate id", f"id {identifier}")
    return Annotations(
        path=str(path),
        images=len(parsed.images),
        objects=len(parsed.annotations),
        categories=len(parsed.categories),
        images_without_objects=len(images.keys() - with_objects),
        objects_without_image=lost_image,
        objects_without_category=lost_category,
        duplicate_ids=_repeated(one.id for one in parsed.annotations),
        duplicate_image_ids=_repeated(one.id for one in parsed.images),
        empty_masks=empty,
        masks=masks,
        zero_area=sum(1 for one in parsed.annotations if one.area is not None and one.area <= 0),
        crowd=sum(1 for one in parsed.annotations if one.iscrowd),
        boxes=_boxes(parsed, images, path),
        category_names={key: name for key, name in names.items() if isinstance(key, int)},
        class_counts=dict(sorted(counts.items())),
        examples={kind: tuple(told) for kind, told in examples.items()},
    )


def _parsed(path: Path) -> _File:
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise UnreadableDataError(
            f"{size / 2**30:.1f} GiB of annotations are more than the {LARGEST_BYTES >> 30} GiB that is read",
            where=str(path),
            hint="split the file by pictures",
        )
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableDataError(
            f"not readable as COCO annotations: {error}".lower(),
            where=str(path),
            hint="images, annotations and categories are lists of objects",
        ) from error
    except (OSError, ValueError) as error:
        raise UnreadableDataError(f"cannot be read: {error}".lower(), where=str(path)) from error


def _boxes(parsed: _File, images: dict[Identifier, _Image], path: Path) -> BoxShapes | None:
    rows: list[Sequence[float]] = []
    sizes: list[tuple[float, float]] = []
    broken = 0
    for one in parsed.annotations:
        if bytes(one.bbox) in _ABSENT:
            continue
        box = _four(one.bbox)
        if box is None:
            broken += 1
            continue
        image = images.get(one.image_id)
        rows.append(box)
        sizes.append((_side(image.width if image else None), _side(image.height if image else None)))
    if not rows and not broken:
        return None
    table = np.array([*rows, *[[np.nan] * 4] * broken], np.float64)
    extents = np.array([*sizes, *[(np.inf, np.inf)] * broken], np.float64)
    return box_shapes(table, extents, name="bbox", where=f"{path.name}:annotations", declared="xywh")


def _four(raw: msgspec.Raw) -> list[float] | None:
    try:
        box = msgspec.json.decode(raw, type=list[float])
    except (msgspec.DecodeError, RecursionError):
        return None
    return box if len(box) == 4 else None


def _side(value: float | None) -> float:
    """The side of a picture; one that is not told bounds nothing."""
    return value if value is not None and value > 0 else float("inf")


def _is_empty(raw: bytes, area: float | None) -> bool:
    """Whether a segmentation has no polygon, or a run-length list of one run: background alone."""
    if area is not None and area <= 0:
        return True
    text = b"".join(raw.split())
    if text in (b"[]", b"[[]]", b"{}", b"null"):
        return True
    return (
        text.startswith(b"{")
        and b'"counts":[' in text
        and b"," not in text.partition(b'"counts":[')[2].partition(b"]")[0]
    )


def _repeated(identifiers: Iterable[Identifier]) -> int:
    seen = Counter(one for one in identifiers if one is not None)
    return sum(count - 1 for count in seen.values() if count > 1)


def _note(examples: dict[str, list[str]], kind: str, told: str) -> None:
    kept = examples.setdefault(kind, [])
    if len(kept) < _EXAMPLES:
        kept.append(told)
