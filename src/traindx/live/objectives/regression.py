"""Losses of numbers: ``target_std`` is the standard deviation of the targets as the loss sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from traindx.live.objectives.objective import FamilyObjective


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MeanSquaredError(FamilyObjective):
    """Mean squared error: always answering the mean costs ``target_std`` squared.

    ``active_fraction`` is the share of entries that carry data, ``output_std`` the deviation of a fresh network's answers.
    """

    family: ClassVar = "mse"

    target_std: float | None = None
    active_fraction: float | None = None
    output_std: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RootMeanSquaredError(FamilyObjective):
    """Root mean squared error: always answering the mean costs ``target_std``."""

    family: ClassVar = "rmse"

    target_std: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MeanAbsoluteError(FamilyObjective):
    """Mean absolute error: always answering the median costs ``target_abs_deviation``, or what the shape of the targets gives."""

    family: ClassVar = "l1"

    target_std: float | None = None
    target_abs_deviation: float | None = None
    distribution: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Huber(FamilyObjective):
    """Huber's loss, quadratic up to ``delta``."""

    family: ClassVar = "huber"

    target_std: float | None = None
    delta: float | None = None
    distribution: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SmoothL1(FamilyObjective):
    """Smooth L1: Huber's loss divided by ``beta``."""

    family: ClassVar = "smooth_l1"

    target_std: float | None = None
    beta: float | None = None
    distribution: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LogCosh(FamilyObjective):
    """Mean ln cosh of the error."""

    family: ClassVar = "log_cosh"

    target_std: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Pinball(FamilyObjective):
    """Pinball loss of one ``quantile``."""

    family: ClassVar = "pinball"

    quantile: float
    target_std: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianNLL(FamilyObjective):
    """Negative log likelihood of a normal output; ``full`` where the constant ln(2 pi)/2 is in it."""

    family: ClassVar = "gaussian_nll"

    target_std: float | None = None
    full: bool | None = None
