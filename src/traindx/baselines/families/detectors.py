"""Families of detection and segmentation losses."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines import boxes, detection_sets, focal, promptable_sets, segmentation
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import POS, required
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.baselines.families.numbers import zero_error

FOREGROUND = Parameter(
    name="foreground", type="float", meaning="share of foreground pixels", aliases=("f", "fg", "pos"), example="0.05"
)
LAYERS = Parameter(
    name="num_layers", type="int", meaning="decoder layers that are charged", default=6, aliases=("layers",)
)
SQUARED = Parameter(name="squared", type="bool", meaning="probabilities squared in the denominator", default=False)


def _focal(o: Options) -> Sequence[Baseline]:
    pos, alpha, gamma = o.number("pos"), o.number("alpha"), o.number("gamma")
    count = o.maybe_whole("num_elements")
    start = [focal.focal_start(count, max(1, round(pos * count)), o.number("prior_bias"))] if count else []
    return [zero_error("nats"), focal.focal_trivial(pos, alpha, gamma), focal.focal_chance(pos, alpha, gamma), *start]


def _dice(o: Options) -> Sequence[Baseline]:
    share, squared, pixels = o.number("foreground"), o.flag("squared"), o.maybe_whole("num_pixels")
    collapse = [segmentation.dice_all_background(share, pixels)] if pixels else []
    trivial, chance = (make(share, squared=squared) for make in (segmentation.dice_trivial, segmentation.dice_chance))
    return [zero_error("fraction"), trivial, chance, *collapse]


def _segmentation_metrics(o: Options) -> Sequence[Baseline]:
    return [segmentation.iou_all_foreground(o.number("foreground"))]


def _pixel_accuracy(o: Options) -> Sequence[Baseline]:
    return [segmentation.pixel_accuracy_trivial(o.number("foreground"))]


def _giou(_: Options) -> Sequence[Baseline]:
    return [zero_error("fraction"), boxes.giou_chance(), boxes.giou_ceiling()]


def _iou_loss(_: Options) -> Sequence[Baseline]:
    return [zero_error("fraction"), boxes.disjoint_iou_loss()]


def _box_l1(o: Options) -> Sequence[Baseline]:
    size = o.maybe_number("image_size")
    pixels = [boxes.pixel_box_l1(size)] if size else []
    levels = [boxes.box_l1_trivial(), boxes.box_l1_chance(), boxes.box_l1_ceiling()]
    return [zero_error("image sides"), *levels, *pixels]


def _detr(o: Options) -> Sequence[Baseline]:
    classes, layers = o.whole("num_classes"), o.whole("num_layers")
    return [
        detection_sets.detr_chance(classes, layers),
        detection_sets.detr_initial(classes, layers),
        detection_sets.detr_ceiling(layers),
    ]


def _sam3(o: Options) -> Sequence[Baseline]:
    training = promptable_sets.sam3_chance(aux_layers=o.whole("aux_layers"), one_to_many=o.number("one_to_many"))
    return [training, promptable_sets.sam3_chance(aux_layers=0, one_to_many=0.0)]


def _yolo(o: Options) -> Sequence[Baseline]:
    return [
        promptable_sets.dfl_chance(o.whole("bins"), o.number("dfl_gain")),
        promptable_sets.yolo_box_chance(o.number("box_gain")),
    ]


def _dfl(o: Options) -> Sequence[Baseline]:
    return [promptable_sets.dfl_chance(o.whole("bins"), o.number("dfl_gain"))]


BINS = Parameter(name="bins", type="int", meaning="bins per box side", default=16, aliases=("reg_max",))
DFL_GAIN = Parameter(
    name="dfl_gain", type="float", meaning="weight of the bin term", default=1.5, aliases=("dfl", "gain")
)

DETECTOR_FAMILIES = (
    Family(
        name="focal",
        aliases=("sigmoid_focal", "retinanet"),
        summary="focal loss, per element",
        parameters=(
            required(POS),
            Parameter(name="alpha", type="float", meaning="weight of positives", default=0.25),
            Parameter(name="gamma", type="float", meaning="focusing exponent", default=2.0),
            Parameter(name="num_elements", type="int", meaning="anchors or pixels per item", aliases=("anchors",)),
            Parameter(name="prior_bias", type="float", meaning="probability that the bias starts at", default=0.01),
        ),
        build=_focal,
    ),
    Family(
        name="dice",
        aliases=("dice_loss", "soft_dice"),
        summary="soft Dice loss",
        parameters=(
            required(FOREGROUND),
            SQUARED,
            Parameter(name="num_pixels", type="int", meaning="pixels per image", aliases=("pixels",)),
        ),
        build=_dice,
    ),
    Family(
        name="iou_metric",
        aliases=("miou", "mean_iou", "jaccard"),
        summary="intersection over union of masks",
        parameters=(required(FOREGROUND),),
        build=_segmentation_metrics,
        higher_is_better=True,
    ),
    Family(
        name="pixel_accuracy",
        summary="share of pixels answered rightly",
        parameters=(required(FOREGROUND),),
        build=_pixel_accuracy,
        higher_is_better=True,
    ),
    Family(name="giou", aliases=("giou_loss",), summary="generalised IoU loss of boxes", build=_giou),
    Family(name="iou", aliases=("ciou", "diou", "iou_loss"), summary="IoU loss of boxes", build=_iou_loss),
    Family(
        name="box_l1",
        aliases=("bbox", "loss_bbox", "bbox_l1"),
        summary="L1 of boxes, summed over four coordinates",
        parameters=(Parameter(name="image_size", type="float", meaning="image side in pixels", aliases=("size", "w")),),
        build=_box_l1,
    ),
    Family(
        name="detr",
        aliases=("detr_total", "set_prediction"),
        summary="DETR's total: classes, L1 and GIoU on every decoder layer",
        parameters=(
            Parameter(
                name="num_classes", type="int", meaning="classes without no-object", default=91, aliases=("classes",)
            ),
            LAYERS,
        ),
        build=_detr,
    ),
    Family(
        name="sam3",
        aliases=("sam", "sam_3"),
        summary="SAM 3's total over layers and branches",
        parameters=(
            Parameter(name="aux_layers", type="int", meaning="auxiliary layers charged", default=5, aliases=("aux",)),
            Parameter(
                name="one_to_many",
                type="float",
                meaning="weight of the one-to-many branch",
                default=2.0,
                aliases=("o2m",),
            ),
        ),
        build=_sam3,
    ),
    Family(
        name="yolo",
        aliases=("yolov8", "ultralytics"),
        summary="YOLO's box and bin terms with their gains",
        parameters=(
            BINS,
            DFL_GAIN,
            Parameter(name="box_gain", type="float", meaning="weight of the box term", default=7.5, aliases=("box",)),
        ),
        build=_yolo,
    ),
    Family(
        name="dfl",
        aliases=("distribution_focal",),
        summary="distribution focal loss",
        parameters=(BINS, DFL_GAIN),
        build=_dfl,
    ),
)
