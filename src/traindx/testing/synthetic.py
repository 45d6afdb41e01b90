"""Runs made from a line of text each, for tests that need a curve of a known shape."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from traindx.errors import UsageError
from traindx.run import Floats, Run, Series, Source, floats

_SHAPES = ("flat", "linear", "exp", "power", "values")


def series_of(name: str, text: str) -> Series:
    """Return the series that ``text`` describes, for example ``every 10; exp 6.9 2.1 200; flat 2.1 100; noise 0.05``.

    Parts, separated by semicolons: ``flat A N`` (N points at A), ``linear A B N``, ``exp A B N`` (exponential approach from
    A to B), ``power A B N`` (power law from A to B), ``values A B C ...`` (as given, nan and inf allowed); then optionally
    ``noise S`` (Gaussian, standard deviation S), ``seed K``, ``every K`` (steps between points, 1 by default),
    ``start K`` (first step, 0 by default), ``epochs`` (the steps are epochs).

    >>> series_of("loss", "linear 3 1 3").values.tolist()
    [3.0, 2.0, 1.0]
    """
    parts = [part.split() for part in text.split(";") if part.strip()]
    options = {words[0]: words[1] if len(words) > 1 else "1" for words in parts if words[0] not in _SHAPES}
    values = np.concatenate([_shape(words) for words in parts if words[0] in _SHAPES])
    if "noise" in options:
        values = values + np.random.default_rng(int(options.get("seed", "0"))).normal(
            0, float(options["noise"]), len(values)
        )
    steps = floats(float(options.get("start", "0")) + float(options.get("every", "1")) * np.arange(len(values)))
    return Series(name=name, values=floats(values), steps=steps, epochs=steps if "epochs" in options else floats([]))


def run_of(series: Mapping[str, str], name: str = "synthetic") -> Run:
    """Return a run of synthetic series: name -> description, as ``series_of`` reads it."""
    source = Source(path=f"{name}.log", format="synthetic", rows=1)
    return Run(name=name, series={key: series_of(key, text) for key, text in series.items()}, sources=(source,))


def _shape(words: list[str]) -> Floats:
    numbers = [float(word) for word in words[1:]]
    if words[0] == "values":
        return np.array(numbers)
    if len(numbers) != (2 if words[0] == "flat" else 3):
        raise UsageError(
            f"shape {' '.join(words)!r} needs {'a value' if words[0] == 'flat' else 'two values'} and a number of points"
        )
    first, last, count = numbers[0], numbers[-2], int(numbers[-1])
    share = np.linspace(0, 1, count)
    if words[0] == "exp":
        return floats(last + (first - last) * np.exp(-5 * share))
    if words[0] == "power":
        return floats(last + (first - last) * (1 + 99 * share) ** -0.5)
    return floats(first + (last - first) * share)
