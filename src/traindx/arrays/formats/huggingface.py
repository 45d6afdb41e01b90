"""Hugging Face datasets as ``save_to_disk`` leaves them: Arrow shards beside their description, also several splits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from traindx.arrays.border import shown
from traindx.arrays.formats.arrow_ipc import arrow_sources
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.joined import joined
from traindx.arrays.source import ArraySource
from traindx.errors import UnreadableDataError

_STATE, _SPLITS = "state.json", "dataset_dict.json"
_MOST_BYTES: Final = 64 << 20


def _open(path: Path) -> Iterator[ArraySource]:
    if not (path / _SPLITS).is_file():
        yield from _dataset(path, path, "")
        return
    splits = _described(path / _SPLITS).get("splits")
    if not isinstance(splits, list):
        raise UnreadableDataError("names no splits", where=str(path / _SPLITS))
    for split in cast("list[object]", splits):
        yield from _dataset(path, _inside(path, split), str(split))


def _dataset(top: Path, folder: Path, prefix: str) -> Iterator[ArraySource]:
    state = _described(folder / _STATE)
    if state.get("_indices_data_files") or state.get("_indices_files"):
        raise UnreadableDataError(
            "its rows are picked by a table of indices", where=str(folder), hint="save ds.flatten_indices() instead"
        )
    files = state.get("_data_files")
    if not isinstance(files, list) or not files:
        raise UnreadableDataError("names no files of data", where=str(folder / _STATE))
    names = [
        cast("dict[str, Any]", file).get("filename") if isinstance(file, dict) else None
        for file in cast("list[object]", files)
    ]
    parts = [list(arrow_sources(_inside(folder, name))) for name in names]
    if not all(parts):
        raise UnreadableDataError("has no columns", where=str(folder))
    yield from joined(parts, prefix=prefix, place=str(top))


def _inside(folder: Path, name: object) -> Path:
    """Return a file or folder that a description names, which lies beside it and nowhere else."""
    if not isinstance(name, str) or Path(name).name != name or name in ("", ".", ".."):
        raise UnreadableDataError(
            f"its description names {str(name)[:80]!r}, which is not beside it", where=str(folder)
        )
    if not (folder / name).exists():
        raise UnreadableDataError(f"lacks {name}, which its description names", where=str(folder))
    return folder / name


def _described(path: Path) -> dict[str, object]:
    if not path.is_file():
        raise UnreadableDataError(f"lacks {path.name}", where=str(path.parent))
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES)
    try:
        found: object = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise UnreadableDataError(f"is no JSON: {shown(error)}", where=str(path)) from error
    if not isinstance(found, dict):
        raise UnreadableDataError("is no table of facts", where=str(path))
    return cast("dict[str, object]", found)


def _recognises(path: Path, head: bytes) -> bool:
    del head
    return path.is_dir() and (
        (path / _SPLITS).is_file() or ((path / _STATE).is_file() and (path / "dataset_info.json").is_file())
    )


HUGGING_FACE: Final = ArrayFormat(name="hugging-face", recognises=_recognises, open=_open)
