"""A learning curve in brief: where it started, its best lasting level, where it ends, and its noise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from traindx.signals.blocks import block_medians
from traindx.signals.level import Level, level
from traindx.signals.noise import Floats, level_noise, local_noise

_HUGE = 1e150


@final
@dataclass(frozen=True, slots=True)
class Curve:
    """A learning curve in brief; indices count the finite points of the series.

    ``start`` is the level of the first few points, ``end`` of about the last thirtieth (three points at least
    where there are twelve), ``best`` the best level of any stretch as long as ``end`` (a single lucky point is no level). ``noise`` is the standard deviation of
    single points about their local level (NaN under five points), ``level_noise`` that of levels as long as ``end`` (NaN
    where there are too few of them). ``sign`` is 1 where lower is better and -1 where
    higher is. ``levels`` are the finite points themselves, or medians of ``block`` of them each in a long series (some
    2,000): shapes are looked for in them, whatever the length of the run.
    """

    count: int
    start: Level
    best: Level
    end: Level
    noise: float
    sign: int = 1
    level_noise: float = float("nan")
    levels: Floats = field(default_factory=lambda: np.empty(0), repr=False, compare=False)
    block: int = 1

    @property
    def gained(self) -> float:
        """How much better the best level is than the start; negative where nothing was gained."""
        return self.sign * (self.start.value - self.best.value)

    @property
    def lost(self) -> float:
        """How much worse the end is than the best level (never negative)."""
        return max(0.0, self.sign * (self.end.value - self.best.value))

    @property
    def error(self) -> float:
        """Standard error of a difference between two levels of an unchanged curve; 0 where it is too short to tell.

        It comes from the best level, the local noise and the scatter of levels along the run: what the end would scatter if nothing had happened. The scatter
        of the end itself is left out, because a curve that is falling apart scatters by that very fact.

        Measured share of flat series in which ``lost`` exceeds three of it (the best of many levels lies low by luck):
        Gaussian 2 % at 20 points, 1 % at 200, 2 % at 2,000; the same with heavy tails (t, three degrees of freedom);
        autocorrelation 0.9: 39 % at 20 points, where it cannot be seen, 3 % at 200, 2 % at 2,000. Five of it: under 0.5 %
        but for 21 % at 20 dependent points.
        """
        errors = [error for error in (self.best.error, self.level_noise) if error == error]
        window = self.end.last - self.end.first + 1
        if self.noise == self.noise:
            errors.append(1.2533 * self.noise / np.sqrt(max(1, window)))
        return float(np.sqrt(2) * max(errors)) if errors else 0.0

    @property
    def gain_error(self) -> float:
        """Standard error of what was gained since the start, whose level rests on fewer points than the others."""
        window, first = self.end.last - self.end.first + 1, self.start.last - self.start.first + 1
        return self.error * float(np.sqrt(0.5 + 0.5 * max(1.0, window / first)))


def summarise(values: Floats, *, higher_is_better: bool = False) -> Curve:
    """Return the curve of ``values`` (infinite and NaN points are left out, values beyond 1e150 cut to it).

    Raises ValueError where no point is finite.
    """
    finite = _within_reach(values)
    sign = -1 if higher_is_better else 1
    reduced, block = block_medians(finite)
    last = len(reduced) - 1
    width = _window(len(reduced))
    best_first = _best_window(sign * reduced, width)
    start_last = min(last, _start_points(len(reduced)) - 1)
    return Curve(
        count=len(finite),
        start=_scaled(level(reduced, 0, start_last), block, len(finite)),
        best=_scaled(level(reduced, best_first, best_first + width - 1), block, len(finite)),
        end=_scaled(level(reduced, last - width + 1, last), block, len(finite)),
        noise=local_noise(finite if block == 1 else finite[:200_000]),
        sign=sign,
        level_noise=level_noise(reduced, width),
        levels=reduced,
        block=block,
    )


def _within_reach(values: Floats) -> Floats:
    """The finite values, the absurd ones cut to what can be squared and summed without overflow."""
    finite = values[np.isfinite(values)]
    if len(finite) == 0:
        raise ValueError("a curve needs at least one finite point")
    if max(float(finite.max()), -float(finite.min())) <= _HUGE:
        return finite
    return np.asarray(np.clip(finite, -_HUGE, _HUGE), dtype=np.float64)


def _window(size: int) -> int:
    """Points of a level: three, or a thirtieth of a long run; one or two where the run is short."""
    return max(3, round(size / 30)) if size >= 12 else 1 + (size >= 6)


def _start_points(size: int) -> int:
    """Points of the start level: up to five, and never over a twentieth of a long run or a quarter of a short one."""
    return max(1, min(5, size // 4 if size < 20 else size // 20 + 1))


def _best_window(values: Floats, width: int) -> int:
    """Index where the window of lowest median begins; the latest of equals, so that ties lose nothing."""
    windows = sliding_window_view(values, width)
    medians = windows[:, 0] if width == 1 else np.median(windows, axis=1)
    return int(len(medians) - 1 - np.argmin(medians[::-1]))


def _scaled(found: Level, block: int, count: int) -> Level:
    """The level with indices in the unreduced series."""
    if block == 1:
        return found
    return Level(found.value, found.error, found.first * block, min(count - 1, found.last * block + block - 1))
