"""Families of preference losses."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines import preference
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import BETA, SMOOTHING
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.baselines.families.numbers import zero_error


def _dpo(o: Options) -> Sequence[Baseline]:
    smoothing = o.maybe_number("label_smoothing")
    floor = preference.smoothed_preference_floor(smoothing) if smoothing else zero_error("nats")
    return [floor, preference.preference_chance()]


def _reward_model(_: Options) -> Sequence[Baseline]:
    return [zero_error("nats"), preference.reward_model_chance()]


def _ipo(o: Options) -> Sequence[Baseline]:
    return [zero_error("square"), preference.ipo_chance(o.number("beta"))]


def _kto(o: Options) -> Sequence[Baseline]:
    return [zero_error("loss units"), preference.kto_chance(o.number("weight"))]


def _simpo(o: Options) -> Sequence[Baseline]:
    return [zero_error("nats"), preference.simpo_chance(o.number("gamma"))]


def _orpo(o: Options) -> Sequence[Baseline]:
    return [preference.orpo_chance(o.number("nll"), o.number("weight"))]


PREFERENCE_FAMILIES = (
    Family(
        name="dpo",
        aliases=("cdpo", "rrhf"),
        summary="direct preference optimisation",
        parameters=(SMOOTHING,),
        build=_dpo,
    ),
    Family(name="ipo", summary="identity preference optimisation", parameters=(BETA,), build=_ipo),
    Family(
        name="kto",
        summary="Kahneman-Tversky optimisation",
        parameters=(Parameter(name="weight", type="float", meaning="weight of (un)desirable answers", default=1.0),),
        build=_kto,
    ),
    Family(
        name="orpo",
        summary="odds-ratio preference optimisation",
        parameters=(
            Parameter(name="nll", type="float", meaning="loss of the chosen answers", required=True, example="1.5"),
            Parameter(
                name="weight",
                type="float",
                meaning="weight of the odds-ratio term",
                default=0.1,
                aliases=("lambda", "beta"),
            ),
        ),
        build=_orpo,
    ),
    Family(
        name="reward_model",
        aliases=("rm", "bradley_terry", "pairwise_ranking"),
        summary="reward model on pairs",
        build=_reward_model,
    ),
    Family(
        name="simpo",
        summary="simple preference optimisation",
        parameters=(Parameter(name="gamma", type="float", meaning="target margin of the reward", default=0.5),),
        build=_simpo,
    ),
)
