"""Rules about detection and segmentation: boxes, masks, empty ground truth."""

from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = ()
