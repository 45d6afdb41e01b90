"""The baselines of a dataset in a file: a small JSON document of version 1, written by an audit and read when a run is judged."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final, Literal

import msgspec

from traindx.baselines import Baseline, Rung
from traindx.dataset.levels import DataBaselines, DataFact, Level, Loss
from traindx.errors import UnreadableDataError, UsageError

_LARGEST_BYTES: Final = 16 << 20  # ten thousand class shares are a few hundred kilobytes
_VERSION: Final = "1"


class _Level(msgspec.Struct):
    array: str
    loss: Loss
    answer: str
    rung: Rung
    value: float
    unit: str
    formula: str
    meaning: str
    source: str
    conditions: str = ""


class _Fact(msgspec.Struct):
    key: str
    value: float | int | str
    source: str


class _Document(msgspec.Struct):
    data_baselines: Literal["1"]
    path: str
    baselines: list[_Level]
    facts: list[_Fact]


class _Head(msgspec.Struct):
    data_baselines: str


def baselines_document(found: DataBaselines) -> str:
    """Return the document as text, ending in a newline. Levels and facts that are no finite number are left out: JSON has none."""
    levels = [
        _Level(
            array=_storable(level.array),
            loss=level.loss,
            answer=_storable(level.answer),
            rung=level.baseline.rung,
            value=level.baseline.value,
            unit=level.baseline.unit,
            formula=level.baseline.formula,
            meaning=level.baseline.meaning,
            source=level.baseline.source,
            conditions=level.baseline.conditions,
        )
        for level in found.levels
        if math.isfinite(level.baseline.value)
    ]
    facts = [
        _Fact(f.key, f.value, _storable(f.source))
        for f in found.facts
        if isinstance(f.value, str) or math.isfinite(f.value)
    ]
    document = _Document(data_baselines=_VERSION, path=_storable(found.path), baselines=levels, facts=facts)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def read_baselines(path: str | Path) -> DataBaselines:
    """Return the baselines in a file. Raises ``UsageError`` where there is none, and ``UnreadableDataError`` for a file of another kind or version."""
    place = Path(path)
    try:
        if place.stat().st_size > _LARGEST_BYTES:
            raise UnreadableDataError("too large for the baselines of a dataset", where=str(place), hint=_HINT)
        text = place.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror or error}".lower(), where=str(place), hint=_HINT) from error
    document = _decoded(text, str(place))
    return DataBaselines(
        path=document.path,
        levels=tuple(_level(one) for one in document.baselines),
        facts=tuple(DataFact(fact.key, fact.value, fact.source) for fact in document.facts),
    )


_HINT: Final = "traindx data PATH --baselines-out FILE.json writes it"


def _decoded(text: bytes, where: str) -> _Document:
    try:
        version = msgspec.json.decode(text, type=_Head).data_baselines
        if version != _VERSION:
            raise UnreadableDataError(
                f"baselines of version {version[:20]!r}, and this is traindx for version 1", where=where, hint=_HINT
            )
        return msgspec.json.decode(text, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableDataError(
            f"not the baselines of a dataset: {error}".lower(), where=where, hint=_HINT
        ) from error


def _level(one: _Level) -> Level:
    return Level(
        array=one.array,
        loss=one.loss,
        answer=one.answer,
        baseline=Baseline(
            rung=one.rung,
            value=one.value,
            unit=one.unit,
            formula=one.formula,
            meaning=one.meaning,
            source=one.source,
            conditions=one.conditions,
        ),
    )


def _storable(text: str) -> str:
    """Return text as valid Unicode: half surrogates, as in badly encoded names, become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
