"""One run on its way into a comparison: its case, its verdict, and its series along a common axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.context import FACTS, READINGS, Case, FactValue, Reading, build_case
from traindx.diagnosis import Alignment, Verdict
from traindx.engine.examine import examine
from traindx.engine.judge import judge
from traindx.rules import Rule
from traindx.run import Floats, Run


@final
@dataclass(frozen=True, slots=True)
class Member:
    """A run that is compared: its name, its case, and its verdict."""

    name: str
    case: Case
    verdict: Verdict

    def fact(self, key: str) -> FactValue | None:
        """Return the value of a fact, or None."""
        found = self.case[FACTS].get(key)
        return found.value if found is not None else None

    def number(self, key: str) -> float | None:
        """Return the value of a fact that is a number, or None."""
        value = self.fact(key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    @property
    def batch(self) -> float | None:
        """Items in one update: as told, or batch x devices x accumulation; None where the batch is not known."""
        told, own = self.number("batch_size_global"), self.number("batch_size")
        if told or not own:
            return told
        return own * (self.number("world_size") or 1.0) * (self.number("grad_accum") or 1.0)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Every series with a finite point."""
        return tuple(r for r in self.case[READINGS] if r.curve is not None)

    def by_quantity(self) -> Mapping[tuple[object, ...], Reading]:
        """Return loss and metric series by what they measure; the first of several that measure the same."""
        found: dict[tuple[object, ...], Reading] = {}
        for reading in self.readings:
            if reading.role.direction is not None and reading.role.statistic not in ("min", "max", "std", "best"):
                found.setdefault(quantity(reading), reading)
        return found


def member_of(case: Case, rules: Sequence[Rule]) -> Member:
    """Return the member that a case makes, judged by ``rules``."""
    with np.errstate(all="ignore"):
        return Member(case.run.name, case, judge(case, examine(case, rules)))


def judged_member(
    run: Run, rules: Sequence[Rule], *, facts: Mapping[str, FactValue | str] | None, roles: Mapping[str, str] | None
) -> Member:
    """Return the member that a run makes, with what is told of it."""
    with np.errstate(all="ignore"):
        return member_of(build_case(run, given=facts, roles=roles), rules)


def quantity(reading: Reading) -> tuple[object, ...]:
    """Return what a series measures, whatever the program called it; unknown kinds go by their name."""
    role = reading.role
    kind = role.kind if role.kind != "unknown" else reading.series.logged_as
    return (kind, role.split or "train", role.component, role.k, role.part)


def places(member: Member, reading: Reading, axis: Alignment) -> Floats | None:
    """Return where the points of a series stand on an axis; None where the run does not tell."""
    series = reading.series
    if axis == "epoch":
        return series.epochs if bool(np.isfinite(series.epochs).any()) else None
    if axis == "time":
        times = series.wall_times
        known = times[np.isfinite(times)]
        return np.asarray(times - known.min(), dtype=np.float64) if len(known) else None
    if not series.has_steps:
        return None
    if axis == "samples":
        batch = member.batch
        return np.asarray(series.steps * batch, dtype=np.float64) if batch else None
    return _tokens(member, series.steps) if axis == "tokens" else series.steps


def _tokens(member: Member, steps: Floats) -> Floats | None:
    """Tokens seen at each step, interpolated from the series that counts them."""
    counted = next((r for r in member.readings if r.role.kind == "num_tokens_seen" and r.series.has_steps), None)
    if counted is None:
        return None
    known = counted.series.finite()
    order = np.argsort(known.steps, kind="stable")
    if len(known) < 2 or not bool((np.diff(known.values[order]) >= 0).all()):
        return None
    return np.interp(steps, known.steps[order], known.values[order])


def common_axis(one: Member, other: Member) -> Alignment:
    """Return the axis to align two runs by: tokens, samples where batches differ, else steps, epochs, time."""
    batches = [one.batch, other.batch]
    differ = None not in batches and batches[0] != batches[1]
    order: tuple[Alignment, ...] = ("tokens", "samples") if differ else ("tokens",)
    for axis in (*order, "step", "epoch", "time"):
        if all(any(places(m, r, axis) is not None for r in m.by_quantity().values()) for m in (one, other)):
            return axis
    return "step"
