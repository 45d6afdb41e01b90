"""Are forecasts true? Logs are cut before their end, the rest is hidden, and the forecast is held against it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from benchmarks.accuracy.judging import Row
from benchmarks.accuracy.record import Record, Values, load

CUTS = (0.3, 0.5, 0.7, 0.85)
END = 0.05  # of the run: the last twentieth, whose median is where the run ended
LEFT_OUT = frozenset({"few-points", "running-mean", "no-validation"})  # too short to be cut, or another series


def forecast_figures(runs: Path, rows: Sequence[Row]) -> dict[str, Any]:
    """Return coverage, width and error by schedule, over the healthy runs that learn, cut at several places.

    Widths and errors are in units of the way that the series had come when the log was cut.
    """
    groups: dict[str, list[dict[str, float]]] = defaultdict(list)
    asked: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["verdict"] != "healthy" or not row["healthy"] or row["healthy"] in LEFT_OUT:
            continue
        record = load(runs / "records" / f"{row['id']}.json")
        schedule = str(record.facts.get("schedule", "unknown"))
        asked[schedule] += len(CUTS)
        groups[schedule] += _forecasts(record)
    found = {name: _summary(told, asked[name]) for name, told in sorted(groups.items())}
    everything = [one for told in groups.values() for one in told]
    return {**found, "all": _summary(everything, sum(asked.values()))}


def _forecasts(record: Record) -> Iterator[dict[str, float]]:
    last = max((float(steps.max()) for steps in record.steps.values() if len(steps)), default=0.0)
    for cut in CUTS:
        outlook = _outlook(record, cut * last)
        if outlook is None or outlook.value is None or outlook.series not in record.series:
            continue
        values, steps = record.series[outlook.series], record.steps[outlook.series]
        end = _level(values[steps >= (1 - END) * last], values)
        past = values[steps <= cut * last]
        way = max(abs(_level(past[: max(1, len(past) // 20)], past) - outlook.now), 1e-9)
        yield {
            "inside": float(outlook.low <= end <= outlook.high),
            "promised": outlook.coverage,
            "width": (outlook.high - outlook.low) / way,
            "error": abs(outlook.value - end) / way,
            "error_of_now": abs(outlook.now - end) / way,
        }


def _level(some: Values, every: Values) -> float:
    return float(np.median(some if len(some) else every[-1:]))


def _outlook(record: Record, until: float) -> Any:
    """What traindx forecasts from the log up to a step, or None where it refuses."""
    from traindx.api import diagnose_all
    from traindx.errors import TraindxError

    rows: dict[float, dict[str, float]] = defaultdict(dict)
    for name, values in record.series.items():
        for step, value in zip(record.steps[name].tolist(), values.tolist(), strict=True):
            if step <= until:
                rows[step][name] = value
    if len(rows) < 3:
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "metrics.jsonl"
        path.write_text("".join(json.dumps({"step": s, **rows[s]}) + "\n" for s in sorted(rows)), encoding="utf-8")
        (Path(folder) / "config.json").write_text(json.dumps(dict(record.settings)), encoding="utf-8")
        try:
            (report, *_) = diagnose_all(path)
        except TraindxError:
            return None
    return report.forecast


def _summary(told: Sequence[dict[str, float]], asked: int) -> dict[str, Any]:
    def middle(name: str) -> float | None:
        return round(float(np.median([one[name] for one in told])), 3) if told else None

    def mean(name: str) -> float | None:
        return round(float(np.mean([one[name] for one in told])), 3) if told else None

    return {
        "asked": asked,
        "answered": len(told),
        "promised": mean("promised"),
        "coverage": mean("inside"),
        "width": middle("width"),
        "error": middle("error"),
        "error_of_now": middle("error_of_now"),
    }
