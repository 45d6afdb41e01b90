"""Settings that a program printed at the head of its log: argument dumps, name = value lines, command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Final, final

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
_DICT_CALL: Final = re.compile(r"^([A-Za-z_]\w{0,80})\s{0,4}=\s{0,4}dict\((.{1,2000})\),?$")
_TYPED: Final = re.compile(r"^([A-Za-z_]\w{0,80})\s{0,8}:\s{0,4}(?:int|float|str|bool)\s{0,8}=\s{0,8}(\S.{0,200})$")
_LITERAL: Final = re.compile(
    r"""[-+]?[\d.][\w.+-]{0,40}%?|'[^']{0,300}'|"[^"]{0,300}"|[\w./:@~+-]{1,200}(?: [\w./:@~+-]{1,60}){0,2}"""
    r"""|[\[(]\s{0,4}[-+\d.eE]{1,30}(?:\s{0,4},\s{0,4}[-+\d.eE]{1,30}){0,15}\s{0,4},?\s{0,4}[\])]"""
)
_PRODUCT: Final = re.compile(r"\d{1,9}(?:\s?\*\s?\d{1,9}){1,4}")
_SOURCE: Final = re.compile(
    r"^(?:import \w|from \w+(?:\.\w+){0,8} import |def \w+\(|class \w+[(:]|@\w|async def |if __name__)"
)
_SETTINGS_CLASS: Final = re.compile(r"^class \w{0,40}(?:[Pp]aram|[Cc]onfig|[Aa]rg|[Oo]ption)\w{0,40}[(:]")
_RULER: Final = re.compile(r"^[=*#-]{8,}\s*$")
_SECRET: Final = re.compile(r"(?i)(?:password|secret|token|api_?key|credential)s?\Z")


def settings_from_text(text_head: str, path: str) -> tuple[Setting, ...]:
    """Return the settings printed in a log before its metrics, with ``file:line``.

    Understands ``Namespace(lr=0.1, ...)`` and other argument objects, dicts in Python and JSON spelling,
    ``name: value``, ``name = value`` and ``name ...... value`` lines, and command lines (``--lr 1e-4``).
    What stands after the first metric line counts only where it is clearly configuration: an argument object or a
    command line. A name that appears again keeps its first value.
    """
    found: dict[str, Setting] = {}
    place = _Place()
    for number, raw in enumerate(text_head.split("\n", _MAX_LINES)[:_MAX_LINES], 1):
        line = raw[:_MAX_LINE].rstrip("\r ")
        place.pass_line(line)
        for name, value in _pairs(line, place):
            if not _SECRET.search(name) and len(name) > 1 and len(found) < _MAX_SETTINGS:
                found.setdefault(name, Setting(name, value, f"{path}:{number}"))
    return tuple(found.values())


@final
@dataclass(slots=True)
class _Place:
    """Where in the log we are: before the metrics or after, and whether inside a program that the log repeats."""

    metrics_began: bool = False
    in_source: bool = False
    in_settings_class: bool = False

    def pass_line(self, line: str) -> None:
        """Take note of what ``line`` begins or ends."""
        if _SOURCE.match(line):
            self.in_source = True
            self.in_settings_class = bool(_SETTINGS_CLASS.match(line))
        elif _RULER.match(line):
            self.in_source = self.in_settings_class = False
        self.metrics_began = self.metrics_began or (not self.in_source and _is_metric_line(line))


def _is_metric_line(line: str) -> bool:
    return _CALL.search(line) is None and bool(_METRIC.search(line) and _PROGRESS.search(line))


def _pairs(line: str, place: _Place) -> Iterator[tuple[str, SettingValue]]:
    if place.in_source:  # its defaults are not what the run used, but for a class that holds the settings
        typed = _TYPED.match(line.strip()) if place.in_settings_class and line.startswith((" ", "\t")) else None
        if typed:
            yield from _literals([(typed[1], typed[2])])
        return
    call = _CALL.search(line)
    if call:
        yield from _values(_PAIR_IN_CALL.findall(line[call.end() - 1 :]))
    elif _COMMAND.search(line):
        yield from _flags(line)
    elif not place.metrics_began:
        yield from _head_pairs(line)


def _head_pairs(line: str) -> Iterator[tuple[str, SettingValue]]:
    body = _PREFIX.sub("", line, count=1).strip()
    if not body or (_METRIC.search(body) and _PROGRESS.search(body)):
        return
    nested = _DICT_CALL.match(body)
    if nested:
        inner = _PAIR_IN_CALL.findall(nested[2] + ",")
        yield from _literals([(f"{nested[1]}.{name}", value) for name, value in inner])
    elif "{" in body and body.count(":") >= 2:
        yield from _values(_PAIR_IN_CALL.findall(body[body.index("{") :]))
    elif body.startswith("--"):
        yield from _flags(body)
    else:
        match = _LINE.match(body)
        if match:
            yield from _literals([(match.group(1), match.group(2))])


def _literals(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, SettingValue]]:
    """Keep the pairs whose value is one: a number, a word or three, a quoted text, a short list. Code is not."""
    for name, text in pairs:
        plain = text.split(" #", 1)[0].strip().rstrip(",")
        if _PRODUCT.fullmatch(plain):  # batch sizes are often written as 8*64
            yield name, prod(int(factor) for factor in plain.split("*"))
        elif _LITERAL.fullmatch(plain):
            yield name, _value(plain)


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
