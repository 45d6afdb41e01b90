"""A run in full precision, as the generator keeps it: what labels are measured on, never what a judge sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
import numpy.typing as npt
from benchmarks.accuracy.recorder import Recorder, Setting

Values = npt.NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The series by canonical name, the true outcome, and the log's path below the output folder."""

    path: str
    series: Mapping[str, Values]
    steps: Mapping[str, Values]
    value: float
    trivial: float
    higher: bool
    guesses: Mapping[str, float]
    facts: Mapping[str, Setting]
    settings: Mapping[str, Setting]

    @property
    def gained(self) -> float:
        """How much better than a constant prediction the model truly is, in the unit of its outcome."""
        return (self.value - self.trivial) * (1 if self.higher else -1)


def save(recorder: Recorder, path: str, file: Path) -> None:
    """Write a record."""
    names = sorted({name for point in recorder.points for name in point.metrics})
    columns = {
        name: [
            [p.step for p in recorder.points if name in p.metrics],
            [p.metrics[name] for p in recorder.points if name in p.metrics],
        ]
        for name in names
    }
    document = {
        "path": path,
        "series": columns,
        "result": recorder.result,
        "guesses": recorder.guesses,
        "facts": recorder.facts,
        "settings": recorder.settings,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    waiting = file.with_suffix(".part")
    waiting.write_text(json.dumps(document), encoding="utf-8")
    waiting.rename(file)  # an interrupted run leaves no half record behind


def load(file: Path) -> Record:
    """Read a record."""
    document = json.loads(file.read_text(encoding="utf-8"))
    result = document["result"]
    return Record(
        path=document["path"],
        series={name: np.array(values, dtype=np.float64) for name, (_, values) in document["series"].items()},
        steps={name: np.array(steps, dtype=np.float64) for name, (steps, _) in document["series"].items()},
        value=result.get("value", float("nan")),
        trivial=result.get("trivial", float("nan")),
        higher=bool(result.get("higher", False)),
        guesses=document["guesses"],
        facts=document["facts"],
        settings=document["settings"],
    )
