"""The words that say where a series was measured, and how it was averaged."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from traindx.context.roles.role import Split

SPLITS: Final[Mapping[str, Split]] = MappingProxyType(
    {
        "train": "train", "training": "train", "trn": "train", "traning": "train", "tr": "train",
        "val": "val", "valid": "val", "validation": "val", "dev": "val", "eval": "val", "evaluation": "val", "evals": "val",
        "validate": "val", "heldout": "val",
        "test": "test", "testing": "test", "tst": "test", "holdout": "test", "predict": "test",
    }
)  # fmt: skip

STATISTICS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "mean": "mean", "avg": "mean", "average": "mean", "global avg": "mean", "averaged": "mean", "epoch mean": "mean",
        "cumulative avg": "smoothed", "median": "median", "smoothed": "smoothed", "smooth": "smoothed", "ema": "smoothed",
        "running": "smoothed", "running avg": "smoothed", "running mean": "smoothed", "moving avg": "smoothed",
        "moving average": "smoothed", "max": "max", "maximum": "max", "min": "min", "minimum": "min", "std": "std",
        "stddev": "std", "var": "std", "best": "best", "in epoch": "mean",
    }
)  # fmt: skip

WEIGHTED: Final[Mapping[str, bool]] = MappingProxyType(
    {"unscaled": False, "unweighted": False, "scaled": True, "weighted": True}
)

UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "percent": "percent", "pct": "percent", "fraction": "fraction", "frac": "fraction", "nats": "nats", "bits": "bits",
        "ms": "milliseconds", "secs": "seconds", "seconds": "seconds", "sec": "seconds", "minutes": "minutes", "hours": "hours", "gb": "gigabytes", "gib": "gigabytes", "mb": "megabytes", "mib": "megabytes",
    }
)  # fmt: skip

SETS: Final[Mapping[str, str]] = MappingProxyType(
    # Which of several evaluation sets, or which side of one update.
    {"dataloader idx #": "dataloader", "dataset #": "dataset", "fold #": "fold", "after": "after", "before": "before"}
)

DIRECTIONS: Final[Mapping[str, str]] = MappingProxyType(
    # Which side asks in a retrieval between two modalities: told apart as parts, under one spelling.
    {
        "t2a": "t2a", "a2t": "a2t", "t2i": "t2i", "i2t": "i2t", "t2v": "t2v", "v2t": "v2t", "text to image": "t2i",
        "image to text": "i2t", "text to audio": "t2a", "audio to text": "a2t", "text to video": "t2v",
        "video to text": "v2t", "txt": "txt", "img": "img",
    }
)  # fmt: skip
