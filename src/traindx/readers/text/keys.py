"""The name that stands before a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, final

_SEPARATOR: Final = re.compile(
    r"\s*+(?::=|[:=]|=>)\s*+['\"]?[\[({]*+\s*+['\"]?\s*+(?:\*\*|`|\$)?\s*+$"
)  # possessive: linear
_QUOTED: Final = re.compile(r"""(['"])([^'"]{1,120})\1\s*$""")
_BRACKET: Final = re.compile(r"\s*+[:=]?\s*+[\[(#]\s*+$")
_CUT: Final = re.compile(
    r"\s:\s|[,;|\t{}<]|(?<![-=])>|\s{2,}|\s[-–—>•]+\s|(?<=[^\W\d_])[:=]\s|(?<=\d)[:=]\s|^\s*[:=]\s|[\]]|\. (?=[A-Z])|(?<=\D)=(?=\D)|•|^\s*[-/:]\s"
)
# Two blanks part cells as well as two hundred do, and cost the patterns above no time.
_RUN: Final = re.compile(r"(\s)\1{2,}")
_STRIP: Final = " \t*`\"'~•-–—>:=#.·/\\|,;█▏▎▍▌▋▊▉▓▒░━╸─"
_COLON: Final = re.compile(r"^([A-Za-z ]{2,30}):([A-Za-z].*)$")
_TRAILING: Final = re.compile(r"(?<!\s)\s+(?:is|was)$|^(?:with|and|has|the|an?)\s+")
_DANGLING: Final = re.compile(
    r"(?i)(?:^|\s)(?:at|of|by|to|for|in|than|from|took|after|on|until|and|or|no|with|into|reaches|every|the|through|only|if|least)$|\(\)|\s\+$|到$|约为$|约$"
)
_STRONG: Final = re.compile(r"(?:[,;|\t)\]]|\s{2,}|\s[-–—]\s)\s*$|^\s*$")


@final
@dataclass(frozen=True, slots=True)
class Key:
    """The name before a number ("" without one), the text before the name, and how the two are joined.

    ``separated``: by a colon or an equals sign. ``bracket``: by an opening bracket. ``quoted``: the name stands in
    quotes. ``celled``: the name begins where a table cell or a list item begins.
    """

    name: str
    before: str
    separated: bool = False
    bracket: bool = False
    quoted: bool = False
    celled: bool = False


def key_before(gap: str) -> Key:
    """Return the name at the end of ``gap``, the text between the number before and this one."""
    gap = _RUN.sub(r"\1\1", gap[-400:])
    match = _SEPARATOR.search(gap)
    bracket = None if match else _BRACKET.search(gap)
    end = match.start() if match else bracket.start() if bracket else len(gap)
    head = gap[:end]
    quoted = _QUOTED.search(head)
    if quoted is not None and match:
        return Key(quoted.group(2).strip(), head[: quoted.start()], separated=True, quoted=True)
    cut = 0
    for found in _CUT.finditer(head):
        if head[found.end() :].strip(_STRIP):
            cut = found.end()
    name, opened = _balanced(head[cut:])
    before = head[: cut + opened]
    colon = _COLON.match(tidy(name))
    if colon:
        before, name = before + colon.group(1), colon.group(2)
    name = tidy(name)
    if not match:
        name = tidy(_TRAILING.sub("", name))
    if _DANGLING.search(name) or re.match(r"(?i)(?:no|or|if|when|like)\s", name):
        name = ""
    celled = bool(_STRONG.search(before)) or before.rstrip()[-1:] in {"", ":"}
    return Key(name, before, separated=match is not None, bracket=bracket is not None, celled=celled)


def tidy(name: str) -> str:
    """Return ``name`` without the marks that lists, emphasis and quoting put around it."""
    name = name.strip(_STRIP)
    if name.startswith("_") and name.lower() in {"_epoch", "_loss"}:
        name = name[1:]
    return re.sub(r"\s{2,}", " ", name.replace("**", ""))


def _balanced(text: str) -> tuple[str, int]:
    """Cut after a bracket that closes what was opened before ``text``, and before one that stays open."""
    start = 0
    stack: list[int] = []
    for index, letter in enumerate(text):
        if letter in "([":
            stack.append(index)
        elif letter in ")]":
            if stack:
                _ = stack.pop()
            else:
                start = index + 1
    if stack and stack[-1] >= start:
        start = stack[-1] + 1
    return text[start:], start
