"""Settings that the head of a log tells in other ways than one name and one value on a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Final

from traindx.readers.text.lines import Lines
from traindx.readers.text.prefix import prefix_of
from traindx.readers.yaml_subset import scalar
from traindx.run import Setting, SettingValue

_MOST_LINES: Final = 4_000
_WIDEST: Final = 2_000
_MOST: Final = 500
_VALUE: Final = r"[-+]?(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,20})(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?[kKMB]?(?![\w.]\w)"
_ASSIGNED: Final = re.compile(
    rf"(?<![\w.=<>!:/-])([A-Za-z_][\w.-]{{0,60}})\s?=\s?({_VALUE}|'[^']{{0,200}}'|\"[^\"]{{0,200}}\"|[A-Za-z][\w./:+-]{{0,80}}(?=[\s,;|)]|$))"
)
_CELL: Final = re.compile(
    rf"\W{{0,6}}([A-Za-z][\w .&/-]{{0,60}}?)(?:\s{{0,2}}\([^()]{{0,80}}\))?\s{{0,4}}(?:[:=]|\s->|\s\|)\s{{0,8}}({_VALUE}|[A-Za-z][\w.+-]{{0,40}})%?(?:\s\([^()]{{0,80}}\))?[\s|]*\.?"
)
_CELLS: Final = re.compile(r"\s\|\s|[;,]\s+|\t+|\s{3,}|\.\s+(?=[A-Z])")
_QUANTITY: Final = re.compile(
    r"(?i)\b(lr|learning rate|(?:(?:effective |total )?global |effective |total |mini-?)?batch[ _]size|bs|epochs|weight decay|warmup steps"
    rf"|temperature|margin|label smoothing|dropout|vocab(?:ulary)? size)\b(?:\s?[=:(]|\s(?:of|is|to))?\s{{0,2}}({_VALUE})"
)
_COUNTED: Final = re.compile(
    rf"(?i)(?<![\w.])({_VALUE})\s(?:training |train )?(epochs|samples|examples|images|classes|types|gpus|devices|iterations|steps)\b"
    r"(?!\s?(?:per|/|after|later|ago|of))"
)
_COUNTED_NAMES: Final = {
    "samples": "num_samples",
    "examples": "num_samples",
    "images": "num_samples",
    "classes": "num_classes",
    "types": "vocab_size",
    "gpus": "num_gpus",
    "devices": "num_devices",
    "iterations": "num_iterations",
    "steps": "total_steps",
}
_SAME: Final = {
    "instantaneous_batch_size_per_device": "per_device_train_batch_size",
    "total_optimization_steps": "max_steps",
    "scheduled_epochs": "epochs",
    "val_samples": "num_val_samples",
    "validation_samples": "num_val_samples",
    "training_set_size": "train_size",
    "train_set_size": "train_size",
    "effective_global_batch_size": "global_batch_size",
    "total_global_batch_size": "global_batch_size",
    "vocabulary_size": "vocab_size",
    "gradient_clip_norm": "clip_norm",
}
_PROGRAM: Final = re.compile(
    r"(?:import \w|from \w+(?:\.\w+){0,8} import |def \w+\(|class \w+[(:]|@\w|async def |if __name__)"
)
_RULER: Final = re.compile(r"[=*#-]{8,}\s*")
_SECRET: Final = re.compile(r"(?i)(?:password|secret|token|api_?key|credential)s?\Z")
_SCALES: Final = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}
_VERB: Final = re.compile(r"(?i)^(?:the|found|using|use|set|setting|with)\s+")
_NO_SETTING: Final = re.compile(
    r"(?i)(?:.*\b)?(?:note|warning|error|info|time|date|step|epoch|iter(?:ation)?|python|version|took|eta|https?)\Z"
)


def told_settings(lines: Lines, begin: int, known: Set[str], path: str) -> Iterator[Setting]:
    """Yield settings told by the lines before ``begin``, with ``file:line``; names of several words get underscores.

    ``known`` are the places that settings were read from already, which are left alone.

    Understands ``a=1 b=2``, ``Batch size: 128 | LR: 0.1``, and quantities in a sentence (``10 epochs with batch size
    64``). What stands inside a program that the log repeats is left alone: its defaults are not what the run used.
    """
    program = False
    count = 0
    for index in range(min(begin, len(lines), _MOST_LINES)):
        text = lines.raw(index)[:_WIDEST].decode("utf-8", "replace")
        where = f"{path}:{lines.records[index]}"
        program = (program or _PROGRAM.match(text) is not None) and _RULER.fullmatch(text) is None
        if program or not text.strip() or count >= _MOST or where in known:
            continue
        for name, value in _pairs(text[prefix_of(text).end :]):
            count += 1
            yield Setting(name, value, where)


def _pairs(message: str) -> Iterator[tuple[str, SettingValue]]:
    whole = _CELL.fullmatch(message)
    if whole and not ("=" in message and message[whole.end(1)] == "=" and " " in whole[1]):
        yield from _kept([(whole[1], whole[2])])
        return
    cells = [found for cell in _CELLS.split(message, 200) if (found := _CELL.fullmatch(cell))]
    ways = (
        [(found[1], found[2]) for found in cells],
        [(found[1], found[2]) for found in _ASSIGNED.finditer(message)],
        [(found[1], found[2]) for found in _QUANTITY.finditer(message)],
        [(_COUNTED_NAMES.get(found[2].lower(), found[2]), found[1]) for found in _COUNTED.finditer(message)],
    )
    yield from _kept([pair for way in ways for pair in way])


def _kept(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, SettingValue]]:
    """Yield each name once, under its plain spelling, where it is that of a setting."""
    seen: set[str] = set()
    for name, value in pairs:
        plain = _name(name)
        if plain.lower() not in seen and not _SECRET.search(plain) and not _NO_SETTING.match(name):
            seen.add(plain.lower())
            yield plain, _value(value)


def _name(name: str) -> str:
    words = _VERB.sub("", name.strip())
    words = re.sub(r"(?i)^(?:number|count|#)\s+of\s+", "num_", words)
    joined = re.sub(r"[\s-]+", "_", words)
    return _SAME.get(joined.lower(), joined)


def _value(text: str) -> SettingValue:
    if text[:1] in "'\"":
        return text[1:-1]
    plain = text.replace(",", "")
    scale = _SCALES.get(plain[-1:])
    return round(float(plain[:-1]) * scale) if scale and plain[0] in "+-.0123456789" else scalar(plain)
