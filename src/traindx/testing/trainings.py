"""Synthetic trainings: healthy ones of several families of loss, and the same with one fault each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, final

import numpy as np

from traindx.errors import unknown_name
from traindx.run import Floats, Run, Series, Source, floats

Family = Literal["cross_entropy", "language_model", "info_nce", "mse"]
FAMILIES: tuple[Family, ...] = ("cross_entropy", "language_model", "info_nce", "mse")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What to imitate.

    ``noise`` is the standard deviation of one logged training loss relative to its level, ``dependence`` its
    first-order autocorrelation, ``tails`` the degrees of freedom of its t distribution (infinity for Gaussian noise).
    ``per_epoch`` logs epochs instead of steps. ``told`` adds the facts that give the level of guessing.
    """

    family: Family = "cross_entropy"
    points: int = 200
    noise: float = 0.03
    dependence: float = 0.0
    tails: float = math.inf
    per_epoch: bool = False
    told: bool = True
    seed: int = 0


@final
@dataclass(frozen=True, slots=True)
class _Level:
    """Where a family starts and ends, and the facts that tell its level of guessing."""

    start: float
    floor: float
    facts: Mapping[str, int | float | str]


_LEVELS: Mapping[str, _Level] = {
    "cross_entropy": _Level(math.log(10), 0.35, {"num_classes": 10, "loss": "cross_entropy"}),
    "language_model": _Level(math.log(50_304), 3.1, {"vocab_size": 50_304, "loss": "cross_entropy"}),
    "info_nce": _Level(math.log(256), 0.9, {"batch_size": 256, "loss": "info_nce"}),
    "mse": _Level(1.0, 0.15, {"target_std": 1.0, "loss": "mse"}),
}


def facts_of(training: Training) -> dict[str, int | float | str]:
    """Return what is told of a training: the facts of its family, or nothing."""
    return dict(_LEVELS[training.family].facts) if training.told else {}


def healthy_run(training: Training) -> Run:
    """Return a run that learns: training and validation loss, learning rate (warm-up, cosine), gradient norm, a metric.

    The same training gives the same run. The loss falls as a power of time from the level of guessing to near its floor;
    validation lies a little above it, with a third of its noise.
    """
    rng = np.random.default_rng(training.seed)
    clean = _falling(training, rng)
    validation = clean * (1.02 + 0.03 * np.linspace(0, 1, len(clean)))
    columns = {
        "train/loss": clean * _scatter(training, rng),
        "val/loss": validation * _scatter(replace(training, noise=training.noise / 3), rng),
        "learning_rate": _cosine(len(clean)),
        "grad_norm": 0.8 * np.exp(rng.normal(0, 0.2, len(clean))),
    }
    if training.family == "cross_entropy":
        columns["val/accuracy"] = np.clip(np.exp(-validation) + rng.normal(0, 0.004, len(clean)), 0, 1)
    return _run(training, columns)


def faulty_run(fault: str, training: Training) -> Run:
    """Return the healthy run of ``training`` with one fault of ``FAULTS`` in it."""
    if fault not in FAULTS:
        raise unknown_name("fault", fault, FAULTS)
    run = healthy_run(training)
    columns = {name: np.array(series.values) for name, series in run.series.items()}
    FAULTS[fault](columns, training)
    return _run(training, columns)


def _falling(training: Training, rng: np.random.Generator) -> Floats:
    level = _LEVELS[training.family]
    time = np.linspace(0, 1, training.points)
    power, scale = rng.uniform(0.5, 1.2), rng.uniform(0.01, 0.08)
    return floats(level.floor + (level.start - level.floor) * (1 + time / scale) ** -power)


def _scatter(training: Training, rng: np.random.Generator) -> Floats:
    """Factors about one: independent or autoregressive, Gaussian or heavy-tailed, of the standard deviation asked for."""
    size, tails = training.points, training.tails
    draws = rng.normal(size=size) if math.isinf(tails) else rng.standard_t(tails, size) / math.sqrt(tails / (tails - 2))
    if training.dependence:
        draws = _autoregressive(draws, training.dependence)
    return floats(np.exp(training.noise * np.clip(draws, -30, 30)))


def _autoregressive(draws: Floats, dependence: float) -> Floats:
    """First-order autoregressive noise of unit variance from independent draws of unit variance."""
    inner = math.sqrt(1 - dependence**2)
    kept, noise = float(draws[0]), [float(draws[0])]
    for draw in draws[1:].tolist():
        kept = dependence * kept + inner * draw
        noise.append(kept)
    return floats(noise)


def _cosine(size: int, peak: float = 3e-4) -> Floats:
    warmup = max(1, size // 20)
    time = np.arange(size)
    rising = (time + 1) / warmup
    return floats(peak * np.where(time < warmup, rising, 0.55 + 0.45 * np.cos(np.pi * time / size)))


def _run(training: Training, columns: Mapping[str, Floats]) -> Run:
    series: dict[str, Series] = {}
    for name, values in columns.items():
        count = floats(np.arange(len(values)) + 1.0 if training.per_epoch else 10.0 * np.arange(len(values)))
        epochs = count if training.per_epoch else floats([])
        series[name] = Series(name=name, values=floats(values), steps=count, epochs=epochs)
    source = Source(path=f"{training.family}.csv", format="synthetic", rows=training.points)
    return Run(name=training.family, series=series, sources=(source,))


def _at_chance(columns: dict[str, Floats], training: Training) -> None:
    rng, start = np.random.default_rng(training.seed + 1), _LEVELS[training.family].start
    for name in ("train/loss", "val/loss"):
        columns[name] = floats(start * (1 + rng.normal(0, 0.002, training.points)))
    if "val/accuracy" in columns:
        columns["val/accuracy"] = floats(0.1 + rng.normal(0, 0.002, training.points))


def _diverged(columns: dict[str, Floats], training: Training) -> None:
    turn = 6 * training.points // 10
    rise = np.minimum(1.0, np.linspace(0, 3, training.points - turn))
    for name in ("train/loss", "val/loss"):
        columns[name][turn:] += 1.5 * _LEVELS[training.family].start * rise


def _nan(columns: dict[str, Floats], training: Training) -> None:
    for name in ("train/loss", "val/loss"):
        columns[name][3 * training.points // 4 :] = np.nan


def _frozen(columns: dict[str, Floats], training: Training) -> None:
    columns["train/loss"][:] = 1.17 * _LEVELS[training.family].start


def _overfit(columns: dict[str, Floats], training: Training) -> None:
    turn = training.points // 2
    columns["val/loss"][turn:] *= 1 + 0.8 * np.linspace(0, 1, training.points - turn)


def _spike(columns: dict[str, Floats], training: Training) -> None:
    at = 6 * training.points // 10
    lifted = columns["train/loss"][at : at + 4]
    lifted *= np.array([1.8, 2.6, 2.2, 1.6])[: len(lifted)]


def _mixed(columns: dict[str, Floats], _training: Training) -> None:
    columns["train/loss"][::2] *= 8.0


def _rate_zero(columns: dict[str, Floats], training: Training) -> None:
    columns["learning_rate"][training.points // 2 :] = 0.0


FAULTS: Mapping[str, Callable[[dict[str, Floats], Training], None]] = MappingProxyType(
    {
        "at_chance": _at_chance,
        "diverged": _diverged,
        "frozen": _frozen,
        "mixed": _mixed,
        "nan": _nan,
        "overfit": _overfit,
        "rate_zero": _rate_zero,
        "spike": _spike,
    }
)
