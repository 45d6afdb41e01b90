"""COCO files and arrays of boxes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.checks.made import found, only, rng, subject
from traindx.dataset import audit
from traindx.dataset.boxes import box_shapes
from traindx.dataset.checks import Subject
from traindx.dataset.checks.box_format import BoxFormat
from traindx.dataset.checks.broken_boxes import BrokenBoxes
from traindx.dataset.checks.broken_references import BrokenReferences
from traindx.dataset.checks.class_imbalance import ClassImbalance
from traindx.dataset.checks.empty_annotations import EmptyAnnotations
from traindx.dataset.coco import is_coco, read_coco
from traindx.dataset.settings import AuditSettings
from traindx.dataset.subjects import subject_of_annotations
from traindx.dataset.summary import Profile
from traindx.diagnosis import Severity
from traindx.errors import UnreadableDataError


def coco(images: int = 40, each: int = 3, seed: int = 0) -> dict[str, Any]:
    source = rng(seed)
    annotations = []
    for place in range(images * each):
        w, h = source.integers(10, 60, 2)
        x, y = source.integers(0, 640 - w), source.integers(0, 480 - h)
        annotations.append(
            {
                "id": place + 1,
                "image_id": place % images,
                "category_id": int(place % 3 + 1),
                "bbox": [int(x), int(y), int(w), int(h)],
                "area": int(w * h),
                "iscrowd": 0,
                "segmentation": [[1, 1, 2, 2, 3, 3]],
            }
        )
    return {
        "images": [{"id": i, "width": 640, "height": 480, "file_name": f"{i}.jpg"} for i in range(images)],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}, {"id": 3, "name": "cow"}],
        "annotations": annotations,
    }


def asked(document: dict[str, Any], folder: Path) -> Subject:
    path = folder / "instances.json"
    path.write_text(json.dumps(document))
    assert is_coco(path)
    return subject_of_annotations(read_coco(path), Profile(path=str(path), format="coco", arrays=()), AuditSettings())


CHECKS = (BoxFormat, BrokenBoxes, EmptyAnnotations, BrokenReferences, ClassImbalance)


def test_a_sound_file_is_left_alone_and_its_levels_are_told(tmp_path: Path) -> None:
    one = asked(coco(), tmp_path)
    assert [f.headline for check in CHECKS for f in found(check, one)] == []
    answer = audit(tmp_path / "instances.json")
    assert answer.verdict.state == "healthy"
    assert {f.key: f.value for f in answer.baselines.facts}["num_classes"] == 3


def test_boxes_written_as_two_corners_are_recognised(tmp_path: Path) -> None:
    document = coco()
    for one in document["annotations"]:
        x, y, w, h = one["bbox"]
        one["bbox"] = [x, y, x + w, y + h]
    finding = only(BoxFormat, asked(document, tmp_path))
    assert "100 % do as xyxy" in finding.headline
    assert found(BrokenBoxes, asked(document, tmp_path)) == []  # they lie outside for that reason alone


def test_boxes_relative_to_pictures_of_pixels_are_recognised(tmp_path: Path) -> None:
    document = coco()
    sizes = {picture["id"]: (picture["width"], picture["height"]) for picture in document["images"]}
    for one in document["annotations"]:
        width, height = sizes[one["image_id"]]
        x, y, w, h = one["bbox"]
        one["bbox"] = [x / width, y / height, w / width, h / height]
    finding = only(BoxFormat, asked(document, tmp_path))
    assert finding.severity is Severity.ERROR
    assert finding.evidence[0].measured <= 1


def test_boxes_without_area_and_outside_their_picture_are_counted(tmp_path: Path) -> None:
    document = coco()
    document["annotations"][0]["bbox"] = [5, 5, 0, 10]
    document["annotations"][1]["bbox"] = "somewhere"
    for one in document["annotations"][10:20]:
        one["bbox"][0] = 700
    degenerate, outside = found(BrokenBoxes, asked(document, tmp_path))
    assert "2 of 120 boxes of bbox are broken: 1 without area, 1 not finite" in degenerate.headline
    assert outside.evidence[0].measured == pytest.approx(10 / 119)


def test_a_file_whose_objects_name_no_picture_says_that_nothing_can_be_found(tmp_path: Path) -> None:
    document = coco()
    for one in document["annotations"]:
        one["image_id"] = str(one["image_id"])  # text against numbers
    finding = only(EmptyAnnotations, asked(document, tmp_path))
    assert "none of 40 pictures has an object" in finding.headline
    assert "all 120 objects name pictures that are not listed" in finding.why
    assert finding.severity is Severity.ERROR


def test_empty_masks_unknown_categories_and_repeated_ids_are_counted_with_examples(tmp_path: Path) -> None:
    document = coco()
    document["annotations"][3]["segmentation"] = []
    document["annotations"][4]["segmentation"] = {"size": [480, 640], "counts": [307200]}
    document["annotations"][5]["category_id"] = 99
    document["annotations"][6]["id"] = 1
    one = asked(document, tmp_path)
    assert "2 of 120 masks are empty (annotation 4, annotation 5)" in only(EmptyAnnotations, one).headline
    unknown, repeated = found(BrokenReferences, one)
    assert "annotation 6: category_id 99" in unknown.headline
    assert "(id 1)" in repeated.headline


def test_pictures_without_objects_are_a_fault_only_where_most_are(tmp_path: Path) -> None:
    document = coco(each=1)
    document["annotations"] = document["annotations"][:30]
    assert found(EmptyAnnotations, asked(document, tmp_path)) == []
    document["annotations"] = document["annotations"][:10]
    assert "only 25 % of 40 pictures have an object" in only(EmptyAnnotations, asked(document, tmp_path)).headline


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 4_000))
def test_a_file_that_is_cut_off_is_an_error_that_names_it(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("cut") / "instances.json"
    text = json.dumps(coco(6, 2))
    path.write_text(text[: min(cut, len(text) - 1)])
    with pytest.raises(UnreadableDataError) as raised:
        read_coco(path)
    assert raised.value.where == str(path)


@pytest.mark.parametrize(
    "text", ['{"images": 3, "annotations": []}', "[" * 100_000, '{"images": [{"id": []}]}', "null"]
)
def test_a_file_of_another_shape_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    path.write_text(text)
    with pytest.raises(UnreadableDataError):
        read_coco(path)


def corners(count: int = 300, size: float = 1008.0, seed: int = 0) -> np.ndarray:
    source = rng(seed)
    start = source.uniform(0, 0.6 * size, (count, 2))
    return np.concatenate([start, start + source.uniform(0.05 * size, 0.4 * size, (count, 2))], axis=1)


def test_an_array_of_boxes_in_pixels_is_told_with_what_an_l1_costs() -> None:
    boxes = corners()
    finding = only(BoxFormat, subject({"boxes": boxes}))
    assert "two corners (xyxy)" in finding.headline
    assert finding.evidence[1].measured == pytest.approx(4 * boxes.mean())


def test_relative_boxes_are_left_alone() -> None:
    assert found(BoxFormat, subject({"boxes": corners() / 1008})) == []


@pytest.mark.parametrize("form", ["xyxy", "xywh", "cxcywh"])
def test_each_format_is_recognised(form: str) -> None:
    boxes = corners(2_000)
    x, y, x2, y2 = boxes.T
    table = {
        "xyxy": boxes,
        "xywh": np.stack([x, y, x2 - x, y2 - y], 1),
        "cxcywh": np.stack([(x + x2) / 2, (y + y2) / 2, x2 - x, y2 - y], 1),
    }[form]
    shapes = box_shapes(table, np.full((2_000, 2), 1008.0))
    assert shapes.fits[form] == 1.0  # type: ignore[index]
    assert shapes.format in (form, None if form == "xywh" else form)
