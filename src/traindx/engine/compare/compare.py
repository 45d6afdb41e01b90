"""One group of runs against another, quantity by quantity, at the last place that all of them reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from traindx.context import MAIN_METRIC, TRAIN_LOSS, VAL_LOSS, Reading
from traindx.diagnosis import Alignment, Changed, Comparison, Difference, Outcome
from traindx.engine.compare.member import Member, common_axis, places, quantity
from traindx.engine.compare.settings import attribution, changed_settings, seeds_of
from traindx.engine.compare.units import averaging_note, skill_of, why_not_comparable
from traindx.errors import UsageError
from traindx.run import Floats
from traindx.signals import Curve, Interval, mean_difference, parting, proportion_difference, summarise

_SHARES = frozenset(
    {"accuracy", "error_rate", "recall_at_k", "hit_rate", "exact_match", "success_rate", "token_accuracy", "pass_at_k"}
)
_FEWEST = 5
_LATE = 12
_Z95 = 1.96
# Skill that moved by less than this while the loss moved by more than _FOLD in ratio: the units changed.
_SAME_SKILL = 0.1
_FOLD = 3.0


@final
@dataclass(frozen=True, slots=True)
class Stretch:
    """The points of one series up to the place of comparison."""

    member: Member
    reading: Reading
    places: Floats
    values: Floats
    curve: Curve


def compare_groups(before: Sequence[Member], after: Sequence[Member], axis: Alignment | None = None) -> Comparison:
    """Return the comparison of two groups of one or more runs.

    Raises ``UsageError`` where they have no quantity in common, or none along the axis asked for.
    """
    along = axis or common_axis(before[0], after[0])
    shared = [key for key in before[0].by_quantity() if all(key in m.by_quantity() for m in (*before, *after))]
    pairs = [pair for key in shared if (pair := _stretches(before, after, key, along)) is not None]
    if not pairs:
        mine = ", ".join(r.name for r in before[0].readings[:6])
        theirs = ", ".join(r.name for r in after[0].readings[:6])
        raise UsageError(
            f"{before[0].name} and {after[0].name} have no series in common along the {along} axis",
            hint=f"one has {mine}; the other {theirs}; --role NAME=ROLE tells what a series means, --by changes the axis",
        )
    differences = tuple(_difference(one, other) for one, other in pairs)
    changed = changed_settings(before, after)
    head = _headline(before[0], [(quantity(one[0].reading), d) for (one, _), d in zip(pairs, differences, strict=True)])
    at = max(float(one[0].places[-1]) for one, _ in pairs)
    return Comparison(
        before=_name(before),
        after=_name(after),
        axis=along,
        at=at,
        verdict=_verdict(before, after, head, along, at),
        attribution=attribution(changed, seeds=min(len(before), len(after))),
        differences=differences,
        changed=changed,
        limits=tuple(_limits(before, after, along, changed)),
    )


def _name(group: Sequence[Member]) -> str:
    return group[0].name if len(group) == 1 else f"{group[0].name} and {len(group) - 1} more"


def _stretches(
    before: Sequence[Member], after: Sequence[Member], key: tuple[object, ...], axis: Alignment
) -> tuple[list[Stretch], list[Stretch]] | None:
    """The series of one quantity in all runs, each up to the last place that all of them reached."""
    axes: list[Floats] = []
    for member in (*before, *after):
        along = places(member, member.by_quantity()[key], axis)
        if along is None or not bool(np.isfinite(along).any()):
            return None
        axes.append(along)
    last = min(float(np.nanmax(along)) for along in axes)
    found = [_cut(m, m.by_quantity()[key], a, last) for m, a in zip((*before, *after), axes, strict=True)]
    kept = [one for one in found if one is not None]
    return (kept[: len(before)], kept[len(before) :]) if len(kept) == len(found) else None


def _cut(member: Member, reading: Reading, along: Floats, last: float) -> Stretch | None:
    which = np.isfinite(along) & np.isfinite(reading.series.values) & (along <= last)
    if not bool(which.any()):
        return None
    factor = 0.01 if _in_percent(reading) else 1.0
    values = reading.series.values[which] * factor
    order = np.argsort(along[which], kind="stable")
    curve = summarise(values[order], higher_is_better=reading.role.direction == "higher")
    return Stretch(member, reading, along[which][order], values[order], curve)


def _in_percent(reading: Reading) -> bool:
    """Whether a share is written in per cent, by its own unit or because it is beyond one."""
    if reading.role.kind not in _SHARES:
        return False
    return reading.role.unit == "percent" or float(np.nanmax(reading.series.values)) > 1.5


def _difference(before: Sequence[Stretch], after: Sequence[Stretch]) -> Difference:
    one, other = before[0], after[0]
    levels = [[s.curve.end.value for s in group] for group in (before, after)]
    interval, method = _interval(before, after)
    start, end = float(np.mean(levels[0])), float(np.mean(levels[1]))
    note = why_not_comparable(one.member, other.member, one.reading, other.reading)
    skills = [skill_of(s.member, s.reading, s.curve.end.value) for s in (one, other)]
    found = Difference(
        quantity=one.reading.name,
        before=start,
        after=end,
        difference=end - start,
        outcome="unclear",
        low=interval.low if interval and not note else None,
        high=interval.high if interval and not note else None,
        by=method if interval and not note else "",
        skill_before=skills[0],
        skill_after=skills[1],
        parts_at=None if note else parting(one.places, one.values, other.places, other.values),
        note=note or averaging_note(one.reading, other.reading),
    )
    return replace(found, outcome="not comparable" if note else _outcome(interval, one.reading.role.direction))


def _outcome(interval: Interval | None, direction: str | None) -> Outcome:
    if interval is None:
        return "unclear"
    if interval.tied:
        return "tied"
    return "better" if (interval.value > 0) == (direction == "higher") else "worse"


def _interval(before: Sequence[Stretch], after: Sequence[Stretch]) -> tuple[Interval | None, str]:
    """The interval of a difference, by the best method that the runs allow, and its name."""
    levels = [[s.curve.end.value for s in group] for group in (before, after)]
    if min(len(before), len(after)) > 1:
        seeds = [seeds_of(s.member for s in group) for group in (before, after)]
        paired = seeds[0] == seeds[1] and None not in seeds[0]
        how = "paired by seed" if paired else "Welch"
        return mean_difference(*levels, paired=paired), f"{how}, {len(before)} and {len(after)} runs"
    one, other = before[0], after[0]
    sizes = [_trials(s) for s in (one, other)]
    if one.reading.role.kind in _SHARES and sizes[0] and sizes[1]:
        found = proportion_difference(levels[0][0], levels[1][0], sizes[0], sizes[1])
        return (
            found,
            f"Wilson and Newcombe, {sizes[0]} and {sizes[1]} items; a paired test of the same items would be sharper",
        )
    if min(one.curve.count, other.curve.count) < _FEWEST:
        return None, ""
    error = float(np.hypot(_level_error(one), _level_error(other)))
    gap = levels[1][0] - levels[0][0]
    return Interval(gap, gap - _Z95 * error, gap + _Z95 * error), "noise within each run; seeds not included"


def _level_error(stretch: Stretch) -> float:
    """Standard error of the last level, from the last third alone: the first fall is no noise of the end."""
    late = stretch.values[-max(_LATE, len(stretch.values) // 3) :]
    return summarise(late).error / float(np.sqrt(2))


def _trials(stretch: Stretch) -> int:
    """How many items a held-out share was measured on; 0 where unknown."""
    if not stretch.reading.held_out:
        return 0
    known = stretch.member.number("queries") or stretch.member.number("num_val_samples")
    return int(known) if known and known >= 1 else 0


def _headline(first: Member, found: Sequence[tuple[tuple[object, ...], Difference]]) -> Difference:
    """The difference that people would decide by: the main metric, the validation loss, the training loss."""
    wanted = [r for key in (MAIN_METRIC, VAL_LOSS, TRAIN_LOSS) if (r := first.case.get(key)) is not None]
    ordered = [d for reading in wanted for key, d in found if key == quantity(reading)]
    held_out = [d for d in ordered if d.outcome != "not comparable"]
    return next(iter(held_out or ordered or [d for _, d in found]))


def _verdict(before: Sequence[Member], after: Sequence[Member], head: Difference, axis: Alignment, at: float) -> str:
    broken = [m for m in (*before, *after) if m.verdict.state == "failing"]
    failing = "".join(f"{m.name} is failing ({m.verdict.summary}). " for m in broken[:2])
    names = f"{_name(after)} against {_name(before)}"
    units = _units_changed(head)
    if units:
        return f"{failing}{names}: {units}"
    if head.outcome == "not comparable":
        return f"{failing}{names}: {head.quantity} is not comparable as it stands ({head.note}){_skills(head)}"
    spread = "" if head.low is None or head.high is None else f", 95 % {head.low:+.3g} to {head.high:+.3g}"
    word = {
        "better": "is better",
        "worse": "is worse",
        "tied": "cannot be told from it",
        "unclear": "differs, by too few points to tell noise",
    }
    numbers = f"{head.quantity} {head.after:.4g} against {head.before:.4g} ({head.difference:+.3g}{spread})"
    return f"{failing}{names} {word[head.outcome]}: {numbers} at {axis} {at:g}{_skills(head)}"


def _skills(head: Difference) -> str:
    if head.skill_before is None or head.skill_after is None:
        return ""
    return f"; skill {head.skill_after:.2f} against {head.skill_before:.2f} (0 is a constant answer, 1 the floor)"


def _units_changed(head: Difference) -> str:
    """What to say where the raw loss moved by a large factor and its skill did not."""
    one, other = head.skill_before, head.skill_after
    if one is None or other is None or not (head.before > 0 and head.after > 0):
        return ""
    fold = max(head.before / head.after, head.after / head.before)
    if not fold > _FOLD or abs(other - one) >= _SAME_SKILL:
        return ""
    return (
        f"{head.quantity} changed {fold:.3g}-fold ({head.before:.4g} to {head.after:.4g}), its skill did not ({one:.2f} to {other:.2f}, "
        "where 0 is a constant answer and 1 the floor): the units changed, not what was learnt"
    )


def _limits(
    before: Sequence[Member], after: Sequence[Member], axis: Alignment, changed: Sequence[Changed]
) -> list[str]:
    found: list[str] = []
    if min(len(before), len(after)) < 2:
        found.append(
            "one run of each: intervals hold the noise within a run, not that between seeds; give several by --against"
        )
    if axis == "step" and any(
        c.name in ("batch_size", "batch_size_global", "grad_accum", "world_size") for c in changed
    ):
        found.append(
            "aligned by step although a step is not equally many samples in both; --by samples aligns by those"
        )
    return found
