"""The two sides of an adversarial training, and the two terms of a variational one."""

from __future__ import annotations

import re

from traindx.context import COMPONENTS, Case, Reading, has_task
from traindx.rules.choosing import longest_of, readings_of

# One half of a discriminator's loss, its penalty, or what it answers, is not its loss.
_PART = re.compile(r"real|fake|penalty|gp|grad|acc|weight|factor|(?:^|_)[xyz]$")
_MODELS_CODES = re.compile(r"(?:^|_)(?:vq|commit\w*|codebook|quant\w*)(?:_|$)")


def adversaries_of(case: Case) -> tuple[Reading, Reading] | None:
    """Discriminator and generator of one pair, or None where not both are logged. The rule must declare ``TASKS``."""
    if not has_task(case, {"gan"}):
        return None
    judges = _sides(case, "gan_discriminator")
    makers = _sides(case, "gan_generator")
    for judge in judges:
        same = [maker for maker in makers if _side(maker) == _side(judge)]
        if same:
            return judge, same[0]
    return (judges[0], makers[0]) if judges and makers else None


def _sides(case: Case, family: str) -> list[Reading]:
    found = [
        r
        for r in readings_of(case, "loss", None, (family,))
        if not r.held_out and not _PART.search(r.role.component or "")
    ]
    return sorted(found, key=lambda r: -(r.curve.count if r.curve else 0))


def _side(reading: Reading) -> str:
    """The letter of one of two pairs (``d_a`` with ``g_a``); empty where there is one pair."""
    component = reading.role.component or ""
    return component[-1] if re.search(r"_[ab]$", component) else ""


def divergence_of(case: Case) -> Reading | None:
    """The divergence of a variational model from its prior: a term beside a reconstruction, else None."""
    if has_task(case, {"reinforcement", "preference"}) or reconstruction_of(case) is None:
        return None
    return longest_of(case, "loss", None, ("kl",)) or longest_of(case, "kl", None)


def reconstruction_of(case: Case) -> Reading | None:
    """The reconstruction term of a variational model."""
    return longest_of(case, "loss", None, ("reconstruction",))


def has_codebook(case: Case) -> bool:
    """Whether the terms of the loss speak of codes: then a "perplexity" is that of the codes."""
    return any(_MODELS_CODES.search(r.role.component or "") for r in case.get(COMPONENTS) or ())
