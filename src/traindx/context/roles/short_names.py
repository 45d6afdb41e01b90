"""Names so short, or so much one program's own, that only the whole name tells: exact spellings and patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from traindx.context.roles.kinds import KINDS
from traindx.context.roles.role import Role, Split


def _role(
    kind: str, confidence: float, *, component: str | None = None, family: str | None = None, split: Split | None = None
) -> Role:
    return Role(
        kind=kind,
        split=split,
        component=component,
        family=family,
        direction=KINDS[kind].direction,
        confidence=confidence,
    )


SHORT_NAMES: Final[Mapping[str, Role]] = MappingProxyType(
    {
        # episode files of gym wrappers: reward, length, seconds
        "r": _role("reward", 0.7),
        "l": _role("episode_length", 0.6),
        "t": _role("wall_time", 0.6),
        # compact log lines: train loss, test loss, step
        "trl": _role("loss", 0.9, split="train"),
        "tel": _role("loss", 0.9, split="val"),
        "s": _role("step", 0.6),
        # a loss whose one letter stands for cross-entropy: not certain enough to beat an explicit total
        "closs": _role("loss", 0.6, family="cross_entropy"),
        # Megatron: what a language model is trained on
        "lm_loss": _role("loss", 0.9, family="cross_entropy"),
        "lm_loss_value": _role("loss", 0.9, family="cross_entropy"),
        "c_loss": _role("loss", 0.6, family="cross_entropy"),
        # the balance of experts in a mixture, or a second classifier: an accompaniment either way
        "aux_loss": _role("loss", 0.6, component="aux", family="moe_balance"),
        "loss_aux": _role("loss", 0.6, component="aux", family="moe_balance"),
        "objective": _role("loss", 0.6),
        "criterion": _role("loss", 0.6),
        # fairseq's pipe log: the best of whatever is validated, the loss by default
        "best": replace(_role("loss", 0.5), statistic="best"),
        "batch_loss": _role("loss", 0.95),
        # one-stage detectors
        "box": _role("loss", 0.8, component="box", family="ciou"),
        "obj": _role("loss", 0.8, component="obj", family="bce"),
        "cls": _role("loss", 0.8, component="cls"),
        "giou": _role("loss", 0.7, component="giou", family="giou"),
        # adversarial training
        "d": _role("loss", 0.5, component="d", family="gan_discriminator"),
        "g": _role("loss", 0.5, component="g", family="gan_generator"),
        "errd": _role("loss", 0.8, component="d", family="gan_discriminator"),
        "errg": _role("loss", 0.8, component="g", family="gan_generator"),
        "time": _role("step_time", 0.5),
        # a bare score may be points, a rank or a time: which way is better is anybody's guess
        "score": Role(kind="unknown", confidence=0.0),
        "scale": _role("loss_scale", 0.5),
        "rate": _role("learning_rate", 0.5),
        "seconds": _role("step_time", 0.5),
        "norm": _role("grad_norm", 0.6),
        "data": _role("data_time", 0.6),
        "error": _role("error_rate", 0.6),
        "gen_len": _role("completion_length", 0.9),
        "mem": _role("memory", 0.9),
        "vb": _role("loss", 0.7, component="vb", family="diffusion"),
        "grad": _role("grad_norm", 0.6),
    }
)

_PATTERNS: Final = (
    # kind, pattern over the whole name in words whose group c is the component, family, confidence
    ("loss", re.compile(r"(?:loss_)?(?P<c>(?:d|disc)_(?:a|b|real|fake|gan|x|y))"), "gan_discriminator", 0.85),
    ("loss", re.compile(r"(?:loss_)?(?P<c>(?:g|gen)_(?:a|b|gan|x|y|adv))"), "gan_generator", 0.85),
    ("loss", re.compile(r"(?P<c>(?:cycle|idt|cyc)_(?:a|b|x|y))"), "cycle", 0.85),
    ("loss", re.compile(r"(?P<c>g_l1)"), "l1", 0.85),
    ("loss", re.compile(r"(?P<c>nce(?:_y)?)"), "info_nce", 0.8),
    ("loss", re.compile(r"l_(?P<c>pix|pixel|l1|g_pix)"), "l1", 0.9),
    ("loss", re.compile(r"(?:l_)?(?P<c>percep|style|g_percep|g_style|g_vgg)"), "perceptual", 0.9),
    ("loss", re.compile(r"l_(?P<c>g_gan|g_total|g)"), "gan_generator", 0.9),
    ("loss", re.compile(r"l_(?P<c>d_real|d_fake|d_total|d)"), "gan_discriminator", 0.9),
    ("loss", re.compile(r"l_(?:total|all)"), None, 0.9),
    # verl: what the policy is pushed by, normalised over the answers to one prompt; what it earns is critic/rewards
    ("step_time", re.compile(r"timing_s_rewards?(?:_\w{1,40})?"), None, 0.9),
    ("advantage", re.compile(r"critic_returns_(?:mean|max|min)"), None, 0.9),
    ("loss_change", re.compile(r"delta_?loss(?:_?(?P<c>[a-z]{1,20}))?"), None, 0.9),
    ("loss_change", re.compile(r"(?P<c>[a-z_]{1,40}(?:policy|function|baseline))_dloss"), None, 0.9),
)


def short_role(spelling: str) -> Role | None:
    """Return the role of a whole name in words joined by ``_``, without its split; None where it is not listed."""
    return SHORT_NAMES.get(spelling) or next(_matching(spelling), None)


def _matching(spelling: str) -> Iterator[Role]:
    for kind, pattern, family, confidence in _PATTERNS:
        if found := pattern.fullmatch(spelling):
            component = found["c"] if "c" in pattern.groupindex else None
            yield _role(kind, confidence, component=component, family=family)
