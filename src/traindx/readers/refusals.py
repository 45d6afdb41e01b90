"""Files that are no training log: what they are, and what to give instead."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from traindx.errors import UnreadableLogError
from traindx.readers.logfile import LogFile

_CHECKPOINT = ("a checkpoint, which is never opened", "give the log that was written beside it, or its directory")
_ARCHIVE = ("an archive", "unpack it and give the log or the directory inside")
_PICTURE = ("an image", "traindx reads numbers, not pictures: give the log that the curve was drawn from")
_ARRAY = ("an array file", "write the metrics as CSV, one column per metric, and give that")
_DOCUMENT = ("a document", "copy the log lines into a text file and give that")
_CODE = ("source code", "give the log that it wrote, not the program")
_SETTINGS = ("a settings file", "give the log: settings that lie beside it are read with it")
_SOUND = ("a sound or film", "give the log that was written beside it")
_PROGRAM = ("a compiled program", "give the log that it wrote")

_MAGIC: Final[tuple[tuple[bytes, tuple[str, str]], ...]] = (
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"<svg", _PICTURE),
    (b"\x89HDF\r\n", _CHECKPOINT),
    (b"\x80\x02", _CHECKPOINT),
    (b"\x80\x03", _CHECKPOINT),
    (b"\x80\x04", _CHECKPOINT),
    (b"\x80\x05", _CHECKPOINT),
    (b"GGUF", _CHECKPOINT),
    (b"\x93NUMPY", _ARRAY),
    (b"PAR1", _ARRAY),
    (b"ARROW1", _ARRAY),
    (b"%PDF", _DOCUMENT),
    (b"PK\x03\x04", _ARCHIVE),
    (b"PK\x05\x06", _ARCHIVE),
    (b"7z\xbc\xaf", _ARCHIVE),
    (b"Rar!", _ARCHIVE),
    (b"\x7fELF", _PROGRAM),
    (b"MZ\x90\x00", _PROGRAM),
    (b"OggS", _SOUND),
    (b"RIFF", _SOUND),
)

_SUFFIXES: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys((".pt", ".pth", ".ckpt", ".safetensors", ".pkl", ".pickle", ".h5", ".hdf5", ".keras"), _CHECKPOINT),
    **dict.fromkeys((".pdparams", ".pdopt", ".onnx", ".gguf", ".msgpack", ".joblib", ".bin", ".npz"), _CHECKPOINT),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tiff", ".svg"), _PICTURE),
    **dict.fromkeys((".py", ".pyx", ".c", ".cc", ".cpp", ".cu", ".h", ".hpp", ".js", ".ts"), _CODE),
    **dict.fromkeys((".java", ".go", ".rs", ".jl", ".m", ".r", ".sh", ".bash", ".ps1", ".lua"), _CODE),
    **dict.fromkeys((".yaml", ".yml", ".toml", ".ini", ".cfg"), _SETTINGS),
    **dict.fromkeys((".npy", ".parquet", ".arrow", ".feather", ".mat"), _ARRAY),
    **dict.fromkeys((".pdf", ".docx", ".xlsx", ".pptx"), _DOCUMENT),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".7z", ".rar"), _ARCHIVE),
    **dict.fromkeys((".mp4", ".avi", ".wav", ".mp3", ".webm"), _SOUND),
}
_EXPECTED: Final = "expected a training log: text, CSV, JSON, TensorBoard events, .wandb, MLflow or a directory of them"


def refusal(log: LogFile) -> UnreadableLogError | None:
    """Return the error for a file that no reader should try, or None."""
    what, hint = _kind(log)
    if not what:
        return None
    return UnreadableLogError(f"this is {what}; {_EXPECTED}", where=log.path, hint=hint)


def empty_refusal(log: LogFile) -> UnreadableLogError:
    """Return the error for a file without content."""
    hint = "the run may not have logged yet, or its output is still buffered"
    found = f"nothing could be decompressed: {log.truncated}" if log.truncated else "the file is empty"
    return UnreadableLogError(f"{found}; {_EXPECTED}", where=log.path, hint=hint)


def unknown_refusal(log: LogFile) -> UnreadableLogError:
    """Return the error for text in which no reader finds anything."""
    hint = "print metrics as name=value with a step on each line, or log CSV or JSON lines"
    return UnreadableLogError(f"no metric found; {_EXPECTED}", where=log.path, hint=hint)


def _kind(log: LogFile) -> tuple[str, str]:
    suffix = PurePath(log.name).suffix.lower()
    by_name = _SUFFIXES.get(suffix)
    head = log.head[:512]
    if by_name is not None and not _is_text_code(by_name, head):
        return by_name
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return _zip_kind(log) if kind is _ARCHIVE else kind
    if head[257:262] == b"ustar":
        return _ARCHIVE
    if head[8:10] == b'{"' and head[2:8] == b"\0" * 6:  # safetensors: a 64-bit length, then a JSON header
        return _CHECKPOINT
    return "", ""


def _is_text_code(kind: tuple[str, str], head: bytes) -> bool:
    """Whether a file named like code is nevertheless a log (a JSON history saved as ``.m``): never guessed here."""
    return kind is _CODE and head.lstrip()[:1] == b"{"


def _zip_kind(log: LogFile) -> tuple[str, str]:
    """A PyTorch checkpoint is a zip archive that begins with ``<name>/data.pkl``."""
    return _CHECKPOINT if b"data.pkl" in log.head or b"/.format_version" in log.head else _ARCHIVE
