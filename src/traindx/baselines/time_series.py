"""Forecasting: what repeating the last value, or the last season, scores."""

from __future__ import annotations

from traindx.baselines.arithmetic import at_least, positive, shown
from traindx.baselines.baseline import Baseline
from traindx.errors import UsageError


def _check(autocorrelation: float, std: float, horizon: int) -> None:
    positive(std=std)
    at_least(1, horizon=horizon)
    if not -1 <= autocorrelation <= 1:
        raise UsageError(f"autocorrelation must lie between -1 and 1, not {shown(autocorrelation)}")


def persistence_mse(autocorrelation: float, std: float = 1.0, horizon: int = 1) -> Baseline:
    """Return the MSE of repeating the last value: E(x_t - x_(t-h))^2 = 2 s^2 (1 - r_h).

    For an autoregression of order one, r_h = r^h.

    >>> round(persistence_mse(0.9).value, 3)
    0.2
    """
    _check(autocorrelation, std, horizon)
    at_horizon = autocorrelation**horizon
    return Baseline(
        rung="trivial",
        value=2 * std**2 * (1 - at_horizon),
        unit="target units²",
        formula=f"2·{shown(std)}²·(1 - {shown(at_horizon)})",
        meaning="repeating the last value" if horizon == 1 else f"repeating the value of {horizon} steps ago",
        source="derived: variance of a difference",
        conditions="stationary series; R² above 0 can still be worse than this",
    )


def autoregression_floor(autocorrelation: float, std: float = 1.0, horizon: int = 1) -> Baseline:
    """Return the best MSE for an autoregression of order one: s^2 (1 - r^2h).

    >>> round(autoregression_floor(0.9).value, 3)
    0.19
    """
    _check(autocorrelation, std, horizon)
    return Baseline(
        rung="typical",
        value=std**2 * (1 - autocorrelation ** (2 * horizon)),
        unit="target units²",
        formula=f"{shown(std)}²·(1 - {shown(autocorrelation)}^{2 * horizon})",
        meaning="the best forecast from the last value alone",
        source="derived: variance of the innovation",
        conditions="first-order autoregression",
    )


def scaled_error_trivial() -> Baseline:
    """Return the mean absolute scaled error of the naive forecast it is scaled by: 1.

    >>> scaled_error_trivial().value
    1.0
    """
    return Baseline(
        rung="trivial",
        value=1.0,
        unit="MASE",
        formula="1",
        meaning="the (seasonal) naive forecast",
        source="Hyndman and Koehler 2006, Another look at measures of forecast accuracy",
        conditions="scaled by the naive error of the training part",
    )
