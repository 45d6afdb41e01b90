"""Every loss that some outputs and targets could give, with its reduction and the best that a constant answer could do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, final

import numpy as np

from traindx.baselines import label_smoothing_floor
from traindx.probe.batch import Array

_SMOOTHINGS: Final = (0.1, 0.05, 0.2)  # the values in use
_LARGEST_PAIRS: Final = 4096  # a broadcast of more samples than this is not worked out
_THOROUGH: Final = (
    2**20
)  # more outputs than this are held against a plain cross-entropy only: the other ways would take seconds
_ROWS: Final = 64  # of the outputs, for the spread of logits
_FEW: Final = 8  # fewer numbers may lie between 0 and 1 by luck


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One loss that could be meant. ``flaw`` names what is wrong with it, "" where nothing is."""

    family: str
    how: str
    reduction: str
    value: float
    flaw: str = ""
    floor: float = 0.0
    trivial: float | None = None
    trivial_formula: str = ""
    chance: float | None = None
    chance_formula: str = ""
    classes: int | None = None
    shift: int | None = None
    spread: float | None = None


def of_classes(name: str, z: Array, y: Array, masks: Sequence[Array]) -> Iterator[Candidate]:
    """Yield the cross-entropies of class labels under logits, whose classes are on the last or the second axis."""
    if y.ndim == z.ndim and y.shape[-1] == 1 and y.shape[:-1] == z.shape[:-1]:
        y = y[..., 0]
    if z.ndim == y.ndim + 1 and z.shape[:1] + z.shape[2:] == y.shape and z.shape[1] > 1 and z.shape[:-1] != y.shape:
        z = np.moveaxis(z, 1, -1)
    if z.shape[:-1] != y.shape or z.shape[-1] < 2 or not y.size:
        return
    spread = float(z[:_ROWS].std(axis=-1).mean())
    for kind, flaw, logp in _log_probabilities(z):
        for shift in (0, 1, 2) if y.ndim == 2 and y.shape[1] > 3 else (0,):
            part, labels = (logp[:, : y.shape[1] - shift], y[:, shift:]) if shift else (logp, y)
            kept = [mask[:, shift:] if shift else mask for mask in masks if mask.shape == y.shape and not mask.all()]
            about = _About(name=name, kind=kind, flaw=flaw, shift=shift if y.ndim == 2 else None, spread=spread)
            yield from _averaged(about, part, labels, kept)


class _About(NamedTuple):
    """What is the same of all averages of one way to make log-probabilities."""

    name: str
    kind: str
    flaw: str
    shift: int | None
    spread: float


def _averaged(about: _About, logp: Array, y: Array, masks: Sequence[Array]) -> Iterator[Candidate]:
    classes = logp.shape[-1]
    chosen = (y >= 0) & (y < classes)
    own = np.take_along_axis(logp, np.where(chosen, y, 0)[..., None], axis=-1)[..., 0]
    for pick in (chosen, *(chosen & mask for mask in masks)):
        nll = -own[pick]
        if not nll.size:
            continue
        prior, formula = _prior(y[pick])
        for how, reduction, value, factor in _reductions(nll, len(y)):
            yield Candidate(
                family="cross_entropy",
                how=f"{about.kind}cross-entropy of {about.name}, {how}",
                reduction=reduction,
                value=value,
                flaw=about.flaw,
                trivial=factor * prior,
                trivial_formula=formula + _times(factor),
                chance=factor * math.log(classes),
                chance_formula=f"ln {classes:,}" + _times(factor),
                classes=classes,
                shift=about.shift,
                spread=about.spread,
            )
        if not about.flaw and logp.size <= _THOROUGH:
            yield from _smoothed(about, logp[pick], nll, y[pick])


def _times(factor: float) -> str:
    return "" if factor == 1.0 else f" × {factor:g}"


def _log_probabilities(z: Array) -> Iterator[tuple[str, str, Array]]:
    """Yield log-probabilities of the classes, as the loss may have made them, with what is wrong with each way."""
    plain = z - _lse(z, -1)
    chances = bool((z >= 0).all()) and bool(np.allclose(z.sum(-1), 1.0, atol=1e-4))
    over_batch = z.ndim == 2 and bool((z >= 0).all()) and bool(np.allclose(z.sum(0), 1.0, atol=1e-4)) and not chances
    yield "", "softmax twice" if chances else "softmax over the batch" if over_batch else "", plain
    if z.size > _THOROUGH:
        return
    if (z >= 0).all():
        flaw = "softmax over the batch" if over_batch else "" if chances else "not probabilities"
        for tiny in (0.0, 1e-8, 1e-7, 1e-10, 1e-12):
            with np.errstate(divide="ignore"):
                yield "negative logarithm, ", flaw, np.log(z + tiny)
    softmax = np.exp(plain)
    yield "softmax twice, ", "softmax twice", softmax - _lse(softmax, -1)
    where = " at the labels instead of the "
    yield f"minus the {'probability' if chances else 'softmax'}{where}", "no logarithm", z if chances else softmax
    if z.ndim == 2 and z.shape[0] > 1:
        across = z - _lse(z, 0)
        yield "softmax over the batch, ", "softmax over the batch", across
        spread = np.exp(across)
        yield "softmax over the batch, then cross-entropy, ", "softmax over the batch", spread - _lse(spread, -1)
    if not chances:
        yield f"minus the logit{where}", "no logarithm", z


def _lse(z: Array, axis: int) -> Array:
    top = z.max(axis=axis, keepdims=True)
    total: Array = top + np.log(np.exp(z - top).sum(axis=axis, keepdims=True))
    return total


def _prior(y: Array) -> tuple[float, str]:
    """The entropy of the labels of the batch: what knowing how often each occurs costs."""
    counts = np.unique(y, return_counts=True)[1].astype(np.float64)
    shares = counts / counts.sum()
    return float(-(shares * np.log(shares)).sum()), "entropy of the batch's labels"


def _reductions(nll: Array, samples: int) -> Iterator[tuple[str, str, float, float]]:
    """Yield how, reduction, value, and by which factor it is the mean."""
    mean, count = float(nll.mean()), nll.size
    yield "averaged", "mean", mean, 1.0
    if count != samples:
        yield "summed over each sample", "sum per sample", mean * count / samples, count / samples
    if count > 1:
        yield "summed", "sum", mean * count, float(count)
    if samples > 1:
        yield "averaged, and divided by the batch again", "divided twice", mean / samples, 1.0 / samples


def _smoothed(about: _About, logp: Array, nll: Array, y: Array) -> Iterator[Candidate]:
    """Label smoothing: the best constant is the smoothed prior, and the floor is above 0."""
    classes, uniform = logp.shape[-1], float(-logp.mean())
    shares = np.bincount(y, minlength=classes)[:classes] / y.size
    for eps in _SMOOTHINGS:
        best = (1 - eps) * shares + eps / classes
        yield Candidate(
            family="cross_entropy",
            how=f"cross-entropy of {about.name} with label smoothing {eps:g}, averaged",
            reduction="mean",
            value=(1 - eps) * float(nll.mean()) + eps * uniform,
            floor=label_smoothing_floor(classes, eps).value,
            trivial=float(-(best * np.log(best)).sum()),
            trivial_formula="entropy of the batch's smoothed labels",
            chance=math.log(classes),
            chance_formula=f"ln {classes:,}",
            classes=classes,
            shift=about.shift,
        )


def of_numbers(name: str, z: Array, t: Array, path: str) -> Iterator[Candidate]:
    """Yield the errors of numbers, and the binary cross-entropies of targets between 0 and 1; also where shapes were broadcast."""
    if z.size == t.size and (z.shape == t.shape or z.shape[:1] == t.shape[:1]):
        yield from _elementwise(name, z.reshape(len(z), -1), t.reshape(len(z), -1), path, "")
    if z.ndim == 2 and z.shape[1] == 1 and t.ndim == 1 and 1 < len(t) == len(z) <= _LARGEST_PAIRS:
        wide = np.broadcast_to(z, (len(z), len(t)))
        yield from _elementwise(name, wide, np.broadcast_to(t[None], wide.shape), path, "broadcast")
    if t.ndim == 2 and t.shape[1] == 1 and z.ndim == 1 and 1 < len(t) == len(z) <= _LARGEST_PAIRS:
        wide = np.broadcast_to(z[None], (len(z), len(t)))
        yield from _elementwise(name, wide, np.broadcast_to(t, wide.shape), path, "broadcast")


def _elementwise(name: str, z: Array, t: Array, path: str, flaw: str) -> Iterator[Candidate]:
    where = f"of {name} against {path}"
    distance = np.abs(z - t)
    errors = (
        ("mse", "squared error", distance**2, float(t.var(axis=0).mean()), "variance of the targets"),
        ("l1", "absolute error", distance, float(np.abs(t - np.median(t, axis=0)).mean()), "mean distance from the median"),
        ("smooth_l1", "smooth L1", np.where(distance < 1, 0.5 * distance**2, distance - 0.5), None, ""),
    )  # fmt: skip
    for family, words, each, trivial, formula in errors:
        yield from _reduced(family, f"{words} {where}", each, trivial, formula, flaw)
        if family == "mse":
            half = None if trivial is None else trivial / 2
            yield from _reduced(family, f"half the {words} {where}", each / 2, half, f"half the {formula}", flaw)
    if (t >= 0).all() and (t <= 1).all():
        yield from _binary(where, z, t, flaw)


def _binary(where: str, z: Array, t: Array, flaw: str) -> Iterator[Candidate]:
    p = t.mean(axis=0).clip(1e-12, 1 - 1e-12)
    trivial = float(-(p * np.log(p) + (1 - p) * np.log(1 - p)).mean())
    inside = z.size >= _FEW and bool((z >= 0).all()) and bool((z <= 1).all())
    formula = "entropy of the batch's labels"
    twice = flaw or ("sigmoid twice" if inside else "")
    yield from _reduced("bce", f"binary cross-entropy {where}", _bce(z, t), trivial, formula, twice)
    if inside:
        q = z.clip(1e-38, 1 - 1e-16)
        each = -(t * np.maximum(np.log(q), -100) + (1 - t) * np.maximum(np.log1p(-q), -100))
        yield from _reduced("bce", f"binary cross-entropy of probabilities {where}", each, trivial, formula, flaw)
    else:
        again = _bce(1 / (1 + np.exp(-z.clip(-500, 500))), t)
        yield from _reduced("bce", f"sigmoid twice {where}", again, trivial, formula, flaw or "sigmoid twice")


def _bce(z: Array, t: Array) -> Array:
    each: Array = np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))
    return each


def _reduced(family: str, how: str, each: Array, trivial: float | None, formula: str, flaw: str) -> Iterator[Candidate]:
    for words, reduction, value, factor in _reductions(each.ravel(), len(each)):
        yield Candidate(
            family=family,
            how=f"{how}, {words}",
            reduction=reduction,
            value=value,
            flaw=flaw,
            trivial=None if trivial is None else trivial * factor,
            trivial_formula=formula + _times(factor),
            chance=math.log(2) * factor if family == "bce" else None,
            chance_formula="ln 2" + _times(factor) if family == "bce" else "",
        )


def of_pairs(name: str, z: Array) -> Iterator[Candidate]:
    """Yield the contrastive losses of a square of scores whose diagonal holds the right pairs."""
    if z.ndim != 2 or z.shape[0] != z.shape[1] or z.shape[0] < 2:
        return
    n = len(z)
    rows, columns = (float(-np.diagonal(z - _lse(z, axis)).mean()) for axis in (-1, 0))
    for how, value in (("rows", rows), ("columns", columns), ("both ways", (rows + columns) / 2)):
        yield Candidate(
            family="info_nce",
            how=f"cross-entropy of the pairs in {name}, {how}",
            reduction="mean",
            value=value,
            chance=math.log(n),
            chance_formula=f"ln {n:,}",
            classes=n,
        )
