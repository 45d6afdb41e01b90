"""Preference losses at step 0, where the policy equals its reference. All values in nats unless said."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, binary_entropy, fraction, positive, shown, softplus
from traindx.baselines.baseline import Baseline, Rung

LN2 = math.log(2.0)


def _level(rung: Rung, value: float, formula: str, meaning: str, source: str, conditions: str = "") -> Baseline:
    return Baseline(
        rung=rung, value=value, unit="nats", formula=formula, meaning=meaning, source=source, conditions=conditions
    )


def preference_chance() -> Baseline:
    """Return DPO at step 0: policy and reference agree, the margin is 0, -ln sigmoid(0) = ln 2.

    >>> round(preference_chance().value, 4)
    0.6931
    """
    source = "Rafailov et al. 2023, Direct Preference Optimization, equation 7"
    conditions = "another value at step 0 means another reference, dropout or precision; accuracy starts at 0 or 1/2"
    return _level("chance", LN2, "ln 2", "no preference between chosen and rejected", source, conditions)


def reward_model_chance() -> Baseline:
    """Return a reward model's loss (Bradley and Terry) at equal rewards: ln 2, accuracy 1/2.

    >>> round(reward_model_chance().value, 4)
    0.6931
    """
    source = "Bradley and Terry 1952; Ouyang et al. 2022, equation 1"
    return _level("chance", LN2, "ln 2", "chosen and rejected get the same reward", source, "mean over pairs")


def smoothed_preference_floor(label_smoothing: float) -> Baseline:
    """Return the floor when a share e of preferences is taken to be flipped: H(e).

    >>> round(smoothed_preference_floor(0.1).value, 4)
    0.3251
    """
    fraction(label_smoothing=label_smoothing)
    value = binary_entropy(label_smoothing)
    return _level("floor", value, f"H({shown(label_smoothing)})", "the best margin under flipped labels", "derived")


def ipo_chance(beta: float = 0.1) -> Baseline:
    """Return IPO at step 0: (0 - 1/(2 beta))^2.

    >>> round(ipo_chance(0.1).value, 6)
    25.0
    """
    positive(beta=beta)
    source = "Azar et al. 2023, A General Theoretical Paradigm, equation 17"
    value, formula = 1 / (4 * beta**2), f"1/(4·{shown(beta)}²)"
    return _level("chance", value, formula, "policy equal to its reference", source, "square, not nats")


def kto_chance(weight: float = 1.0) -> Baseline:
    """Return KTO at step 0: weight x (1 - sigmoid(0)) = weight/2.

    >>> kto_chance().value
    0.5
    """
    positive(weight=weight)
    source = "Ethayarajh et al. 2024, KTO, equation 8"
    return _level("chance", weight / 2, f"{shown(weight)}/2", "policy equal to its reference", source)


def simpo_chance(gamma: float, beta: float = 1.0, mean_gap: float = 0.0) -> Baseline:
    """Return SimPO where chosen and rejected differ by ``mean_gap`` in mean log probability: ln(1 + e^(g - b gap)).

    >>> round(simpo_chance(0.5).value, 4)
    0.9741
    """
    at_least(0, gamma=gamma)
    positive(beta=beta)
    source = "Meng et al. 2024, SimPO, equation 6"
    value, formula = softplus(gamma - beta * mean_gap), f"ln(1 + e^({shown(gamma)} - {shown(beta)}·{shown(mean_gap)}))"
    return _level("chance", value, formula, "no preference between chosen and rejected", source)


def orpo_chance(nll: float, weight: float = 0.1) -> Baseline:
    """Return ORPO at equal odds: NLL of the chosen answer + weight x ln 2.

    >>> round(orpo_chance(1.5).value, 4)
    1.5693
    """
    at_least(0, nll=nll, weight=weight)
    source = "Hong et al. 2024, ORPO, equations 6-7"
    formula = f"{shown(nll)} + {shown(weight)} ln 2"
    return _level("chance", nll + weight * LN2, formula, "chosen and rejected equally likely", source)
