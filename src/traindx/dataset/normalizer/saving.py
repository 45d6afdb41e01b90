"""Normalisers in files: one document in JSON, or the same with its tables as tensors in safetensors."""

from __future__ import annotations

import math
import struct
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.fitted import Fitted
from traindx.dataset.normalizer.layout import Layout
from traindx.dataset.normalizer.moments import NAMES, Moments
from traindx.errors import UnreadableDataError, UsageError

FORMAT: Final = "traindx-normalizer"
MOST_BYTES = 1 << 30
"""Four million cells of eleven numbers fit; a longer file is none of ours."""

_HEADER_BYTES = 1 << 26
_TABLES = ("center", "scale", *NAMES)

Whole = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Side = Annotated[int, msgspec.Meta(ge=0, le=2**40)]


class Document(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is saved, beside the tables."""

    format: Literal["traindx-normalizer"] = FORMAT
    version: Literal[1] = 1
    method: Literal["standard", "robust", "asinh"]
    row_shape: Annotated[list[Side], msgspec.Meta(max_length=32)]
    axis: Annotated[int, msgspec.Meta(ge=-32, le=-1)] | None
    dtype: Annotated[str, msgspec.Meta(pattern="^(float(16|32|64)|u?int(8|16|32|64))$")]
    names: list[str]
    labels: list[Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | str]
    masked: bool
    rows: Whole
    rows_hash: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
    rank_error: Annotated[float, msgspec.Meta(ge=0, le=1)]
    constant: list[list[bool]]


class WholeDocument(Document, kw_only=True, forbid_unknown_fields=True):
    """What is saved as JSON: null stands for a number that is not finite (extremes of nothing)."""

    tables: dict[str, list[list[float | None]]]


class Tensor(msgspec.Struct, forbid_unknown_fields=True):
    """One entry of a safetensors header."""

    dtype: Literal["F64"]
    shape: Annotated[list[Side], msgspec.Meta(min_length=2, max_length=2)]
    data_offsets: tuple[Whole, Whole]


def save(fitted: Fitted, path: str | PathLike[str]) -> None:
    """Write a normaliser: as safetensors where the name ends so, else as JSON."""
    place = Path(path)
    tables = {name: _table(fitted, name) for name in _TABLES}
    if place.suffix == ".safetensors":
        place.write_bytes(_safetensors(msgspec.json.encode(_document(fitted)).decode(), tables))
        return
    common = msgspec.structs.asdict(_document(fitted))
    whole = WholeDocument(**common, tables={name: table.tolist() for name, table in tables.items()})
    place.write_bytes(msgspec.json.encode(whole) + b"\n")


def load(path: str | PathLike[str]) -> Fitted:
    """Read a normaliser. Raises ``UsageError`` where there is no such file, ``UnreadableDataError`` where it is no normaliser."""
    place = Path(path)
    try:
        if place.stat().st_size > MOST_BYTES:
            raise UnreadableDataError("is too long to be a normaliser", where=str(path))
        data = place.read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error
    try:
        return _assembled(*(_from_json(data) if data[:1] == b"{" else _from_safetensors(data)))
    except (ValueError, KeyError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise UnreadableDataError(
            f"is no normaliser of this version: {error}", where=str(path), hint="save it again with Normalizer.save"
        ) from error


def _document(fitted: Fitted) -> Document:
    return Document(
        method=fitted.method,
        row_shape=list(fitted.layout.row_shape),
        axis=fitted.layout.axis,
        dtype=fitted.dtype,
        names=list(fitted.names),
        labels=list(fitted.labels),
        masked=fitted.masked,
        rows=fitted.rows,
        rows_hash=f"{fitted.rows_hash:016x}",
        rank_error=fitted.rank_error,
        constant=fitted.constant.tolist(),
    )


def _table(fitted: Fitted, name: str) -> NDArray[np.float64]:
    if name in NAMES:
        return fitted.moments.states[:, NAMES[name]]
    return fitted.center if name == "center" else fitted.scale


def _safetensors(document: str, tables: dict[str, NDArray[np.float64]]) -> bytes:
    header: dict[str, Any] = {"__metadata__": {FORMAT: document}}
    start = 0
    for name, table in tables.items():
        header[name] = {"dtype": "F64", "shape": list(table.shape), "data_offsets": [start, start + table.nbytes]}
        start += table.nbytes
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % 8)  # aligned, as the format's own writer does
    return struct.pack("<Q", len(text)) + text + b"".join(t.astype("<f8").tobytes() for t in tables.values())


def _from_json(data: bytes) -> tuple[Document, dict[str, NDArray[np.float64]]]:
    document = msgspec.json.decode(data, type=WholeDocument)
    return document, {name: _rectangle(rows) for name, rows in document.tables.items()}


def _rectangle(rows: list[list[float | None]]) -> NDArray[np.float64]:
    if len({len(row) for row in rows}) != 1:
        raise ValueError("a table whose rows differ in length")
    return np.array([[math.nan if v is None else v for v in row] for row in rows], dtype=np.float64)


def _from_safetensors(data: bytes) -> tuple[Document, dict[str, NDArray[np.float64]]]:
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(_HEADER_BYTES, len(data) - 8):
        raise ValueError("neither JSON nor safetensors, or cut short")
    header = msgspec.json.decode(data[8 : 8 + length], type=dict[str, msgspec.Raw])
    texts = msgspec.json.decode(header.pop("__metadata__"), type=dict[str, str])
    document = msgspec.json.decode(texts[FORMAT], type=Document)
    body = memoryview(data)[8 + length :]
    return document, {name: _tensor(msgspec.json.decode(raw, type=Tensor), body) for name, raw in header.items()}


def _tensor(entry: Tensor, body: memoryview) -> NDArray[np.float64]:
    start, stop = entry.data_offsets
    if not start <= stop <= len(body) or stop - start != 8 * math.prod(entry.shape):
        raise ValueError("a tensor that lies outside the file, or has another size than its shape")
    return np.frombuffer(body[start:stop], dtype="<f8").astype(np.float64).reshape(entry.shape)


def _assembled(document: Document, tables: dict[str, NDArray[np.float64]]) -> Fitted:
    """Put a document and its tables together, and refuse what no fit could have made."""
    layout = Layout(tuple(document.row_shape), document.axis)
    if document.axis is not None and -document.axis > len(document.row_shape):
        raise ValueError("an axis that the rows do not have")
    shape = (len(document.labels) + 1 if document.labels else 1, layout.features)
    if set(tables) != set(_TABLES) or any(table.shape != shape for table in tables.values()):
        raise ValueError(f"its tables are not {', '.join(_TABLES)} of shape {shape}")
    constant = np.array(document.constant, dtype=bool)  # of uneven rows: a ValueError
    if constant.shape != shape or (document.names and len(document.names) != layout.features):
        raise ValueError("names or constants that are not one a feature")
    if document.labels != np.unique(np.array(document.labels)).tolist():  # of two kinds: all text there
        raise ValueError("groups that are not in ascending order")
    moments = _moments(tables)
    center, scale = tables["center"], tables["scale"]
    if not bool(np.all(np.isfinite(center) & np.isfinite(scale) & (scale > 0))):
        raise ValueError("a centre or scale that is no number to divide by")
    return Fitted(
        method=document.method,
        layout=layout,
        dtype=document.dtype,
        names=tuple(document.names),
        labels=tuple(document.labels),
        masked=document.masked,
        rows=document.rows,
        rows_hash=int(document.rows_hash, 16),
        center=center,
        scale=scale,
        constant=constant,
        rank_error=document.rank_error,
        moments=moments,
    )


def _moments(tables: dict[str, NDArray[np.float64]]) -> Moments:
    found = Moments.empty(*tables["count"].shape)
    for name, field in NAMES.items():
        found.states[:, field] = tables[name]
    if not bool(np.all(found.count >= 0)):
        raise ValueError("a count below zero")
    found.states[:, NAMES["minimum"]] = np.where(found.count > 0, found.minimum, np.inf)
    found.states[:, NAMES["maximum"]] = np.where(found.count > 0, found.maximum, -np.inf)
    return found
