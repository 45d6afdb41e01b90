"""Which checkpoint to keep: the best by an objective that was measured on held-out data, its noise allowed for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from traindx.context import FACTS, MAIN_METRIC, METRICS, READINGS, VAL_LOSS, Case, Reading, resolve
from traindx.diagnosis import Choice, Finding, Severity
from traindx.errors import UsageError, unknown_name
from traindx.run import Checkpoint, Floats, Series
from traindx.signals import Best, best_of

# Nothing was learnt, so that no checkpoint is better than the first.
_WORTHLESS = frozenset({"at_chance"})
_WORDS_OF_TIES = 3
_NAMES_SHOWN = 6


@final
@dataclass(frozen=True, slots=True)
class Picked:
    """The checkpoint to keep, or why none can be named."""

    choice: Choice | None
    why: str = ""


def pick(case: Case, findings: Sequence[Finding] = (), objective: str | None = None) -> Picked:
    """Return the checkpoint to keep by ``objective``: the name of a series, or a quantity ("loss", "R@1", "mAP").

    Without one it is the main task metric where that is held out, else the validation loss. Raises ``UsageError`` for an
    objective that the run does not have.
    """
    reading = _objective(case, objective) if objective else _usual(case)
    if reading is None:
        return Picked(None, "nothing was measured on held-out data: the training loss cannot tell what generalises")
    hopeless = next((f for f in findings if f.severity is Severity.ERROR and f.condition in _WORTHLESS), None)
    if hopeless is not None:
        return Picked(None, f"no checkpoint is worth keeping: {hopeless.headline}")
    series = reading.series.finite()
    if not len(series):
        return Picked(None, f"{reading.name} has no finite value")
    return Picked(_chosen(case, reading, series))


def _usual(case: Case) -> Reading | None:
    main, loss = case.get(MAIN_METRIC), case.get(VAL_LOSS)
    if main is not None and main.held_out and main.role.direction is not None and len(main.series):
        return main
    return loss


def _objective(case: Case, wanted: str) -> Reading:
    readings = [r for r in case[READINGS] if len(r.series) and r.role.direction is not None]
    named = next((r for r in readings if wanted in (r.name, r.series.logged_as)), None)
    if named is not None:
        return named
    role = resolve(wanted)
    alike = [r for r in readings if r.role.kind == role.kind != "unknown" and role.k in (None, r.role.k)]
    alike = [r for r in alike if role.split in (None, r.role.split)]
    best = min(alike, key=lambda r: (not r.held_out, r.role.split != "val", r.role.component is not None), default=None)
    if best is None:
        names = [r.name for r in sorted(readings, key=lambda r: not r.held_out)]
        nearest = unknown_name("objective", wanted, names)
        raise UsageError(nearest.problem, hint=nearest.hint or f"this run has {', '.join(names[:_NAMES_SHOWN])}")
    return best


def _chosen(case: Case, reading: Reading, series: Series) -> Choice | None:
    on_disk = _on_disk(series, case.run.checkpoints)
    higher = reading.role.direction == "higher"
    best = best_of(series.values, higher_is_better=higher)
    saved = (
        best_of(series.values, higher_is_better=higher, allowed=on_disk >= 0) if bool((on_disk >= 0).any()) else None
    )
    kept = saved or best
    if kept is None or best is None:
        return None
    axis: Literal["step", "epoch"] = "step" if series.has_steps else "epoch"
    places = series.steps if series.has_steps or not bool(np.isfinite(series.epochs).any()) else series.epochs
    path = case.run.checkpoints[int(on_disk[kept.index])].path if saved else ""
    return Choice(
        objective=reading.name,
        direction="higher" if higher else "lower",
        axis=axis,
        at=float(places[kept.index]),
        value=float(series.values[kept.index]),
        corrected=kept.corrected if kept.noise == kept.noise else None,
        noise=kept.noise if kept.noise == kept.noise else None,
        tied=tuple(float(places[i]) for i in kept.tied if i != kept.index),
        path=path,
        text=_text(case, reading, series, kept, best, places, axis),
    )


def _on_disk(series: Series, checkpoints: Sequence[Checkpoint]) -> NDArray[np.intp]:
    """For each point the index of the checkpoint that was saved there, -1 where there is none."""
    found = np.full(len(series), -1, dtype=np.intp)
    for number, checkpoint in enumerate(checkpoints):
        for place, axis in ((checkpoint.step, series.steps), (checkpoint.epoch, series.epochs)):
            at = _nearest(axis, place)
            if at is not None:
                found[at] = number if found[at] < 0 else found[at]  # of several of one step the first is as good
                break
    return found


def _nearest(axis: Floats, place: float) -> int | None:
    """The point at ``place``, give or take half the distance between points; None where there is none."""
    if place != place or not bool(np.isfinite(axis).any()):
        return None
    distance = np.abs(axis - place)
    at = int(np.nanargmin(distance))
    gaps = np.abs(np.diff(axis[np.isfinite(axis)]))
    near = 0.5 * float(np.median(gaps)) if len(gaps) else 0.0
    return at if float(distance[at]) < max(near, 1e-9) else None


def _text(case: Case, reading: Reading, series: Series, kept: Best, best: Best, places: Floats, axis: str) -> str:
    value = float(series.values[kept.index])
    parts = [f"{reading.name} {value:.4g} at {axis} {places[kept.index]:g}"]
    if kept.noise == kept.noise:
        parts[0] += f" (one evaluation scatters by {kept.noise:.2g}, its level there is {kept.level:.4g})"
        parts += _ties(kept, places, axis)
    else:
        parts.append(f"{len(series)} evaluations are too few to tell their noise")
    if kept.index != best.index:
        parts.append(f"the best level was at {axis} {places[best.index]:g}, for which no checkpoint was found")
    if kept.noise == kept.noise and best.raw_index != kept.index:
        raw = float(series.values[best.raw_index])
        parts.append(
            f"the best single value, {raw:.4g} at {axis} {places[best.raw_index]:g}, flatters by about {best.luck:.2g}"
        )
    if reading.role.split == "test":
        parts.append("chosen on test data, so that the value is no test any more")
    samples = case[FACTS].get("num_val_samples")
    if (
        samples is not None
        and isinstance(samples.value, int)
        and 0 < value < 1
        and reading in (case.get(METRICS) or ())
    ):
        parts.append(
            f"on {samples.value} samples any share is ± {1.96 * (value * (1 - value) / samples.value) ** 0.5:.2g} (95 %)"
        )
    return "; ".join(parts)


def _ties(kept: Best, places: Floats, axis: str) -> list[str]:
    others = [i for i in kept.tied if i != kept.index]
    if not others:
        return ["no other evaluation is as good within noise"]
    shown = ", ".join(f"{places[i]:g}" for i in others[:_WORDS_OF_TIES]) + (
        " ..." if len(others) > _WORDS_OF_TIES else ""
    )
    said = [f"{len(others)} other{'s' if len(others) > 1 else ''} cannot be told from it ({axis} {shown})"]
    if kept.earliest < kept.index:
        said.append(f"the earliest within one standard error is {axis} {places[kept.earliest]:g}")
    return said
