"""Gradients at the start and after a few steps; parameters that they never reach are nudged to see whether they matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from traindx.probe.bench import Bench
from traindx.probe.measured import Flow, Silent, TermSlopes
from traindx.probe.subject import Slope, Subject

# Zero at the very first step proves nothing: behind a layer that starts at zero everything waits for one step.
_STEPS: Final = 4
_RATE: Final = 1e-3
_NUDGE: Final = 0.25  # of a parameter's size: plain in float32, and within what a model bears
_GROUPS: Final = 16  # layers that are nudged; each costs one forward pass
_LARGEST: Final = 2**22  # rows of larger matrices are not compared


def measure_flow(bench: Bench) -> Flow:
    """Differentiate, step a few times, differentiate again."""
    subject = bench.subject
    parameters = subject.parameters()
    before = _equal_rows(subject)
    _, first = subject.slopes(subject.batch, seed=bench.seed)
    subject.descend([subject.batch] * _STEPS, rate=_RATE, until=bench.part(0.5), seed=bench.seed)
    _, later = subject.slopes(subject.batch, seed=bench.seed)
    silent = _silent(bench, first, later)
    return Flow(
        first=first,
        later=later,
        silent=silent,
        parameters=parameters,
        equal_rows=tuple(name for name in before if name in set(_equal_rows(subject))),
        steps=_STEPS,
    )


def _equal_rows(subject: Subject) -> tuple[str, ...]:
    """Trainable matrices whose rows, one for each unit, are all the same."""
    found: list[str] = []
    for parameter in subject.parameters():
        if parameter.trainable and len(parameter.shape) > 1 and parameter.shape[0] > 1 and parameter.size <= _LARGEST:
            rows = subject.weights(parameter.name).reshape(parameter.shape[0], -1)
            if rows.shape[1] and bool((rows[1] == rows[0]).all()) and bool((rows == rows[0]).all()):
                found.append(parameter.name)
    return tuple(found)


def _silent(bench: Bench, first: Sequence[Slope], later: Sequence[Slope]) -> tuple[Silent, ...]:
    """Group the parameters without gradient by layer, and measure what the loss does when each group is nudged."""
    subject = bench.subject
    quiet = {slope.name for slope in first if not slope.norm} & {slope.name for slope in later if not slope.norm}
    total = sum(slope.size for slope in first) or 1
    sizes = {slope.name: slope.size for slope in first}
    groups: dict[str, list[str]] = defaultdict(list)
    for slope in first:
        if slope.name in quiet:
            groups[slope.name.rpartition(".")[0] or slope.name].append(slope.name)
    largest = sorted(groups.items(), key=lambda group: -sum(sizes[name] for name in group[1]))[:_GROUPS]
    found: list[Silent] = []
    for layer, names in largest:
        subject.restore()
        before = subject.compute(subject.batch, seed=bench.seed).total
        subject.nudge(names, _NUDGE, bench.seed)
        after = subject.compute(subject.batch, seed=bench.seed).total
        moved = abs(after - before) if np.isfinite(after) else float("inf")
        found.append(Silent(layer=layer, names=tuple(names), share=sum(sizes[n] for n in names) / total, moved=moved))
    return tuple(found)


def measure_terms(bench: Bench) -> TermSlopes:
    """Differentiate each term by itself, where there are several."""
    start = bench.measured.start
    terms = start.computed.terms if start is not None and start.computed is not None else ()
    if len(terms) < 2:
        return TermSlopes(norms=())
    norms: list[tuple[str, float]] = []
    for term in terms:
        _, slopes = bench.subject.slopes(bench.subject.batch, seed=bench.seed, term=term.name)
        norms.append((term.name, float(np.sqrt(sum((slope.norm or 0.0) ** 2 for slope in slopes)))))
    return TermSlopes(norms=tuple(norms))
