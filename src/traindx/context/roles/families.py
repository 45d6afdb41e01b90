"""From the words of a loss's name to the loss family that theory knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_WORDS: Final[Mapping[str, str]] = {
    "cross_entropy": "ce|xent|xe|cross entropy|crossentropy|nll|softmax|softmax with|sft|log|logloss|mlogloss|lm|categorical crossentropy"
    "|sparse categorical crossentropy|next token|language model|next sentence|nsp|multi logloss|itm",
    "bce": "bce|binary cross entropy|binary crossentropy|binary logloss|sigmoid ce|sop|itm bce",
    "focal": "focal|mask focal|vfl|varifocal|qfl",
    "dice": "dice",
    "giou": "giou",
    "iou": "iou|siou|eiou|diou",
    "ciou": "ciou",
    "dfl": "dfl",
    "mse": "mse|l2|mean squared error|squared error",
    "l1": "l1|mae|l 1|pix|pixel|charbonnier",
    "smooth_l1": "smooth l1",
    "huber": "huber",
    "gaussian_nll": "gaussian nll|gnll",
    "info_nce": "info nce|infonce|nce|nt xent|ntxent|contrastive|clip|itc|contrast|mnrl|multiple negatives ranking",
    "siglip": "siglip|sigmoid contrastive",
    "triplet": "triplet",
    "supcon": "supcon|sup con",
    "ctc": "ctc",
    "rnnt": "rnnt|rnn t|transducer",
    "dpo": "dpo|ipo|kto|orpo|simpo",
    "reward_model": "reward model|rm|ranking|pairwise",
    "ppo_policy": "policy|pi|pg|policy gradient|actor|act|ppo|surrogate|policy gradient total",
    "ppo_value": "value|vf|critic|cri|value function|valuefunction|v|value f|qf|q",
    "grpo": "grpo|dapo|rloo",
    "kl": "kl|kld|kl div|kl divergence|prior kl",
    "elbo": "elbo|neg elbo|nelbo",
    "reconstruction": "recon|reconstruction|rec|reconst|recons",
    "gan_generator": "g|gen|generator|g gan|gan g|adversarial|adv|g adv|errg|lossg",
    "gan_discriminator": "d|disc|discriminator|dis|d real|d fake|gan d|errd|lossd",
    "cycle": "cycle|idt|identity|cyc",
    "diffusion": "diffusion|noise|denoise|denoising|eps|epsilon|v pred|vb",
    "flow_matching": "flow|flow matching|rectified flow|cfm",
    "dino": "dino|dino local crops|dino global crops",
    "ibot": "ibot",
    "barlow_twins": "barlow|barlow twins",
    "simsiam": "simsiam|byol",
    "vicreg": "vicreg",
    "masked_lm": "mlm|masked lm|masked language model",
    "distillation": "distill|distillation|kd|distil|soft target",
    "moe_balance": "aux balance|load balancing|load balance|balance|balancing|moe|moe lb|lb|router aux|moe aux|moe gate|gate|expert balance|seq aux",
    "z_loss": "z|router z|zloss",
    "detr_total": "detr",
    "perceptual": "perceptual|percep|vgg|lpips|style|feat",
    "psnr_loss": "psnr",
    "regularisation": "regularization|regularisation|l2 reg|weight decay|wd|koleo|tv|gp|gradient penalty|r 1 penalty|r # penalty|penalty|sparsity",
}

FAMILIES: Final[frozenset[str]] = frozenset(_WORDS)

FAMILY_PHRASES: Final[Mapping[tuple[str, ...], str]] = MappingProxyType(
    {tuple(phrase.split()): family for family, phrases in _WORDS.items() for phrase in phrases.split("|")}
)

LONE_TERMS: Final[Mapping[str, str]] = MappingProxyType(
    # Words that mean a loss by themselves, without the word "loss" beside them.
    {
        "nll": "nll", "xent": "ce", "cross entropy": "cross_entropy", "crossentropy": "crossentropy", "logloss": "logloss",
        "categorical crossentropy": "categorical_crossentropy", "binary crossentropy": "binary_crossentropy", "bce": "bce",
        "sparse categorical crossentropy": "sparse_categorical_crossentropy", "binary cross entropy": "bce", "ce": "ce",
        "mlogloss": "mlogloss", "binary logloss": "binary_logloss", "multi logloss": "multi_logloss", "kld": "kld",
        "recon": "recon", "reconstruction": "reconstruction", "reconstruction error": "recon", "smooth l1": "smooth_l1",
        "l1": "l1", "l2": "l2", "dfl": "dfl", "giou": "giou", "ciou": "ciou", "elbo": "elbo", "neg elbo": "elbo", "nelbo": "elbo",
        "infonce": "infonce", "info nce": "info_nce", "nce": "nce", "huber": "huber", "focal": "focal", "commitment": "commitment",
        "load balancing": "load_balancing", "gradient penalty": "gp", "r 1 penalty": "r1", "r # penalty": "r1", "commit": "commit", "vlb": "vlb", "charbonnier": "charbonnier",
    }
)  # fmt: skip

AUXILIARY: Final[frozenset[str]] = frozenset(
    # Families that only ever accompany another loss.
    {"moe_balance", "z_loss", "regularisation", "perceptual", "distillation"}
)
