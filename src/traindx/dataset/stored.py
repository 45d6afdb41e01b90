"""Means and deviations that a dataset carries with it: as arrays, as attributes, or in a JSON file beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.summary import ArraySummary

Kind = Literal["mean", "deviation", "variance"]

_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("mean", "means", "mu", "avg", "average", "center", "centre", "loc", "shift", "offset"), "mean"),
    **dict.fromkeys(("std", "stds", "sd", "stdev", "stddev", "sigma", "deviation", "scale"), "deviation"),
    **dict.fromkeys(("var", "variance"), "variance"),
}
# Words that stand beside a kind in a name and name no array: "train_u_mean_per_feature", "stats/u/std".
_FILLERS: Final = frozenset(
    {"stats", "statistics", "stat", "norm", "normalizer", "normaliser", "normalization", "normalisation", "scaler", "train", "training",
     "global", "dataset", "data", "per", "feature", "features", "dim", "channel", "the", "of", "all"}
)  # fmt: skip
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST: Final = 1_000_000  # statistics of more features than this are no statistics


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStatistics:
    """A mean and a deviation that are kept with the data, for one array of it.

    ``mean`` and ``deviation`` hold one number for the whole array, or one for each of its features. ``where`` names the places.
    """

    of: str
    where: str
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def at(self, feature: int) -> tuple[float, float]:
        """Return mean and deviation of one feature."""
        return self.mean[feature if len(self.mean) > 1 else 0], self.deviation[
            feature if len(self.deviation) > 1 else 0
        ]


@final
@dataclass(frozen=True, slots=True)
class NamedNumbers:
    """Numbers found under a name: a small array, an attribute, or a list in a settings file."""

    name: str
    where: str
    values: tuple[float, ...]


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case.

    >>> words_of("train/uMean"), words_of("X_std")
    (('train', 'u', 'mean'), ('x', 'std'))
    """
    return tuple(word.lower() for word in _WORDS.findall(name[:200]))


def kind_of(name: str) -> Kind | None:
    """Return what statistic a name speaks of, or None. The last word of that meaning decides.

    >>> kind_of("stats/action/std"), kind_of("u_mean"), kind_of("meaning")
    ('deviation', 'mean', None)
    """
    return next((_KINDS[word] for word in reversed(words_of(name)) if word in _KINDS), None)


def numbers_named(name: str, where: str, values: NDArray[np.generic] | Sequence[float]) -> NamedNumbers | None:
    """Return the numbers of a statistic by its name, or None where the name or the values are none."""
    if kind_of(name) is None:
        return None
    array = np.asarray(values)
    if array.dtype.kind not in "fiu" or not 0 < array.size <= _LONGEST:
        return None
    plain = array.astype(np.float64).ravel()
    return NamedNumbers(name, where, tuple(plain.tolist())) if bool(np.isfinite(plain).all()) else None


def stored_statistics(found: Iterable[NamedNumbers], arrays: Sequence[ArraySummary]) -> tuple[StoredStatistics, ...]:
    """Pair means with deviations, and each pair with the array whose name they bear and whose features they count.

    Statistics that name no array belong to the only array of as many features; where several could be meant, to none.
    """
    groups: dict[frozenset[str], dict[Kind, NamedNumbers]] = {}
    for numbers in found:
        kind = kind_of(numbers.name)
        if kind is not None:
            groups.setdefault(_subject(numbers.name), {}).setdefault(kind, numbers)
    made = (_paired(words, parts, arrays) for words, parts in groups.items())
    return tuple(one for one in made if one is not None)


def _subject(name: str) -> frozenset[str]:
    return frozenset(word for word in words_of(name) if word not in _KINDS and word not in _FILLERS)


def _paired(
    words: frozenset[str], parts: Mapping[Kind, NamedNumbers], arrays: Sequence[ArraySummary]
) -> StoredStatistics | None:
    mean, spread = parts.get("mean"), parts.get("deviation") or parts.get("variance")
    if mean is None or spread is None:
        return None
    array = _meant(words, max(len(mean.values), len(spread.values)), arrays)
    if array is None:
        return None
    deviation = spread.values if "deviation" in parts else tuple(max(v, 0.0) ** 0.5 for v in spread.values)
    where = mean.where if mean.where == spread.where else f"{mean.where} and {spread.where}"
    sizes = {len(mean.values), len(deviation)} - {1}
    if len(sizes) > 1:
        return None
    return StoredStatistics(of=array.name, where=where, mean=mean.values, deviation=deviation)


def _meant(words: frozenset[str], size: int, arrays: Sequence[ArraySummary]) -> ArraySummary | None:
    fitting = [a for a in arrays if size in (1, len(a.features))]
    if words:
        fitting = [a for a in fitting if words & _subject_of_array(a.name)]
        exact = [a for a in fitting if _subject_of_array(a.name) == words]
        fitting = exact or fitting
    return fitting[0] if len(fitting) == 1 else None


def _subject_of_array(name: str) -> frozenset[str]:
    return frozenset(word for word in words_of(name) if word not in _FILLERS) or frozenset(words_of(name))
