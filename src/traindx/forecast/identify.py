"""Which schedule is it? From the learning rates logged so far and the length of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from traindx.forecast.schedule import GRID, Family, Floats, Schedule, made

# Logged rates carry four digits or more: a family whose curve misses them by over half a percent of the peak is another one.
_CLOSE: Final = 0.005
_FLAT: Final = 0.002
_FEWEST: Final = 5
_MOST: Final = 400
_FINALS: Final = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Identified:
    """The schedule that logged rates fit, as a whole run; ``open_ended`` where the rates so far do not decide how it goes on.

    ``error`` is the root mean square distance of the rates to it, relative to their peak.
    """

    schedule: Schedule
    error: float
    open_ended: bool = False


def identify(share: Floats, rates: Floats, *, told: Family = "unknown") -> Identified | None:
    """Return the schedule of ``rates`` logged at ``share`` of the run; None where nothing known fits them.

    ``told`` is the family that somebody named: its curve is fitted to the rates, and taken as it usually is where there are none.
    """
    share, rates = _tidy(share, rates)
    if len(rates) < _FEWEST or not float(rates.max(initial=0.0)) > 0:
        return Identified(made(told), 0.0) if told != "unknown" else None
    peak = float(rates.max())
    relative = rates / peak
    found = list(_candidates(share, relative, told))
    if told != "unknown":
        found = [one for one in found if one.schedule.family == told] or [Identified(_spliced(made(told), share, relative), 0.0)]
    best = min(found, key=lambda one: one.error, default=None)
    return best if best is not None and (best.error < _CLOSE or told != "unknown") else None


def _tidy(share: Floats, rates: Floats) -> tuple[Floats, Floats]:
    good = np.isfinite(share) & np.isfinite(rates) & (rates >= 0)
    share, rates = share[good], rates[good]
    thin = max(1, len(share) // _MOST)
    order = np.argsort(share[::thin], kind="stable")
    return share[::thin][order], rates[::thin][order]


def _candidates(share: Floats, relative: Floats, told: Family) -> Iterator[Identified]:
    rise = _risen(share, relative)
    flat = relative[share >= rise]
    after = share >= rise
    if len(flat) >= 2 and float(np.ptp(flat)) < _FLAT:
        # A rate that has not moved since its warm-up is constant so far; a trapezoid or a staircase look the same.
        yield Identified(made("constant", warmup=rise), 0.0, open_ended=told == "unknown")
        for family in ("wsd", "step"):
            if told == family:
                yield Identified(_from_here(family, rise, float(share[-1])), 0.0)
        if told not in ("cosine", "linear", "exponential", "inverse-square-root", "one-cycle"):
            return
    steps = _stairs(share[after], relative[after])
    if steps is not None:
        yield Identified(_staircase(steps, rise), 0.0, open_ended=told == "unknown")
    for schedule in _curves(rise, share, relative):
        miss = schedule.at(share[after]) / max(float(schedule.at(share).max()), 1e-9) - relative[after]
        yield Identified(schedule, float(np.sqrt(np.mean(miss**2))))


def _risen(share: Floats, relative: Floats) -> float:
    """Share of the run at which the warm-up is over: the first place at the peak."""
    at = int(np.argmax(relative >= 1 - 1e-6))
    return float(share[at]) if at > 0 else 0.0


def _curves(rise: float, share: Floats, relative: Floats) -> Iterator[Schedule]:
    """Smooth schedules that begin their descent at ``rise``, with every usual end; the trapezoid descends where it is seen to."""
    for family in ("cosine", "linear"):
        for final in _FINALS:
            yield made(family, warmup=rise, final=final)
    if 0.2 <= rise <= 0.45:
        yield made("one-cycle")
    tail = relative[share >= rise]
    place = share[share >= rise]
    if len(tail) >= _FEWEST and 0 < tail[-1] < 1 - _FLAT and place[-1] > rise:
        slope = float(np.log(tail[-1]) * (1 - rise) / (place[-1] - rise))
        yield made("exponential", warmup=rise, final=float(np.exp(slope)))
    if rise > 0:
        yield Schedule("inverse-square-root", np.where(rise > GRID, GRID / rise, np.sqrt(rise / np.maximum(GRID, rise))))
    falling = relative < 1 - _FLAT
    falling &= share > rise
    if bool(falling.any()):
        begun = float(share[int(np.argmax(falling)) - 1])
        if begun - rise > 0.05 and begun < 0.98:
            for final in (0.0, 0.1):
                yield _trapezoid(rise, begun, final)


def _trapezoid(rise: float, begun: float, final: float) -> Schedule:
    shape = final + (1 - final) * np.clip((1 - GRID) / (1 - begun), 0, 1)
    return Schedule("wsd", np.where(rise > GRID, GRID / max(rise, 1e-9), shape))


def _from_here(family: Family, rise: float, now: float) -> Schedule:
    """A trapezoid or staircase that has not begun its descent yet: it begins where it usually does, or after the present."""
    if family == "wsd":
        return _trapezoid(rise, min(max(0.8, now + 0.01), 0.98), 0.0)
    usual = tuple(place for place in (0.5, 0.75) if place > now) or (min(0.98, now + 0.5 * (1 - now)),)
    return made("step", warmup=rise, milestones=usual)


def _stairs(share: Floats, relative: Floats) -> list[tuple[float, float]] | None:
    """Places and factors of the steps of a staircase; None where the rate moves between them."""
    if len(relative) < _FEWEST:
        return None
    moves = np.flatnonzero(relative[1:] < relative[:-1] * (1 - 0.05))
    rest = np.delete(np.abs(np.diff(relative)) / np.maximum(relative[:-1], 1e-12), moves)
    level = len(relative) >= 3 * (len(moves) + 1)  # three points on every stair
    if not len(moves) or not level or (len(rest) and float(rest.max()) > _FLAT):
        return None
    return [(float(share[i + 1]), float(relative[i + 1] / relative[i])) for i in moves if relative[i] > 0]


def _staircase(steps: list[tuple[float, float]], rise: float) -> Schedule:
    """The staircase seen so far; where it stepped at even distances, it goes on so."""
    places = [place for place, _ in steps]
    if len(places) >= 2:
        even = float(np.mean(np.diff(places)))
        while places[-1] + even < 0.98 and np.ptp(np.diff(places)) < 0.1 * even:
            places.append(places[-1] + even)
    factors = [factor for _, factor in steps]
    factors += [factors[-1]] * (len(places) - len(factors))
    rates = np.ones_like(GRID)
    for place, factor in zip(places, factors, strict=True):
        rates[place <= GRID] *= factor
    return Schedule("step", np.where(rise > GRID, GRID / max(rise, 1e-9), rates))


def _spliced(schedule: Schedule, share: Floats, relative: Floats) -> Schedule:
    """A schedule that was named but does not fit: what was logged up to now, then the named one."""
    known = np.interp(GRID, share, relative)
    meets = float(relative[-1]) / max(float(schedule.at(share[-1:])[0]), 1e-9)
    future = np.minimum(schedule.rates * min(meets, 10.0), 1.0)
    return Schedule(schedule.family, np.where(share[-1] >= GRID, known, future))
