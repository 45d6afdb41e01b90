"""How well causes are ranked: first place, first three places, Brier score, and whether probabilities come true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from benchmarks.accuracy.observing import Observed

from traindx.causes import NONE_OF_THESE

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Figures over some runs: ``brier`` is that of the first cause's probability against whether it is true, ``leading`` how many
    runs have a leading cause and ``led`` how often that is the true one."""

    runs: int
    first: float
    three: float
    brier: float
    leading: int
    led: float


def places(names: Sequence[str], likely: np.ndarray, truth: str) -> tuple[int, float, bool]:
    """Return the place of the true cause (0 is the first; "none of these" holds no place), the first cause's probability, and whether it leads."""
    causes = np.array([at for at, name in enumerate(names) if name != NONE_OF_THESE])
    order = causes[np.argsort(-likely[causes], kind="stable")]
    ranked = [names[at] for at in order]
    top, second = float(likely[order[0]]), float(likely[order[1]])
    return ranked.index(truth), top, top >= max(0.5, 2 * second)


def standing(names: Sequence[str], likely: np.ndarray, runs: Sequence[Observed]) -> Standing:
    """Return the figures over the faulty runs among ``runs``, which must hold one at least."""
    found = [places(names, row, run.cause) for row, run in zip(likely, runs, strict=True) if run.cause]
    place, top, leads = (np.array(column) for column in zip(*found, strict=True))
    return Standing(
        runs=len(found),
        first=float(np.mean(place == 0)),
        three=float(np.mean(place < 3)),
        brier=float(np.mean((top - (place == 0)) ** 2)),
        leading=int(leads.sum()),
        led=float(np.mean(place[leads] == 0)) if leads.any() else float("nan"),
    )


def reliability(names: Sequence[str], likely: np.ndarray, runs: Sequence[Observed]) -> list[tuple[float, float, int]]:
    """Return (mean probability, share true, number) of the first cause, in five bins of its probability; empty bins are left out."""
    found = [places(names, row, run.cause) for row, run in zip(likely, runs, strict=True) if run.cause]
    top, right = np.array([f[1] for f in found]), np.array([f[0] == 0 for f in found])
    which = np.clip(np.digitize(top, BINS) - 1, 0, len(BINS) - 2)
    return [
        (float(top[which == at].mean()), float(right[which == at].mean()), int((which == at).sum()))
        for at in range(len(BINS) - 1)
        if (which == at).any()
    ]


def by(
    names: Sequence[str], likely: np.ndarray, runs: Sequence[Observed], key: Callable[[Observed], str]
) -> Mapping[str, Standing]:
    """Return the figures of every group of faulty runs."""
    groups: dict[str, list[int]] = defaultdict(list)
    for at, run in enumerate(runs):
        if run.cause:
            groups[key(run)].append(at)
    return {
        name: standing(names, likely[inside], [runs[at] for at in inside]) for name, inside in sorted(groups.items())
    }


def told(names: Sequence[str], likely: np.ndarray, runs: Sequence[Observed]) -> str:
    """Return all figures as lines of text."""
    whole = standing(names, likely, runs)
    lines = [_line("all", whole), "probability of the first cause -> share true"]
    lines += [f"  {mean:.2f} -> {share:.2f} ({count})" for mean, share, count in reliability(names, likely, runs)]
    for key, of in (("program", lambda r: r.program), ("cause", lambda r: r.cause)):
        lines += [f"by {key}", *(_line(name, one) for name, one in by(names, likely, runs, of).items())]
    return "\n".join(lines)


def _line(name: str, one: Standing) -> str:
    return (
        f"  {name:34} {one.runs:4}  first {one.first:.3f}  of three {one.three:.3f}  Brier {one.brier:.3f}"
        f"  leads {one.leading} ({one.led:.2f} right)"
    )
