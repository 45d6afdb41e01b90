"""All kinds of series, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from traindx.context.roles.kind import Kind
from traindx.context.roles.kinds_learning import LEARNING
from traindx.context.roles.kinds_machine import MACHINE
from traindx.context.roles.kinds_quality import QUALITY

UNKNOWN: Final = Kind("unknown", "a quantity whose name says nothing to traindx", None, "", "weak")
IGNORE: Final = Kind("ignore", "a series that the user wants left alone", None, "", "weak")

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {kind.name: kind for kind in (*QUALITY, *LEARNING, *MACHINE, UNKNOWN, IGNORE)}
)

METRIC_PREFERENCE: Final[tuple[str, ...]] = (
    # What people select checkpoints by, the most telling first: rankings over a gallery before accuracy inside a batch,
    # overlaps and error rates before what follows the loss, and errors in unknown units last.
    "map", "pq", "iou", "dice", "recall_at_k", "mrr", "ndcg", "hit_rate", "wer", "cer", "bleu", "success_rate", "win_rate",
    "pass_at_k", "exact_match", "reward", "reward_accuracy", "balanced_accuracy", "accuracy", "f1", "auroc", "auprc",
    "average_precision", "mcc", "kappa", "error_rate", "rouge", "meteor", "cider", "chrf", "bertscore", "precision_at_k",
    "median_rank", "mean_rank", "fid", "inception_score", "clip_score", "lpips", "psnr", "ssim", "snr", "r2", "spearman",
    "pearson", "rmse", "mae", "mse", "mape", "recall", "precision", "hausdorff", "score", "average_recall", "bits_per_byte",
    "bits_per_dim", "perplexity", "explained_variance", "calibration_error", "specificity",
)  # fmt: skip
