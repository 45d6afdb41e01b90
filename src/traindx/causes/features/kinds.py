"""Signs that only some kinds of training have: rewards, adversaries, latent codes, contrast."""

from __future__ import annotations

import math

import numpy as np

from traindx.causes.feature import Feature, grade
from traindx.causes.sight import Sight, Trace


def _change(trace: Trace | None) -> float:
    """Change from the first to the last fifth, in units of the whole spread; 0 for a constant, NaN where too short."""
    if trace is None or len(trace.brief) < 5:
        return math.nan
    fifth = max(1, len(trace.brief) // 5)
    spread = float(np.ptp(trace.brief))
    if not spread > 1e-12 * max(1.0, abs(trace.start)):
        return 0.0
    return (float(np.median(trace.brief[-fifth:])) - float(np.median(trace.brief[:fifth]))) / spread


def _reward(sight: Sight) -> str | None:
    trace = sight.first("reward", "success_rate")
    if trace is not None and len(trace.brief) > 2 and float(np.ptp(trace.brief)) <= 1e-9 * max(1.0, abs(trace.start)):
        return "constant"
    return grade(_change(trace), (-0.3, "falls"), (0.3, "flat"), above="rises")


_EQUAL = 1e-9


def _spread(sight: Sight) -> str | None:
    """Whether rewards differ within a group: never, no longer (the answers have become one), or still."""
    trace = sight.first("reward_std")
    equal = sight.first("zero_std_fraction")
    if equal is not None:
        if not float(np.median(equal.brief[-max(1, len(equal.brief) // 5) :])) > 0.9:
            return "some"
        return "none" if float(np.median(equal.brief[: max(1, len(equal.brief) // 10)])) > 0.9 else "dies"
    if trace is None:
        return None
    if abs(float(np.median(trace.brief[-max(1, len(trace.brief) // 5) :]))) >= _EQUAL:
        return "some"
    return "dies" if float(np.median(np.abs(trace.brief[: max(1, len(trace.brief) // 10)]))) >= _EQUAL else "none"


def _entropy(sight: Sight) -> str | None:
    trace = sight.first("entropy")
    if trace is None or len(trace.brief) < 5:
        return None
    share = trace.end / trace.start if trace.start > 0 else math.nan
    return grade(share, (0.1, "collapses"), (0.6, "falls"), (1.05, "holds"), above="rises")


def _critic(sight: Sight) -> str | None:
    trace = sight.first("explained_variance")
    return grade(math.nan if trace is None else trace.end, (0.02, "nothing"), (0.4, "little"), above="much")


def _divergence(sight: Sight) -> str | None:
    """The divergence of a policy from the one before or from its reference."""
    trace = sight.first("approx_kl") or (sight.first("kl") if sight.tasks & {"reinforcement", "preference"} else None)
    return grade(math.nan if trace is None else trace.end, (1e-6, "zero"), (0.1, "usual"), (2, "large"), above="huge")


def _latent(sight: Sight) -> str | None:
    """The divergence of a latent code from its prior: near zero nats it says nothing."""
    if sight.tasks & {"reinforcement", "preference"}:
        return None
    trace = sight.first("loss", component="kl") or sight.first("kl")
    return grade(math.nan if trace is None else trace.end, (0.05, "nothing"), (0.5, "little"), above="much")


def _adversary(sight: Sight) -> str | None:
    """A discriminator that is always right has a loss near zero, and the generator's grows."""
    judge, maker = sight.first("loss", component="gan_discriminator"), sight.first("loss", component="gan_generator")
    if judge is None or maker is None:
        return None
    if judge.end < 0.15:
        return "wins" if maker.end > 2.5 else "leads"
    return "even"


def _codes(sight: Sight) -> str | None:
    trace, size = sight.first("codebook_perplexity"), sight.number("codebook_size")
    used = sight.first("codebook_usage")
    if used is not None:
        return grade(used.end / (100 if used.end > 1.5 else 1), (0.05, "few"), (0.3, "some"), above="many")
    if trace is None:
        return None
    if size > 1:
        return grade(trace.end / size, (0.05, "few"), (0.3, "some"), above="many")
    return grade(trace.end, (2.0, "few"), (16.0, "some"), above="many")


def _features(sight: Sight) -> str | None:
    trace = sight.first("feature_std")
    if trace is None:
        return None
    share = trace.end / trace.start if trace.start > 0 else 0.0
    return "collapse" if trace.end < 1e-3 or share < 0.05 else "shrink" if share < 0.4 else "spread"


def _temperature(sight: Sight) -> str | None:
    """The temperature of a contrastive softmax, from a series or a fact; 0.01 to 0.2 are in use."""
    soft, scale = sight.first("temperature"), sight.first("logit_scale")
    value = soft.end if soft is not None else sight.number("temperature")
    if math.isnan(value):
        factor = scale.end if scale is not None else sight.number("logit_scale")
        value = 1 / factor if factor > 0 else math.nan
    return grade(value, (0.005, "too-sharp"), (0.4, "usual"), above="too-soft")


def _candidates(sight: Sight) -> str | None:
    if sight.family not in ("info_nce", "supcon"):
        return None
    number = min(n for n in (sight.number("negatives"), sight.number("batch_size"), math.inf) if not math.isnan(n))
    return "one" if number <= 1 else None if math.isinf(number) else "many"


def _boxes(sight: Sight) -> str | None:
    """Four coordinates between 0 and 1 differ by 4 at most: a larger mean distance of boxes is in pixels."""
    found = [r for r in sight.readings if r.role.kind == "loss" and _is_box(r.role.component or "")]
    ends = [r.curve.end.value for r in found if r.curve is not None]
    return None if not ends else "in-pixels" if max(ends) > 8 else "in-shares"


def _is_box(component: str) -> bool:
    return "box" in component and "iou" not in component


def _margin(sight: Sight) -> str | None:
    trace = sight.first("reward_accuracy")
    return grade(math.nan if trace is None else trace.end, (0.4, "inverted"), (0.6, "guessing"), above="learnt")


FEATURES: tuple[Feature, ...] = (
    Feature("reward", {"constant": "the reward never changes", "falls": "the reward falls", "flat": "the reward does not rise", "rises": ""}, _reward),
    Feature("reward-spread", {"none": "all rewards of a group are equal", "dies": "the rewards of a group have become equal", "some": ""}, _spread),
    Feature("entropy", {"collapses": "the policy's entropy collapses", "falls": "", "holds": "", "rises": "the policy's entropy rises"}, _entropy),
    Feature("critic", {"nothing": "the critic explains nothing", "little": "", "much": ""}, _critic),
    Feature("divergence", {"zero": "the policy does not move", "usual": "", "large": "the policy moves far", "huge": "the policy runs away"}, _divergence),
    Feature("latent", {"nothing": "the latent code says nothing", "little": "the latent code says little", "much": ""}, _latent),
    Feature("adversary", {"wins": "the discriminator is always right", "leads": "the discriminator is far ahead", "even": ""}, _adversary),
    Feature("codes", {"few": "hardly any code is in use", "some": "", "many": ""}, _codes),
    Feature("embeddings", {"collapse": "all embeddings become one point", "shrink": "the embeddings draw together", "spread": ""}, _features),
    Feature("temperature", {"too-sharp": "the temperature is below 0.005", "usual": "", "too-soft": "the temperature is above 0.4"}, _temperature),
    Feature("candidates", {"one": "a batch holds one candidate", "many": ""}, _candidates),
    Feature("box-term", {"in-pixels": "the distance of boxes is larger than shares can give", "in-shares": ""}, _boxes),
    Feature("preferences", {"inverted": "the worse answer is preferred", "guessing": "answers are told apart no better than by guessing", "learnt": ""}, _margin),
)  # fmt: skip
