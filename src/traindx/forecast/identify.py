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
# A named schedule that misses the logged rates by more than this is taken as named from now on, as logged before.
_TOLD: Final = 0.02


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
        fits = [one for one in found if one.schedule.family == told and one.error < _TOLD]
        found = fits or [Identified(_spliced(made(told), share, relative), 0.0)]
    best = min(found, key=lambda one: one.error, default=None)
    return best if best is not None and (best.error < _CLOSE or told != "unknown") else None


def _tidy(share: Floats, rates: Floats) -> tuple[Floats, Floats]:
    good = np.isfinite(share) & np.isfinite(rates) & (rates >= 0)
    share, rates = share[good], rates[good]
    thin = max(1, len(share) // _MOST)
    order = np.argsort(share[::thin], kind="stable")
    return share[::thin][order], rates[::thin][order]


def _candidates(share: Floats, relative: Floats, told: Family) -> Iterator[Identified]:
    rise, before = _risen(share, relative)
    after = share >= rise
    if rise >= float(share[-1]):  # still rising
        yield _measured(made("one-cycle"), share, relative)
        return
    if float(np.ptp(relative[after])) < _FLAT:
        # A rate that has not moved since its warm-up is constant so far; a trapezoid or a staircase look the same.
        yield Identified(made("constant", warmup=rise), 0.0, open_ended=told == "unknown")
        if told in ("wsd", "step"):
            yield Identified(_from_here(told, rise, float(share[-1])), 0.0)
        return
    steps = _stairs(share[after], relative[after])
    if steps is not None:
        yield Identified(_staircase(steps, rise), 0.0, open_ended=told == "unknown")
        return
    for begin in dict.fromkeys((rise, 0.5 * (rise + before), before)):
        for schedule in _curves(begin, share[after], relative[after]):
            yield _measured(schedule, share[after], relative[after])
    if 0.2 <= rise <= 0.45:
        whole = _measured(made("one-cycle"), share, relative)
        yield Identified(
            whole.schedule, 0.1 * whole.error
        )  # the rising flank tells it from a cosine with a long warm-up


def _measured(schedule: Schedule, share: Floats, relative: Floats) -> Identified:
    """The distance of rates to a schedule, whose peak may stand between two of them."""
    shape = schedule.at(share)
    scale = float(shape @ relative) / max(float(shape @ shape), 1e-12)
    return Identified(schedule, float(np.sqrt(np.mean((scale * shape - relative) ** 2))))


def _risen(share: Floats, relative: Floats) -> tuple[float, float]:
    """Shares of the run at which the peak is first seen, and last not yet; zero where the run begins at it."""
    at = int(np.argmax(relative >= 1 - 1e-6))
    return (float(share[at]), float(share[at - 1])) if at > 0 else (0.0, 0.0)


def _curves(rise: float, share: Floats, relative: Floats) -> Iterator[Schedule]:
    """Smooth schedules that begin their descent at ``rise``, each with the end that fits best."""
    done = (share - rise) / max(1e-9, 1 - rise)
    yield made("linear", warmup=rise, final=_final(-done, relative))
    yield made("cosine", warmup=rise, final=_final(0.5 * np.cos(np.pi * done) - 0.5, relative))
    if float(relative.min()) > 0:
        slope = np.polyfit(done, np.log(relative), 1)[0]
        yield made("exponential", warmup=rise, final=float(np.clip(np.exp(slope), 1e-9, 1.0)))
        growth, start = np.polyfit(done, relative**-2, 1)
        if growth > 0 and start > 0:
            behind = np.clip((GRID - rise) / max(1e-9, 1 - rise), 0, 1)
            yield Schedule("inverse-square-root", _rising(rise, (1 + behind * growth / start) ** -0.5))
    falling = relative < 1 - _FLAT
    if int(falling.sum()) >= 2 and not bool(falling[: max(1, len(falling) // 10)].any()):
        slope, start = (float(one) for one in np.polyfit(share[falling], relative[falling], 1))
        if slope < 0:
            begun = min((1 - start) / slope, 0.99)
            if begun > rise + 0.05:  # else it is a straight line from the peak on
                yield _trapezoid(rise, begun, min(max(slope + start, 0.0), 0.99))


def _final(basis: Floats, relative: Floats) -> float:
    """The end, relative to the peak, of a schedule 1 + (1 - end) basis that is scaled to fit; at most 0.95."""
    slope, level = (float(one) for one in np.polyfit(basis, relative, 1))
    return float(np.clip(1 - slope / level, 0.0, 0.95)) if level > 0 else 0.0


def _rising(rise: float, shape: Floats) -> Floats:
    return np.where(rise > GRID, GRID / max(rise, 1e-9), shape)


def _trapezoid(rise: float, begun: float, final: float) -> Schedule:
    return Schedule("wsd", _rising(rise, final + (1 - final) * np.clip((1 - GRID) / (1 - begun), 0, 1)))


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
    # Two moves side by side are one step, of which a mean was logged.
    groups = np.split(moves, np.flatnonzero(np.diff(moves) > 1) + 1)
    steps = [(float(share[g[-1] + 1]), float(relative[g[-1] + 1] / relative[g[0]])) for g in groups]
    return steps if min(factor for _, factor in steps) > 0 else None


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
    return Schedule("step", _rising(rise, rates))


def _spliced(schedule: Schedule, share: Floats, relative: Floats) -> Schedule:
    """A schedule that was named but does not fit: what was logged up to now, then the named one."""
    known = np.interp(GRID, share, relative)
    meets = float(relative[-1]) / max(float(schedule.at(share[-1:])[0]), 1e-9)
    future = np.minimum(schedule.rates * min(meets, 10.0), 1.0)
    return Schedule(schedule.family, np.where(share[-1] >= GRID, known, future))


def infer_end(places: Floats, rates: Floats) -> float | None:
    """Return where a schedule that descends to zero will end, in the unit of ``places``; None where the rates do not say.

    Every length up to ten times the present is tried with a cosine and a straight line; one must fit to a thousandth of the peak, five
    times better than any fit of another length (by over 3 %).
    """
    places, rates = _tidy(places, rates)
    if len(rates) < 2 * _FEWEST or not float(rates.max(initial=0.0)) > 0 or not float(places[-1]) > 0:
        return None
    relative = rates / float(rates.max())
    if float(relative[-1]) > 0.95:  # the descent has hardly begun: all lengths look alike
        return None
    lengths = float(places[-1]) * np.geomspace(1.0, 10.0, 231)
    errors = np.array([min(_misses(places / length, relative)) for length in lengths])
    best = int(np.argmin(errors))
    far = np.abs(lengths / lengths[best] - 1) > 0.03
    return float(lengths[best]) if errors[best] < 0.004 and float(errors[far].min()) > 3 * errors[best] else None


def _misses(share: Floats, relative: Floats) -> Iterator[float]:
    rise, before = _risen(share, relative)
    after = share >= rise
    for family in ("cosine", "linear"):
        for begin in (rise, before):
            yield _measured(made(family, warmup=begin), share[after], relative[after]).error
