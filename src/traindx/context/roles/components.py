"""Words that name no term of a loss, words that name one, and the groups that stand before a slash."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Say nothing about which term of a sum, or which class, a series belongs to. "_" joins a phrase.
_NEUTRAL: Final = """
    total overall sum all final main whole net output outputs current cur last new now batch mini minibatch micro per
    reduced logged log logs metric metrics rollout charts misc perf info learner learning default default_policy stats
    learner_stats results result summary summaries scalars scalar epoch_metrics host custom tag tags the of in at on for and
    fast_rcnn mask_rcnn roi_head get keras categorical sparse multiclass decode decode_head optim opt optimizer rate to with
    ep env_runners performance monitor history values value_of objective updated tf raw macro
    multilabel binary classification token tokens micro samples trainer model_metrics criterion is this
    """
NEUTRAL: Final[frozenset[str]] = frozenset(word.replace("_", " ") for word in _NEUTRAL.split())

TOTALS: Final[frozenset[str]] = frozenset({"total", "overall", "sum", "all", "whole"})

# Groups whose name before a slash is the term itself: "critic/loss" is the critic's.
_TERMS: Final = """
    actor critic policy value generator discriminator encoder decoder text image audio video rpn box bbox mask cls obj roi
    aux auxiliary teacher student gan adv kl recon rec reg dice ce nll l1 mse vf pg q qf alpha prior posterior world model
    contrastive caption itc itm mlm nsp mtp
    """
TERMS: Final[frozenset[str]] = frozenset(_TERMS.split())

GROUPS: Final[frozenset[str]] = frozenset(
    # Folders of a tracker that hold all sorts of series: their name is no meaning.
    {"time", "timers", "perf", "throughput", "misc", "samples", "batch", "epoch", "step", "train", "val"}
)

OWNERS: Final[Mapping[str, str]] = MappingProxyType(
    # Folders that hold one kind of series, one per layer, group or device: their name is the whole meaning.
    {
        "gradient_mean": "gradient_statistic", "gradient_std": "gradient_statistic", "gradients": "gradient_statistic",
        "parameter_mean": "parameter_statistic", "parameter_std": "parameter_statistic", "parameters": "parameter_statistic",
        "weights": "parameter_statistic", "gradient_norm": "grad_norm", "grad_norm": "grad_norm", "param_norm": "weight_norm",
        "lr": "learning_rate", "learning_rate": "learning_rate", "gpu": "hardware", "cpu": "hardware", "disk": "hardware",
        "network": "hardware", "proc": "hardware", "system": "hardware",
    }
)  # fmt: skip

BY_GROUP: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    # (word before the slash, kind of the leaf) -> the kind that both together mean
    {
        ("rewards", "accuracy"): "reward_accuracy",
        ("reward", "accuracy"): "reward_accuracy",
        ("completions", "length"): "completion_length",
        ("completions", "sequence_length"): "completion_length",
        ("response", "length"): "completion_length",
        ("response_length", "length"): "completion_length",
        ("response_length", "clip_fraction"): "truncation_rate",
    }
)

LOSS_IN_LOSSES: Final[frozenset[str]] = frozenset(
    # Kinds that are metrics by themselves and terms of the loss in a folder called "loss".
    {
        "mse",
        "mae",
        "rmse",
        "kl",
        "dice",
        "iou",
        "psnr",
        "ssim",
        "lpips",
        "cosine_similarity",
        "error_rate",
        "reward_margin",
    }
)
