"""What was read from a log, as JSON: the same facts as the doctor's text, without a limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from traindx.context import Reading, Role
from traindx.render.doctor import not_finite
from traindx.render.document_v1 import Number, ToolV1
from traindx.render.json_v1 import json_number, json_step, json_value
from traindx.render.untrusted import storable
from traindx.run import Run, Source

Value = Number | str | bool | None
Object = dict[str, object]


def doctor_json(read: Iterable[tuple[Run, Sequence[Reading]]], *, version: str) -> str:
    """Return everything that was read, as a JSON document ending in a newline."""
    document = {
        "schema_version": "1",
        "tool": ToolV1(name="traindx", version=version),
        "runs": [_run(run, readings) for run, readings in read],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _run(run: Run, readings: Sequence[Reading]) -> Object:
    return {
        "name": storable(run.name),
        "sources": [_source(source) for source in run.sources],
        "series": [_series(run, reading) for reading in readings],
        "settings": [
            {"name": storable(s.name), "value": _setting(s.value), "source": storable(s.source)} for s in run.settings
        ],
        "checkpoints": [
            {"path": storable(c.path), "step": json_step(c.step), "epoch": json_step(c.epoch)} for c in run.checkpoints
        ],
        "notes": [storable(note) for note in run.notes],
    }


def _setting(value: str | float | bool | None) -> Value:
    return None if value is None else json_value(value)


def _source(source: Source) -> Object:
    return {
        "path": storable(source.path),
        "format": source.format,
        "encoding": source.encoding,
        "unit": source.unit,
        "rows": source.rows,
        "ignored_rows": source.ignored,
        "skipped_rows": source.skipped_rows,
        "skipped": [{"reason": storable(s.reason), "count": s.count, "first": s.first or None} for s in source.skipped],
        "incomplete": storable(source.incomplete),
    }


def _series(run: Run, reading: Reading) -> Object:
    series = reading.series
    nan, infinite = not_finite(series)
    some = len(series) > 0
    return {
        "name": storable(series.name),
        "logged_as": storable(series.logged_as),
        "role": _role(reading.role),
        "statistic": series.statistic,
        "points": len(series),
        "has_steps": series.has_steps,
        "first_step": json_step(float(series.steps[0])) if some else None,
        "last_step": json_step(float(series.steps[-1])) if some else None,
        "first": json_number(float(series.values[0])) if some else None,
        "last": json_number(float(series.values[-1])) if some else None,
        "nan": nan,
        "infinite": infinite,
        "where": storable(run.where(series, 0)) if some else "",
    }


def _role(role: Role) -> Object:
    return {
        "kind": role.kind,
        "split": role.split,
        "part": storable(role.part),
        "component": None if role.component is None else storable(role.component),
        "family": role.family,
        "direction": role.direction,
        "k": role.k,
        "unit": role.unit,
        "confidence": role.confidence,
    }
