"""What speaks against data being of the kind that a normaliser was fitted on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.applying import Unknown
from traindx.dataset.normalizer.families import family_of
from traindx.dataset.normalizer.fitted import Fitted
from traindx.dataset.normalizer.groups import Groups, unknown_groups
from traindx.dataset.normalizer.sample import Sample, sampled
from traindx.dataset.normalizer.scaling import QUARTILE_RANGE
from traindx.errors import UsageError

Name = Literal["shape", "dtype", "names", "groups", "inactive", "already-normalised", "other-units", "constant-varies"]

FEW = 64
"""Below so many values of a group's feature nothing is said of their moments."""

WILD = 100.0
"""A mean squared distance to the fitted mean of a hundred variances, or a hundredth of one: ten times the spread, or a tenth."""

MANY, MOST = 3, 2 / 3
"""How many features, and what share of them, must be flat together before a small spread alone speaks."""

CHANCE = 1e-6
"""How often data of the kind that was fitted on, drawn independently, may be called another kind: once in a million features."""

_SHOWN = 3


@final
@dataclass(frozen=True, slots=True)
class Problem:
    """One reason to believe that the data are not what was fitted on; ``refuses`` tells it from a remark."""

    name: Name
    text: str
    refuses: bool = True


def refusal(problems: Sequence[Problem]) -> None:
    """Raise ``UsageError`` for the problems that refuse."""
    reasons = [problem.text for problem in problems if problem.refuses]
    if reasons:
        raise UsageError("; ".join(reasons), hint="verify=False applies the normaliser nevertheless")


def suspicions(
    fitted: Fitted, values: Any, *, group: object, mask: object, unknown: Unknown, names: tuple[str, ...]
) -> list[Problem]:
    """Return the problems of some data, the gravest kind first; of the values, up to 4,096 rows are looked at."""
    family = family_of(values)
    given = np.asarray(values) if family.name == "numpy" else values
    shape = tuple(int(n) for n in given.shape)
    try:
        fitted.layout.refuse(shape)
    except UsageError as error:
        return [Problem("shape", str(error))]
    found = [*_names(fitted, names), *_dtype(fitted, family.dtype_name(given))]
    if family.traced(given) or not shape or math.prod(shape) < FEW:
        return found
    try:
        sample = sampled(fitted, given, group=group, mask=mask)
    except UsageError as error:
        return [*found, Problem("groups", str(error))]
    if bool(sample.unknown.any()) and unknown == "refuse":
        return [*found, Problem("groups", str(unknown_groups(sample.unknown, Groups(fitted.labels))))]
    return [*found, *_values(fitted, sample)]


def _names(fitted: Fitted, names: tuple[str, ...]) -> Iterator[Problem]:
    if not names or not fitted.names or names == fitted.names:
        return
    if sorted(names) == sorted(fitted.names):
        yield Problem("names", f"the features are those fitted on in another order: {_some(names)}")
        return
    strange, absent = [n for n in names if n not in fitted.names], [n for n in fitted.names if n not in names]
    yield Problem("names", f"features named {_some(strange) or 'so'} instead of {_some(absent) or 'others'}")


def _dtype(fitted: Fitted, given: str) -> Iterator[Problem]:
    whole = "int" in given
    if whole and np.dtype(fitted.dtype).kind == "f":
        yield Problem("dtype", f"fitted on {fitted.dtype}, and given whole numbers ({given})")
    if not whole and np.dtype(fitted.dtype).kind != "f":
        yield Problem("dtype", f"fitted on {fitted.dtype}, and given {given}", refuses=False)


def _values(fitted: Fitted, sample: Sample) -> Iterator[Problem]:
    judged = (sample.moments.count >= FEW) & (fitted.moments.count[sample.rows] >= FEW)
    twice = list(_already(fitted, sample, judged & ~fitted.constant[sample.rows]))
    yield from twice or _other_units(fitted, sample, judged & ~fitted.constant[sample.rows])
    yield from _inactive(fitted, sample)
    yield from _no_longer_constant(fitted, sample)


def _already(fitted: Fitted, sample: Sample, judged: NDArray[np.bool_]) -> Iterator[Problem]:
    """Speak where the data lie at (0, 1), and the data fitted on lay elsewhere.

    Only features that can tell the two apart vote. Nine in ten of them must lie at (0, 1), within 5 standard errors (that of the logarithm of a deviation is
    sqrt((kurtosis - 1) / 4n)) and a tenth for what is no sampling error, and must not lie where the data fitted on lay.
    """
    center, scale = fitted.center[sample.rows], fitted.scale[sample.rows]
    place, spread = _place_and_spread(fitted, sample)
    count = np.maximum(sample.moments.count, 1)
    with np.errstate(all="ignore"):
        kurtosis = np.fmax(sample.moments.kurtosis, fitted.moments.rows(sample.rows).kurtosis)
        slack = 0.1 + 5 * np.sqrt(np.fmax(kurtosis - 1, 2) / (4 * count))
        telling = judged & (
            (np.abs(center) > 3 * np.maximum(scale, 1)) | (np.abs(np.log(scale)) > np.maximum(1, 3 * slack))
        )
        at_one = (np.abs(np.log(spread)) < slack) & (np.abs(place) < 0.1 + 5 / np.sqrt(count))
        elsewhere = (np.abs(np.log(spread / scale)) > slack) | (np.abs(place - center) > scale)
    votes, total = int(np.sum(telling & at_one & elsewhere)), int(np.sum(telling))
    if total and votes >= 0.9 * total:
        row, feature = _first(telling & at_one & elsewhere)
        yield Problem(
            "already-normalised",
            f"already normalised: {votes} of {total} features that can tell lie at 0 ± 1 "
            f"({fitted.called(feature)}: {place[row, feature]:.3g} ± {spread[row, feature]:.3g}), "
            f"and the data fitted on at {center[row, feature]:.3g} ± {scale[row, feature]:.3g}",
        )


def _place_and_spread(fitted: Fitted, sample: Sample) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if fitted.method == "standard":
        return sample.moments.mean, sample.moments.deviation
    low, middle, high = sample.quartiles
    return middle, (high - low) / QUARTILE_RANGE


def _other_units(fitted: Fitted, sample: Sample, judged: NDArray[np.bool_]) -> Iterator[Problem]:
    """Speak where the spread is wildly other than the fitted one, beyond what n values allow.

    Above: the mean squared distance to the fitted mean against Chebyshev's bound, with the fitted kurtosis. Below: the same against the one-sided
    Bernstein bound for positive numbers, exp(-n (1 - q)² / 2 kappa) (Maurer 2003); or the variance about the sample's own mean, for which
    kappa + 3 stands (squares of the differences of pairs), in two features of three: one alone may be flat in one stretch of a record.
    """
    now, then = sample.moments, fitted.moments.rows(sample.rows)
    with np.errstate(all="ignore"):
        own = now.variance / then.deviation**2
        ratio = own + (now.mean - then.mean) ** 2 / then.deviation**2
        above = (
            _far_by_quartiles(fitted, sample)
            & (ratio >= WILD)
            & ((then.kurtosis - 1) / (now.count * (ratio - 1) ** 2) <= CHANCE)
        )
        below = (now.variance > 0) & _too_small(ratio, now.count, then.kurtosis, CHANCE)
        flat = judged & (now.variance > 0) & _too_small(own, now.count, then.kurtosis + 3, CHANCE ** (1 / MANY))
    many = int(judged.sum()) >= MANY and int(flat.sum()) >= MOST * int(judged.sum())
    wild = (judged & (above | below)) | (flat & many)
    if bool(wild.any()):
        yield Problem("other-units", _wild(fitted, sample, wild, int(judged.sum())))


def _far_by_quartiles(fitted: Fitted, sample: Sample) -> NDArray[np.bool_]:
    """Return where median and quartiles have moved as far as moments must: of scales made of these, one far value alone is no other unit."""
    if fitted.method == "standard":
        return np.ones(sample.moments.count.shape, dtype=np.bool_)
    center, scale = fitted.center[sample.rows], fitted.scale[sample.rows]
    place, spread = _place_and_spread(fitted, sample)
    far: NDArray[np.bool_] = (spread**2 + (place - center) ** 2 >= WILD * scale**2) | (spread == 0)
    return far


def _too_small(
    ratio: NDArray[np.float64], count: NDArray[np.float64], kurtosis: NDArray[np.float64], chance: float
) -> NDArray[np.bool_]:
    return (ratio <= 1 / WILD) & (count * (1 - ratio) ** 2 / (2 * kurtosis) >= -math.log(chance))


def _wild(fitted: Fitted, sample: Sample, wild: NDArray[np.bool_], judged: int) -> str:
    now, then = sample.moments, fitted.moments.rows(sample.rows)
    row, feature = _first(wild)
    own = fitted.labels and sample.rows[row] < len(fitted.labels)
    group = f" of group {fitted.labels[sample.rows[row]]!r}" if own else ""
    return (
        f"other units? {int(wild.sum())} of {judged} features are wildly different: {fitted.called(feature)}{group} "
        f"lies at {now.mean[row, feature]:.3g} ± {now.deviation[row, feature]:.3g}, "
        f"and lay at {then.mean[row, feature]:.3g} ± {then.deviation[row, feature]:.3g}"
    )


def _inactive(fitted: Fitted, sample: Sample) -> Iterator[Problem]:
    """Speak of entries that are active now and never were: there is no scale for them."""
    then, now = fitted.moments.rows(sample.rows), sample.moments
    new = (then.count == 0) & (now.count > 0) & ((now.minimum != 0) | (now.maximum != 0))
    if bool(new.any()):
        _, feature = _first(new)
        yield Problem("inactive", f"{fitted.called(feature)} has values, and had none in the data fitted on")


def _no_longer_constant(fitted: Fitted, sample: Sample) -> Iterator[Problem]:
    then, now = fitted.moments.rows(sample.rows), sample.moments
    center = fitted.center[sample.rows]
    away = np.maximum(now.maximum - center, center - now.minimum)
    varies = (
        (then.count > 0)
        & fitted.constant[sample.rows]
        & (now.count > 0)
        & (away > 1e-3 * np.maximum(np.abs(center), 1e-3))
    )
    if bool(varies.any()):
        row, feature = _first(varies)
        text = f"{fitted.called(feature)} was constant ({center[row, feature]:.4g}) and varies by {away[row, feature]:.3g}, unscaled"
        yield Problem("constant-varies", text, refuses=False)


def _first(where: NDArray[np.bool_]) -> tuple[int, int]:
    row, feature = np.argwhere(where)[0]
    return int(row), int(feature)


def _some(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
