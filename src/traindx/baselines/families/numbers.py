"""Families of regression losses."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines import regression
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import ABS_DEVIATION, SHAPE, STD, required
from traindx.baselines.families.family import Family, Options, Parameter


def zero_error(unit: str) -> Baseline:
    """Return the floor of every distance: 0, for targets without noise.

    >>> zero_error("target units").value
    0.0
    """
    return Baseline(
        rung="floor",
        value=0.0,
        unit=unit,
        formula="0",
        meaning="every target met exactly",
        source="definition",
        conditions="targets without noise",
    )


def _mse(o: Options) -> Sequence[Baseline]:
    std, output, active = o.number("target_std"), o.maybe_number("output_std"), o.maybe_number("active_fraction")
    trivial = [regression.padded_statistics_mse(active)] if active else []
    initial = [regression.fresh_network_mse(std, output)] if output is not None else []
    return [zero_error("target units²"), *trivial, regression.mse_trivial(std), *initial]


def _rmse(o: Options) -> Sequence[Baseline]:
    return [zero_error("target units"), regression.rmse_trivial(o.number("target_std"))]


def _l1(o: Options) -> Sequence[Baseline]:
    measured = o.maybe_number("target_abs_deviation")
    if measured is not None:
        return [zero_error("target units"), regression.measured_l1_trivial(measured)]
    return [zero_error("target units"), regression.l1_trivial(o.number("target_std"), o.word("distribution"))]


def _huber(o: Options) -> Sequence[Baseline]:
    trivial = regression.huber_trivial(o.number("delta"), o.number("target_std"), o.word("distribution"))
    return [zero_error("target units²"), trivial]


def _smooth_l1(o: Options) -> Sequence[Baseline]:
    trivial = regression.smooth_l1_trivial(o.number("beta"), o.number("target_std"), o.word("distribution"))
    return [zero_error("target units"), trivial]


def _pinball(o: Options) -> Sequence[Baseline]:
    return [zero_error("target units"), regression.pinball_trivial(o.number("quantile"), o.number("target_std"))]


def _log_cosh(o: Options) -> Sequence[Baseline]:
    return [zero_error("nats"), regression.log_cosh_trivial(o.number("target_std"))]


def _gaussian_nll(o: Options) -> Sequence[Baseline]:
    return [regression.gaussian_nll_trivial(o.number("target_std"), full=o.flag("full"))]


QUANTILE = Parameter(
    name="quantile", type="float", meaning="quantile aimed at, between 0 and 1", aliases=("q", "tau"), example="0.9"
)

NUMBER_FAMILIES = (
    Family(
        name="mse",
        aliases=("l2", "mean_squared_error", "squared_error"),
        summary="mean squared error",
        parameters=(
            STD,
            Parameter(name="output_std", type="float", meaning="spread of a fresh network's outputs"),
            Parameter(
                name="active_fraction",
                type="float",
                meaning="share of targets that are not padding, if the statistics counted the padding",
                aliases=("f",),
            ),
        ),
        build=_mse,
    ),
    Family(
        name="rmse",
        aliases=("root_mean_squared_error",),
        summary="root mean squared error",
        parameters=(STD,),
        build=_rmse,
    ),
    Family(
        name="l1",
        aliases=("mae", "mean_absolute_error"),
        summary="mean absolute error",
        parameters=(STD, SHAPE, ABS_DEVIATION),
        build=_l1,
    ),
    Family(
        name="huber",
        summary="Huber's loss",
        parameters=(Parameter(name="delta", type="float", meaning="where it turns linear", default=1.0), STD, SHAPE),
        build=_huber,
    ),
    Family(
        name="smooth_l1",
        summary="smooth L1: Huber's loss divided by beta",
        parameters=(Parameter(name="beta", type="float", meaning="where it turns linear", default=1.0), STD, SHAPE),
        build=_smooth_l1,
    ),
    Family(
        name="pinball",
        aliases=("quantile", "quantile_loss"),
        summary="pinball loss of a quantile",
        parameters=(required(QUANTILE), STD),
        build=_pinball,
    ),
    Family(name="log_cosh", aliases=("logcosh",), summary="ln cosh of the error", parameters=(STD,), build=_log_cosh),
    Family(
        name="gaussian_nll",
        aliases=("gaussian", "normal_nll"),
        summary="negative log likelihood of a normal output",
        parameters=(STD, Parameter(name="full", type="bool", meaning="ln sqrt(2π) is counted", default=True)),
        build=_gaussian_nll,
    ),
)
