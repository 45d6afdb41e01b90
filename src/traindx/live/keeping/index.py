"""What was kept and why, in a small file beside the checkpoints."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast, final

from traindx.live.keeping.writing import write_whole

# No reader of logs takes a file that is called an index for a log.
INDEX_FILE: Final = "bests.index.json"
_LARGEST: Final = 1 << 24
_MOST_KEPT_OF_A_SERIES: Final = 1_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One checkpoint that was kept: ``metric`` had ``value`` at ``step``. The last one is kept by no metric.

    ``noise`` is the standard deviation of one evaluation, NaN where unknown; ``tied_steps`` are the evaluations that cannot be
    told from the best.
    """

    name: str
    path: Path
    step: float
    metric: str = ""
    direction: str = ""
    value: float = math.nan
    noise: float = math.nan
    why: str = ""
    tied_steps: tuple[float, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Index:
    """All that is kept, by name; what ``is_best`` said yes to, by series; and the measurements both rest on."""

    kept: Mapping[str, Kept] = field(default_factory=dict[str, Kept])
    said: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])
    scores: Mapping[str, tuple[list[float], list[float]]] = field(
        default_factory=dict[str, tuple[list[float], list[float]]]
    )


def write_index(index: Index, home: Path) -> None:
    """Write the index whole or not at all. Raises ``OSError``."""
    told = {
        "schema_version": "1",
        "kept": {name: _document(one) for name, one in index.kept.items()},
        "is_best": {name: {"step": step, "value": _plain(value)} for name, (step, value) in index.said.items()},
        "measured": {
            name: {
                "steps": steps[-_MOST_KEPT_OF_A_SERIES:],
                "values": [_plain(v) for v in values[-_MOST_KEPT_OF_A_SERIES:]],
            }
            for name, (steps, values) in index.scores.items()
        },
    }
    write_whole(home / INDEX_FILE, json.dumps(told, indent=1, allow_nan=False).encode())


def read_index(home: Path) -> Index:
    """Return the index of an earlier process, without what is not there any more; an empty one where there is none.

    Raises ``ValueError`` for a file that is no index, ``OSError`` for one that cannot be read.
    """
    path = home / INDEX_FILE
    if not path.is_file():
        return Index()
    if path.stat().st_size > _LARGEST:
        raise ValueError("too large for an index")
    try:
        told = cast("dict[str, Any]", json.loads(path.read_bytes()))
        kept = {str(name): _kept(str(name), one, home) for name, one in told["kept"].items()}
        said = {str(n): (float(one["step"]), _number(one["value"])) for n, one in told["is_best"].items()}
        scores = {str(n): _columns(one) for n, one in told["measured"].items()}
    except (KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise ValueError(f"not an index: {problem}") from problem
    return Index({name: one for name, one in kept.items() if one.path.exists()}, said, scores)


def _document(one: Kept) -> dict[str, object]:
    return {
        "file": one.path.name,
        "step": one.step,
        "metric": one.metric,
        "direction": one.direction,
        "value": _plain(one.value),
        "noise": _plain(one.noise),
        "why": one.why,
        "tied_steps": list(one.tied_steps),
    }


def _kept(name: str, told: Mapping[str, Any], home: Path) -> Kept:
    file = str(told["file"])
    if Path(file).name != file or not file:
        raise ValueError("a kept checkpoint lies elsewhere")
    return Kept(
        name=name,
        path=home / file,
        step=float(told["step"]),
        metric=str(told["metric"]),
        direction=str(told["direction"]),
        value=_number(told["value"]),
        noise=_number(told["noise"]),
        why=str(told["why"]),
        tied_steps=tuple(float(step) for step in told["tied_steps"]),
    )


def _columns(told: Mapping[str, Any]) -> tuple[list[float], list[float]]:
    steps, values = [float(s) for s in told["steps"]], [_number(v) for v in told["values"]]
    if len(steps) != len(values):
        raise ValueError("steps and values are not as many")
    return steps, values


def _number(told: Any) -> float:
    return math.nan if told is None else float(told)


def _plain(value: float) -> float | None:
    """JSON knows no NaN and no infinity."""
    return value if math.isfinite(value) else None
