"""Cheap guards at every step: a value that is not finite, or an explosion against the run's own noise.

A guard claims nothing by itself. It asks for a judgement now, and the rules say what it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, final

import numpy as np

from traindx.context import Role, resolve
from traindx.run import Floats, Run, Series
from traindx.signals import local_noise, robust_sd

Bounds = tuple[float, float]

FINITE: Final[Bounds] = (-math.inf, math.inf)
"""Passes every finite number: ``low < value < high`` fails for NaN and for both infinities."""

_CLOSED: Final[Bounds] = (
    math.nan,
    math.nan,
)  # passes nothing: while a name is out of bounds, each of its values is counted


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """How far out is out."""

    window: int = 256
    """Points that bounds are drawn from: enough for a level and its tails, and soon past a warm-up."""

    fewest: int = 48
    """Fewer points show no tails; until then, and through any shorter warm-up, only NaN and infinity trip."""

    noises: float = 25.0
    """Heavy tails (t with three degrees of freedom) put one in 10^5 values beyond 25 standard deviations of their bulk."""

    excursions: float = 5.0
    """Times the widest excursion of the window: under such tails the widest of 64 times as many values is four times as wide."""

    share: float = 0.5
    """A rise by half of the level is the least that matters: a loss with hardly any noise trips at no less."""

    norm_factor: float = 100.0
    """Gradient norms leap tenfold and more in healthy runs, where clipping is for that; a hundredfold is out of proportion."""

    norms_in_a_row: int = 17
    """A loss scaler that starts at 2^16 halves sixteen times at most: that many norms in a row may be infinite and nothing is wrong."""


@final
@dataclass(slots=True)
class Trip:
    """A stretch of values of one metric out of bounds, one after the other."""

    name: str
    role: Role
    first_step: float
    last_step: float
    value: float
    count: int = 1
    asked: bool = False
    told: bool = False
    values: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    @property
    def finite(self) -> bool:
        """Whether the last value is a number: then it is an explosion."""
        return math.isfinite(self.value)

    @property
    def of_training_loss(self) -> bool:
        """Whether it is a loss that the weights are made from."""
        return self.role.kind == "loss" and self.role.split in (None, "train")


@final
class Guards:
    """Bounds for every metric of a run, and what is out of them.

    Whoever records a value asks ``low < value < high`` with ``bounds.get(name, FINITE)`` and calls ``tripped`` where that fails:
    nothing else is done for a value in order. ``alarm`` is called, in the thread that records, with every trip that is worth a
    judgement now, and with each further value of it.
    """

    def __init__(self, alarm: Callable[[Trip], None], settings: GuardSettings | None = None) -> None:
        self.bounds: dict[str, Bounds] = {}
        self._usual: dict[str, Bounds] = {}
        self._roles: dict[str, Role] = {}
        self._trips: dict[str, Trip] = {}
        self._tails: dict[str, tuple[Floats, Floats]] = {}
        self._alarm = alarm
        self._settings = settings or GuardSettings()

    def tripped(self, step: float, name: str, value: float) -> None:
        """Take a value that is out of its bounds, or that follows one which was. Never raises; takes microseconds."""
        trip = self._trips.get(name)
        low, high = self._usual.get(name, FINITE)
        if low < value < high:
            if self._trips.pop(name, None) is not None:
                self.bounds[name] = low, high
            return
        role = self._role(name)
        if role.kind not in ("loss", "grad_norm"):
            return  # an evaluation may print NaN for "not measured"; the next judgement sees it
        if trip is None:
            trip = self._trips[name] = Trip(name, role, step, step, value)
            self.bounds[name] = _CLOSED
        else:
            trip.last_step, trip.value, trip.count = step, value, trip.count + 1
        if len(trip.values) < self._settings.window:
            trip.values.append((step, value))
        needed = self._settings.norms_in_a_row if role.kind == "grad_norm" and not trip.finite else 1
        if trip.count >= needed:
            self._alarm(trip)

    def renew(self, run: Run) -> None:
        """Draw the bounds of all losses and gradient norms from what was recorded so far. Called off the training thread."""
        for name, series in run.series.items():
            kind = self._role(name).kind
            if kind not in ("loss", "grad_norm") or len(series) < self._settings.fewest:
                continue
            self._tails[name] = series.steps[-self._settings.window :], series.values[-self._settings.window :]
            high = upper_bound(series.values, logarithmic=kind == "grad_norm", settings=self._settings)
            self._usual[name] = -math.inf, high
            if name not in self._trips:
                self.bounds[name] = -math.inf, high

    def window(self, trip: Trip) -> Run:
        """Return the recent values of a metric and those out of bounds, as a run that rules can be asked about."""
        steps, values = self._tails.get(trip.name, (np.empty(0), np.empty(0)))
        before = steps < trip.first_step
        told = np.array(trip.values, dtype=np.float64).reshape(-1, 2)
        series = Series(
            name=trip.name,
            steps=np.concatenate([steps[before], told[:, 0]]),
            values=np.concatenate([values[before], told[:, 1]]),
        )
        return Run(name="guard", series={trip.name: series}, sources=())

    def _role(self, name: str) -> Role:
        role = self._roles.get(name)
        if role is None:
            role = self._roles[name] = resolve(name)
        return role


def upper_bound(values: Floats, *, logarithmic: bool, settings: GuardSettings) -> float:
    """Return what the next values should stay below: infinity where too few of them are finite to tell.

    The level is the median of the last points, and the room above it the widest of: the noise, many times; the widest excursion
    of the window, several times (a loss that is falling has its own start in there); a share of the level. Positive values are
    measured by their ratios too, so that noise in proportion to the level has its tails. Whatever was seen before is no
    explosion either: a loss that returns to its start has been lost, which the rules say.
    """
    finite = values[np.isfinite(values)]
    recent = finite[-settings.window :]
    if len(recent) < settings.fewest:
        return math.inf
    least = math.log(settings.norm_factor if logarithmic else 1 + settings.share)
    by_ratio = _exponential(_reach(np.log(recent), least, settings)) if bool((recent > 0).all()) else -math.inf
    if logarithmic and by_ratio > 0:
        return by_ratio
    share = settings.share * abs(float(np.median(recent[-settings.fewest :])))
    return max(by_ratio, _reach(recent, share, settings), float(finite.max()) + share)


def _reach(recent: Floats, least: float, settings: GuardSettings) -> float:
    level = float(np.median(recent[-settings.fewest :]))
    noise = max(local_noise(recent), robust_sd(recent[-settings.fewest :]))
    excursion = float(recent.max()) - level
    return level + max(settings.noises * noise, settings.excursions * excursion, least)


def _exponential(logarithm: float) -> float:
    return float(np.exp(min(logarithm, 700.0)))
