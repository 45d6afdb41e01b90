"""What is true of a run: does its fault bite, does it show, and which conditions hold. Measured against its healthy twin.

Nothing of traindx is used here: labels that the judged tool had a part in would prove nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from benchmarks.accuracy.faults import FAULTS
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.record import Record, Values

BITES_BELOW = 0.9  # of the twin's gain over a constant prediction
SHOWS = 0.2  # of the twin's way from guessing to its end: a difference that a reader of both curves would see
WELL = 0.4  # a healthy kind that gains less than this share of the plain run is not called healthy
UNSURE = ("plateau", "undertrained", "oscillating", "spikes")  # matters of taste on any run
FAILING = frozenset({"nan", "diverged", "collapsed", "at_chance"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The label of a run. ``open`` are conditions on which two careful readers may differ: they are not scored."""

    verdict: Literal["failing", "attention", "healthy", "open"]
    bites: bool
    silent: bool
    conditions: tuple[str, ...] = ()
    open: tuple[str, ...] = UNSURE


def label(plan: Plan, record: Record, twin: Record) -> Truth:
    """Return the truth of a run, given the record of its healthy twin."""
    measured, open_ = conditions(record, twin)
    if not plan.fault:
        return _healthy(record, twin, measured, open_)
    fault = FAULTS[plan.fault]
    if (fault.other_loss or plan.fault == "stopped-early") and measured != ("nan",):
        # The logged loss is not the twin's quantity, or has not had its time: no level can be compared.
        measured, open_ = (), (*open_, *sorted((FAILING | {"overfit"}) - {"nan"}))
    bites = not record.gained >= BITES_BELOW * twin.gained
    shows = fault.in_log or bool(measured) or differs(record, twin)
    held = tuple(dict.fromkeys([*measured, *(fault.conditions if shows else ())]))
    open_ = tuple(dict.fromkeys(one for one in open_ if one not in held))
    if not shows:
        return Truth(verdict="healthy", bites=bites, silent=True, open=open_)
    failing = bool(FAILING & set(held)) or (bites and shows and _never_beats_guessing(record, twin))
    verdict: Literal["failing", "attention"] = "failing" if failing else "attention"
    return Truth(verdict=verdict, bites=bites or fault.in_log, silent=not shows, conditions=held, open=open_)


def _never_beats_guessing(record: Record, twin: Record) -> bool:
    """Whether the model is worth nothing, and validation says so."""
    return record.gained < 0.1 * twin.gained and "at_chance" in _overfits(record, twin)[1]


def _healthy(record: Record, twin: Record, measured: Sequence[str], open_: tuple[str, ...]) -> Truth:
    sure = not measured and set(open_) <= set(UNSURE)
    well = record.gained >= WELL * twin.gained and sure
    return Truth(
        verdict="healthy" if well else "open", bites=False, silent=False, conditions=tuple(measured), open=open_
    )


def differs(record: Record, twin: Record) -> bool:
    """Whether the curves themselves look other than the twin's: where they begin, or where they end."""
    for name in dict.fromkeys(
        ("train/loss", "val/loss", "val/accuracy", "val/recall@1", "val/r2", "reward", *twin.guesses)
    ):
        mine, other = record.series.get(name), twin.series.get(name)
        if mine is None or other is None or not len(mine) or not len(other):
            continue
        way = abs(twin.guesses.get(name, _start(other)) - _end(other))
        if not max(abs(_end(mine) - _end(other)), 0.5 * abs(_start(mine) - _start(other))) <= SHOWS * way:
            return True
    return False


def conditions(record: Record, twin: Record) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the conditions that the numbers make true, and those that stay open."""
    unsure = list(UNSURE)
    logged = {name: v for name, v in record.series.items() if name.split("/")[0] in {"train", "val"}}
    broken = [name for name, values in logged.items() if not np.isfinite(values).all()]
    if all("perplexity" in name for name in broken):  # the exponential of a large loss is infinite, the loss is not
        unsure += ["nan"] if broken else []
    else:
        return ("nan",), (*unsure, "diverged", "collapsed", "at_chance", "overfit")
    train = record.series.get("train/loss")
    if train is None or len(train) < 3 or "train/loss" not in twin.guesses:
        return (), tuple(unsure)
    found, doubtful = _course(train, record, twin)
    late, doubtful_late = _overfits(record, twin)
    if not {"diverged", "collapsed"} & set(found):
        found, doubtful = [*found, *late], [*doubtful, *doubtful_late]
    else:
        doubtful = [*doubtful, "overfit"]
    return tuple(found), (*unsure, *doubtful)


def _course(train: Values, record: Record, twin: Record) -> tuple[list[str], list[str]]:
    """Diverged, collapsed or at chance, from block medians of the training loss."""
    guess = record.guesses.get("train/loss", twin.guesses["train/loss"])
    way = max(abs(twin.guesses["train/loss"] - _end(twin.series["train/loss"])), 1e-9)
    blocks = _blocks(train)
    noise = 1.5 * float(np.median(np.abs(np.diff(blocks)))) if len(blocks) > 2 else 0.0
    best, end = float(blocks.min()), float(np.median(blocks[-3:]) if len(blocks) > 8 else blocks[-1])
    rose, learnt = end - best, guess - best
    if end > max(guess, float(blocks[0])) + 0.3 * way + 2 * noise and rose > 4 * noise:
        return ["diverged"], ["collapsed", "at_chance"]
    if guess - end < max(0.05 * way, min(2 * noise, 0.2 * way)):
        if learnt > max(0.3 * way, 4 * noise):
            return ["collapsed"], ["diverged", "at_chance"]
        if end > guess + 0.05 * way and float(blocks[0]) - end > 0.15 * way:
            return [], ["at_chance", "collapsed", "diverged"]  # began far above guessing, and is still on its way down
        return ["at_chance"], ["collapsed", "diverged"]
    if rose > 0.3 * learnt and rose > max(0.1 * way, 4 * noise):
        return ["diverged"], ["collapsed", "at_chance"]
    doubtful = ["at_chance"] if guess - end < 0.15 * way else []
    return [], [*doubtful, *(["diverged", "collapsed"] if rose > max(0.1 * learnt, 2 * noise) else [])]


def _overfits(record: Record, twin: Record) -> tuple[list[str], list[str]]:
    """Validation past its best and worsening, while training does not worsen."""
    held, guess = record.series.get("val/loss"), record.guesses.get("val/loss")
    if held is None or guess is None or len(held) < 5:
        return [], []
    best = int(held.argmin())
    way = (
        abs(twin.guesses.get("val/loss", guess) - float(twin.series["val/loss"].min()))
        if "val/loss" in twin.series
        else 0.0
    )
    if guess - float(held[best]) < 0.07 * way:
        return [], ["overfit", "at_chance"]  # never better than guessing where it counts: a matter of words
    worse = float(np.median(held[-3:]) - held[best])
    scale = max(abs(guess - float(held[best])), 0.1 * abs(guess), 1e-9)
    wobble = float(np.median(np.abs(np.diff(held[best:])))) if best < len(held) - 4 else np.inf
    if worse > 0.15 * scale and worse > 2 * wobble:
        return ([], ["overfit"]) if _training_worsens(record, best / len(held), scale) else (["overfit"], [])
    arguable = worse > 0.04 * scale or (worse > 0.1 * abs(float(held[best])) and worse > 2 * wobble)
    return [], ["overfit"] if arguable else []


def _training_worsens(record: Record, since: float, scale: float) -> bool:
    """Whether the training loss ends above where it stood when validation was best: then the run is getting lost as a whole."""
    train = record.series["train/loss"]
    place = round(since * len(train))
    then = float(np.median(train[place : place + max(1, len(train) // 10)]))
    return _end(train) > then + 0.05 * scale


def _blocks(values: Values) -> Values:
    return np.array([np.median(part) for part in np.array_split(values, min(20, len(values)))])


def _start(values: Values) -> float:
    return float(np.median(values[: max(1, len(values) // 20)]))


def _end(values: Values) -> float:
    return float(np.median(values[-max(1, len(values) // 10) :]))
