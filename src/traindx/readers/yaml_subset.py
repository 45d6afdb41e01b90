"""A small and safe part of YAML: nested mappings and lists of scalars, as configuration files hold them.

No tag is obeyed, no anchor expanded, no object built: what this does not understand it leaves out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, final

from traindx.run import Setting, SettingValue

_KEY: Final = re.compile(
    r"""(?:"([^"]{1,200})"|'([^']{1,200})'|([^\s#"'\[\]{},&*!|>%@`:-][^:#]{0,199}?))\s{0,8}:(?:\s|$)"""
)
_TAG: Final = re.compile(r"^[!&]\S{0,200}\s{0,8}")
_INT: Final = re.compile(r"[+-]?\d[\d_]{0,18}\Z")
_FLOAT: Final = re.compile(r"[+-]?(?:\d[\d_]{0,30}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,4})?\Z")
_WORDS: Final[dict[str, SettingValue]] = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
    **dict.fromkeys(("null", "~", "none", ""), None),
    **dict.fromkeys((".nan", "nan"), float("nan")),
    **dict.fromkeys((".inf", "+.inf", "inf", "infinity"), float("inf")),
    **dict.fromkeys(("-.inf", "-inf", "-infinity"), float("-inf")),
}
_MAX_DEPTH: Final = 12
_MAX_ITEMS: Final = 16  # of one list: longer ones are data
_MAX_LINES: Final = 20_000
_MAX_TEXT: Final = 300


def scalar(text: str) -> SettingValue:
    """Return the value that an unquoted scalar stands for: bool, int, float, None or the text itself."""
    if _INT.match(text):
        return int(text.replace("_", ""))
    if _FLOAT.match(text):  # YAML 1.1 reads 1e-4 as text, people mean the number
        return float(text.replace("_", ""))
    return _WORDS.get(text.lower(), text)


def yaml_settings(text: str, path: str) -> tuple[Setting, ...]:
    """Return the scalars of a YAML text under their dotted names, with ``file:line``.

    A mapping of ``desc`` and ``value`` (as W&B writes each setting) is taken as the value itself.
    """
    walk = _Walk()
    for number, line in enumerate(text.split("\n", _MAX_LINES)[:_MAX_LINES], 1):
        walk.take(line.rstrip("\r"), number)
    wrapped = {name[:-5] for name, _, _ in walk.found if name.endswith(".desc")}
    return tuple(
        Setting(_unwrapped(name, wrapped), value, f"{path}:{number}")
        for name, value, number in walk.found
        if not (name.endswith(".desc") and name[:-5] in wrapped) and not name.startswith("_wandb")
    )


def _unwrapped(name: str, wrapped: set[str]) -> str:
    for key in (name[: -len(".value")] if name.endswith(".value") else "", name.split(".value.", 1)[0]):
        if key in wrapped:
            return key + name[len(key) + len(".value") :]
    return name


@final
@dataclass(slots=True)
class _Walk:
    """Where in the document the lines are: the open mappings and lists by their indentation."""

    found: list[tuple[str, SettingValue, int]] = field(default_factory=list)
    open: list[tuple[int, str]] = field(default_factory=list)  # (indentation, dotted name), outermost first
    counts: dict[str, int] = field(default_factory=dict)
    text_above: int = -1  # indentation of a key whose block text ("|" or ">") is being skipped

    def take(self, line: str, number: int) -> None:
        body = line.lstrip(" ")
        indent = len(line) - len(body)
        if not body or body[0] == "#" or body.startswith(("---", "...", "%")):
            return
        if self.text_above >= 0:
            if indent > self.text_above:
                return
            self.text_above = -1
        while self.open and self._closes(indent, body):
            self.open.pop()
        if len(self.open) < _MAX_DEPTH:
            self._take_body(body, indent, number)

    def _closes(self, indent: int, body: str) -> bool:
        """Whether a line ends the innermost mapping or list; a list may stand at the indentation of its key."""
        level, _ = self.open[-1]
        return indent < level if body.startswith("- ") and self._is_key() else indent <= level

    def _is_key(self) -> bool:
        return not self.open[-1][1].rpartition(".")[2].isdigit()

    def _take_body(self, body: str, indent: int, number: int) -> None:
        prefix = self.open[-1][1] if self.open else ""
        if body == "-" or body.startswith("- "):
            index = self.counts.get(prefix, 0)
            self.counts[prefix] = index + 1
            if index >= _MAX_ITEMS:
                return
            name = f"{prefix}.{index}" if prefix else str(index)
            rest = body[1:].lstrip()
            if rest and not _KEY.match(rest):
                self._add(name, rest, number)
                return
            self.open.append((indent, name))
            if rest:
                self._take_body(rest, indent + len(body) - len(rest), number)
            return
        match = _KEY.match(body)
        if not match:
            return
        key = next(part for part in match.groups() if part is not None).strip()
        name = f"{prefix}.{key}" if prefix else key
        rest = _TAG.sub("", _without_comment(body[match.end() :].strip()))
        if rest.startswith(("|", ">")):
            self.text_above = indent
        elif rest:
            self._add(name, rest, number)
        else:
            self.open.append((indent, name))

    def _add(self, name: str, text: str, number: int) -> None:
        text = _TAG.sub("", _without_comment(text))
        if text.startswith(("[", "{")) and text.endswith(("]", "}")):
            self._add_flow(name, text, number)
        elif text.startswith(("'", '"')) and text[-1:] == text[:1] and len(text) >= 2:
            self.found.append((name, text[1:-1][:_MAX_TEXT], number))
        elif not text.startswith(("*", "&", "!")) and len(text) <= _MAX_TEXT:
            self.found.append((name, scalar(text), number))

    def _add_flow(self, name: str, text: str, number: int) -> None:
        """``[1, 2]`` and ``{a: 1}`` of scalars; deeper ones are kept as text."""
        items = [item.strip() for item in text[1:-1].split(",") if item.strip()]
        if any(mark in text[1:-1] for mark in "[]{}") or len(items) > _MAX_ITEMS:
            self.found.append((name, text[:_MAX_TEXT], number))
            return
        for index, item in enumerate(items):
            key, colon, value = item.partition(": ")
            inner = (key.strip("\"' "), value) if text[0] == "{" and colon else (str(index), item)
            self._add(f"{name}.{inner[0]}", inner[1].strip(), number)


def _without_comment(text: str) -> str:
    if text.startswith(('"', "'")):
        end = text.find(text[0], 1)
        return text[: end + 1] if end > 0 else text
    return text.split(" #", 1)[0].rstrip()
