"""Settings that a program printed at the head of its log: argument dumps, name = value lines, command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from traindx.readers.yaml_subset import scalar
from traindx.run import Setting, SettingValue

_MAX_LINES: Final = 4_000
_MAX_LINE: Final = 20_000
_MAX_SETTINGS: Final = 2_000
_MAX_TEXT: Final = 300

_PREFIX: Final = re.compile(
    r"^(?:\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\]?"
    r"|\[[^\[\]]{1,60}\]|(?:DEBUG|INFO|WARNING|root|__main__)\b|[-|:](?=\s)|\s+)+"
)
_CALL: Final = re.compile(r"\b(?:Namespace|[A-Z]\w{0,40}(?:Args|Arguments|Config|Params|Options))\(")
_PAIR_IN_CALL: Final = re.compile(
    r"""(?:(?<=[\s,({])|^)['"]?([A-Za-z_][\w.-]{0,80})['"]?\s{0,4}[=:]\s{0,4}('[^']{0,300}'|"[^"]{0,300}"|[^\s,(){}\[\]'"]{1,100})(?=\s{0,4}[,)}\n]|$)"""
)
_LINE: Final = re.compile(
    r"""^['"]?([A-Za-z_][\w./-]{0,80})['"]?(?:\s{0,40}[=:]\s{0,40}|\s{2,60}\.{0,80}\s{0,4}|\s{0,4}\.{3,80}\s{0,4})(\S.{0,300})$"""
)
_FLAG: Final = re.compile(
    r"(?:^|\s)--?([A-Za-z][\w.-]{0,80})(?:[= ]\s{0,8}('[^']{0,300}'|\"[^\"]{0,300}\"|[^\s-]\S{0,299}|-\.?\d\S{0,40}))?(?=\s|$)"
)
_OVERRIDE: Final = re.compile(r"(?:^|\s)([a-z_][\w.]{0,80})=(\S{1,200})(?=\s|$)")
_COMMAND: Final = re.compile(r"\b(?:python[\d.]*|torchrun|accelerate|deepspeed|srun|mpirun|bash|launch)\b.{0,2000}?\s-")
_METRIC: Final = re.compile(
    r"(?i)(?:loss|acc(?:uracy)?|ppl|perplexity|error|grad_?norm|reward)[\w/@. ]{0,24}['\"]?\s{0,4}[=:|]\s{0,4}[-+]?(?:\d|nan|inf)"
)
_PROGRESS: Final = re.compile(r"(?i)\b(?:epoch|step|iter(?:ation)?|update|batch)s?\b['\"]?[\s:=#\[(]{0,4}\d")
_SECRET: Final = re.compile(r"(?i)(?:password|secret|token|api_?key|credential)s?\Z")


def settings_from_text(text_head: str, path: str) -> tuple[Setting, ...]:
    """Return the settings printed in a log before its metrics, with ``file:line``.

    Understands ``Namespace(lr=0.1, ...)`` and other argument objects, dicts in Python and JSON spelling,
    ``name: value``, ``name = value`` and ``name ...... value`` lines, and command lines (``--lr 1e-4``).
    What stands after the first metric line counts only where it is clearly configuration: an argument object or a
    command line. A name that appears again keeps its first value.
    """
    found: dict[str, Setting] = {}
    metrics_began = False
    for number, raw in enumerate(text_head.split("\n", _MAX_LINES)[:_MAX_LINES], 1):
        line = raw[:_MAX_LINE].rstrip("\r ")
        metrics_began = metrics_began or _is_metric_line(line)
        for name, value in _pairs(line, metrics_began=metrics_began):
            if not _SECRET.search(name) and len(found) < _MAX_SETTINGS:
                found.setdefault(name, Setting(name, value, f"{path}:{number}"))
    return tuple(found.values())


def _is_metric_line(line: str) -> bool:
    return _CALL.search(line) is None and bool(_METRIC.search(line) and _PROGRESS.search(line))


def _pairs(line: str, *, metrics_began: bool) -> Iterator[tuple[str, SettingValue]]:
    call = _CALL.search(line)
    if call:
        yield from _values(_PAIR_IN_CALL.findall(line[call.end() - 1 :]))
    elif _COMMAND.search(line):
        yield from _flags(line)
    elif not metrics_began:
        yield from _head_pairs(line)


def _head_pairs(line: str) -> Iterator[tuple[str, SettingValue]]:
    body = _PREFIX.sub("", line, count=1).strip()
    if not body or _METRIC.search(body) and _PROGRESS.search(body):
        return
    if "{" in body and body.count(":") >= 2:
        yield from _values(_PAIR_IN_CALL.findall(body[body.index("{") :]))
    elif body.startswith("--"):
        yield from _flags(body)
    else:
        match = _LINE.match(body.rstrip(","))
        if match and _is_plain(match.group(2)):
            yield from _values([(match.group(1), match.group(2))])


def _flags(line: str) -> Iterator[tuple[str, SettingValue]]:
    for match in _FLAG.finditer(line):
        name, value = match.groups()
        yield name, True if value is None else _value(value)
    for match in _OVERRIDE.finditer(line):
        yield match.group(1), _value(match.group(2))


def _values(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, SettingValue]]:
    for name, text in pairs:
        yield name, _value(text)


def _value(text: str) -> SettingValue:
    text = text.strip().rstrip(",")
    if len(text) >= 2 and text[0] in "\"'" and text[-1] == text[0]:
        return text[1:-1][:_MAX_TEXT]
    return scalar(text[:_MAX_TEXT])


def _is_plain(value: str) -> bool:
    """A value of configuration is one word, a quoted text, or a short list: prose is not."""
    return value[0] in "\"'[(" or len(value.split()) <= 3
