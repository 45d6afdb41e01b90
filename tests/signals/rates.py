"""What every signal is measured by: how often it speaks of noise alone, and how often of the shape that it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

import numpy as np

from traindx.run import Floats, floats
from traindx.signals import (
    change,
    cycle,
    drift,
    excursions,
    fold,
    hump,
    interleaved_clusters,
    level_shift,
    plateau,
    repeating_period,
    running_mean,
    same_place,
    sawtooth,
    spikes,
    staircase,
    swings,
    tail,
    trend,
)

TURNS = 5


@final
@dataclass(frozen=True, slots=True)
class Measured:
    """``speaks`` of a series; ``shape`` makes of unit noise the series that it is to speak of, ``rest`` what it is not to.

    ``false`` and ``power`` are per cent, measured, by the number of points, for Gaussian, heavy-tailed and dependent noise.
    """

    speaks: Callable[[Floats], bool]
    shape: Callable[[Floats], Floats]
    false: Mapping[int, tuple[float, float, float]]
    power: Mapping[int, tuple[float, float, float]]
    rest: Callable[[Floats], Floats] = lambda noise: noise


def loss_like(noise: Floats) -> Floats:
    """A positive series that scatters by a twentieth of its level."""
    return floats(2 * np.exp(0.05 * noise))


def time_of(noise: Floats) -> Floats:
    return floats(np.arange(len(noise)) / len(noise))


def lifted(noise: Floats, by: float, points: int) -> Floats:
    values = noise.copy()
    values[len(values) // 2 : len(values) // 2 + points] += by
    return loss_like(values)


def stepped(noise: Floats, by: float) -> Floats:
    return loss_like(floats(noise + by * (time_of(noise) >= 0.5)))


def swinging(noise: Floats, by: float, times: float) -> Floats:
    return loss_like(floats(noise + by * np.sin(2 * np.pi * times * time_of(noise))))


def humped(noise: Floats, by: float) -> Floats:
    time = time_of(noise)
    return loss_like(floats(noise + by * ((time >= 0.05) & (time < max(0.1, 0.05 + 4 / len(noise))))))


def inside_turns(noise: Floats) -> Floats:
    return floats(TURNS * time_of(noise) % 1)


def has_teeth(values: Floats) -> bool:
    folded = fold(np.log(values), floats(TURNS * time_of(values)))
    return folded is not None and sawtooth(folded) is not None


def has_place(values: Floats) -> bool:
    folded = fold(np.log(values), floats(TURNS * time_of(values)), 20)
    return folded is not None and same_place(folded).chance < 1e-4


def has_stairs(values: Floats) -> bool:
    folded = fold(np.log(values), floats(TURNS * time_of(values)))
    return folded is not None and staircase(folded) is not None


def lean_late(values: Floats) -> bool:
    """Whether six or more excursions lie so late that places drawn at random do so once in two thousand (z = 3.3)."""
    places = np.array([first for first, _ in excursions(values)]) / len(values)
    return len(places) >= 6 and (float(places.mean()) - 0.5) * np.sqrt(12 * len(places)) > 3.3


def ever_denser(noise: Floats) -> Floats:
    values = noise.copy()
    values[(len(values) * (1 - 0.4 * np.linspace(1, 0, 10) ** 2)).astype(int) - 2] += 14
    return loss_like(values)


def heavy(values: Floats) -> bool:
    found = tail(np.abs(values))
    return found is not None and found.index < 4


def t_like(noise: Floats) -> Floats:
    """Draws of a t distribution with three degrees of freedom, whatever the noise: only their number matters."""
    return floats(np.random.default_rng(int(1e6 * abs(noise[0]))).standard_t(3, len(noise)))


def gaussian_like(noise: Floats) -> Floats:
    return floats(np.random.default_rng(int(1e6 * abs(noise[0]))).normal(size=len(noise)))


def moved(values: Floats) -> bool:
    found = change(values)
    return found is not None and abs(found.z) > 4


def drifts(values: Floats) -> bool:
    found = drift(values)
    return found is not None and abs(found.z) > 3


def means(noise: Floats) -> Floats:
    values = loss_like(noise)
    return floats(np.cumsum(values) / np.arange(1, len(values) + 1))


def alternating(noise: Floats) -> Floats:
    return floats(np.where(np.arange(len(noise)) % 2, 3.0, 1.0) * loss_like(noise))


def of_five(noise: Floats) -> Floats:
    pattern = np.array([0.0, 0.2, -0.15, 0.35, -0.4])
    return floats(loss_like(noise) * np.exp(pattern[np.arange(len(noise)) % 5]))


def falling(noise: Floats) -> Floats:
    """A line that gains three standard deviations, one over its last third."""
    return floats(noise - 3 * time_of(noise))


def as_it_is(noise: Floats) -> Floats:
    return noise


RATES: Mapping[str, Measured] = MappingProxyType(
    {
        "spikes": Measured(lambda v: bool(spikes(v)), lambda n: lifted(n, 12, 3), {20: (0, 7, 0), 200: (0, 1, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (1, 4, 1), 200: (100, 100, 100), 2_000: (100, 100, 100), 20_000: (100, 100, 100)}, loss_like),
        "excursions": Measured(lean_late, ever_denser, {20: (0, 0, 0), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (0, 0, 0), 200: (100, 92, 100), 2_000: (100, 64, 100), 20_000: (100, 10, 100)}, loss_like),
        "trend": Measured(lambda v: abs(trend(v).z) > 3, lambda n: floats(n + 3 * time_of(n)), {20: (2, 1, 25), 200: (1, 2, 4), 2_000: (2, 2, 3), 20_000: (2, 0, 0)}, {20: (74, 80, 80), 200: (100, 100, 71), 2_000: (100, 100, 100), 20_000: (100, 100, 100)}),
        "change": Measured(moved, lambda n: floats(n + 3 * time_of(n)), {20: (0, 0, 0), 200: (0, 0, 2), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (0, 0, 0), 200: (100, 100, 30), 2_000: (100, 100, 100), 20_000: (100, 100, 100)}),
        "drift": Measured(drifts, lambda n: floats(n + 3 * time_of(n)), {20: (0, 0, 1), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (46, 67, 5), 200: (100, 100, 12), 2_000: (100, 100, 100), 20_000: (100, 100, 100)}),
        "level_shift": Measured(lambda v: level_shift(v) is not None, lambda n: stepped(n, 6), {20: (0, 0, 0), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (0, 0, 0), 200: (37, 94, 80), 2_000: (100, 100, 42), 20_000: (100, 100, 100)}, loss_like),
        "plateau": Measured(lambda v: plateau(v, worth=1.0) is not None, as_it_is, {20: (8, 6, 24), 200: (3, 3, 14), 2_000: (2, 4, 8), 20_000: (0, 8, 3)}, {20: (47, 53, 60), 200: (96, 100, 56), 2_000: (100, 100, 97), 20_000: (100, 100, 100)}, falling),
        "cycle": Measured(lambda v: cycle(v) is not None, lambda n: swinging(n, 1, 7), {20: (1, 2, 1), 200: (1, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (9, 11, 32), 200: (100, 100, 42), 2_000: (100, 100, 68), 20_000: (100, 100, 100)}, loss_like),
        "staircase": Measured(has_stairs, lambda n: loss_like(floats(n - 8 * np.floor(TURNS * time_of(n)))), {20: (0, 0, 0), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (0, 0, 0), 200: (100, 100, 100), 2_000: (100, 100, 100), 20_000: (100, 100, 100)}, lambda n: loss_like(floats(n - 40 * time_of(n)))),
        "swings": Measured(lambda v: swings(v, 0.4) is not None, lambda n: swinging(n, 8, 5), {20: (0, 0, 0), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (0, 0, 0), 200: (100, 100, 100), 2_000: (100, 100, 100), 20_000: (100, 100, 100)}, loss_like),
        "hump": Measured(lambda v: hump(v) is not None, lambda n: humped(n, 12), {20: (5, 6, 7), 200: (0, 1, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (100, 100, 100), 200: (100, 98, 99), 2_000: (100, 96, 94), 20_000: (100, 85, 90)}, loss_like),
        "running_mean": Measured(lambda v: running_mean(v) is not None, means, {20: (0, 0, 0), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (0, 0, 0), 200: (75, 80, 88), 2_000: (100, 100, 100), 20_000: (100, 100, 100)}, loss_like),
        "sawtooth": Measured(has_teeth, lambda n: loss_like(floats(n + 2 * inside_turns(n))), {20: (0, 0, 0), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (2, 0, 2)}, {20: (0, 0, 0), 200: (93, 88, 17), 2_000: (100, 100, 71), 20_000: (100, 100, 100)}, loss_like),
        "same_place": Measured(has_place, lambda n: loss_like(floats(n + 3 * (abs(inside_turns(n) - 0.42) < 0.025))), {20: (0, 0, 0), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (0, 0, 0), 200: (90, 74, 94), 2_000: (100, 100, 82), 20_000: (100, 100, 100)}, loss_like),
        "tail": Measured(heavy, t_like, {20: (0, 0, 0), 200: (26, 26, 28), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (0, 0, 0), 200: (84, 88, 84), 2_000: (97, 97, 94), 20_000: (100, 100, 100)}, gaussian_like),
        "interleaved_clusters": Measured(lambda v: interleaved_clusters(v) is not None, alternating, {20: (0, 0, 0), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (100, 97, 100), 200: (100, 51, 100), 2_000: (94, 0, 96), 20_000: (0, 0, 0)}, loss_like),
        "repeating_period": Measured(lambda v: repeating_period(v) is not None, of_five, {20: (2, 1, 0), 200: (0, 0, 0), 2_000: (0, 0, 0), 20_000: (0, 0, 0)}, {20: (100, 100, 100), 200: (100, 100, 100), 2_000: (100, 100, 100), 20_000: (0, 0, 0)}, loss_like),
    }
)  # fmt: skip


def sentence(rates: Mapping[int, tuple[float, float, float]]) -> str:
    """The figures as docstrings give them.

    >>> sentence({20: (0, 1.4, 25), 200: (100, 99.6, 0.4)})
    '20 points 0, 1, 25 %; 200 points 100, 100, 0 %'
    """
    return "; ".join(
        f"{size:,} points {', '.join(str(round(value)) for value in values)} %" for size, values in rates.items()
    )
