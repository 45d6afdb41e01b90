"""What is known of boxes and annotated pictures, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, final

BoxFormat = Literal["xyxy", "xywh", "cxcywh"]
FORMATS: Final[tuple[BoxFormat, ...]] = ("xyxy", "xywh", "cxcywh")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BoxShapes:
    """Boxes of one array or file, four numbers each.

    ``count`` are the finite boxes, ``empty`` those without area and ``reversed`` those whose second corner lies before the first (in the
    format that they are in, ``format``; None where two formats fit as well). ``fits`` says for each format what share of the boxes would be
    one inside the picture. ``largest`` is the largest coordinate, ``mean_size`` the mean of the width and height.
    """

    name: str
    where: str
    count: int
    broken: int = 0
    empty: int = 0
    outside: int = 0
    largest: float = float("nan")
    smallest: float = float("nan")
    mean_coordinate: float = float("nan")
    fits: Mapping[BoxFormat, float] = field(default_factory=lambda: MappingProxyType({}))
    format: BoxFormat | None = None
    declared: BoxFormat | None = None
    extent: float = float("nan")

    @property
    def in_pixels(self) -> bool:
        """Whether the coordinates are beyond what boxes relative to the picture can reach, with a margin for boxes that stick out."""
        return self.largest > 2.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """What an annotation file in COCO's format says: counts, and the first few places of what is wrong."""

    path: str
    images: int
    objects: int
    categories: int
    images_without_objects: int = 0
    objects_without_image: int = 0
    objects_without_category: int = 0
    duplicate_ids: int = 0
    duplicate_image_ids: int = 0
    empty_masks: int = 0
    masks: int = 0
    zero_area: int = 0
    crowd: int = 0
    boxes: BoxShapes | None = None
    category_names: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    class_counts: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
