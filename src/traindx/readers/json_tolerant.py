"""Decoding of JSON as programs really write it: NaN, trailing commas, Python reprs, files that end too soon."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, final

import msgspec

# Strings are matched possessively and may end with the text, so that no input makes the scan step back.
_DOUBLE = r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
_SINGLE = r"'(?:[^'\\]++|\\.)*+(?:'|\\?\Z)"
_WRAPPED = (
    r"\b(?:tensor|array|(?:np\.|numpy\.|torch\.)?(?:float|int|uint|bfloat)\d+)\(\s*+(?P<inner>[-+.\w]++)[^()]*+\)"
)
_WORD = r"(?P<word>[-+]?\b(?:None|True|False|nan|NAN|NaN|inf|Inf|INF|Infinity)\b)"
_REPR = re.compile(
    rf"(?P<double>{_DOUBLE})|(?P<single>{_SINGLE})|(?P<comma>,(?=\s*+[}}\])]))|{_WRAPPED}|{_WORD}|[()]",
    re.DOTALL,
)
_STRUCTURE = re.compile(rf"{_DOUBLE}|[{{}}\[\],]", re.DOTALL)
_WORDS = {
    "None": "null",
    "True": "true",
    "False": "false",
    "nan": "NaN",
    "inf": "Infinity",
    "infinity": "Infinity",
}
_BRACKETS = {"(": "[", ")": "]", "{": "}", "[": "]"}
# Whole numbers of more digits than a double can hold are infinite, and Python refuses to parse thousands of digits.
_MAX_DIGITS = 309


class NotJsonError(ValueError):
    """The text is no JSON, not even in the wider sense; ``position`` is the character where reading stopped."""

    def __init__(self, problem: str, position: int = 0) -> None:
        super().__init__(problem)
        self.position = position


@final
@dataclass(frozen=True, slots=True)
class Documents:
    """The JSON values of a text, in order; ``incomplete`` is empty or says what was lost."""

    values: tuple[object, ...]
    incomplete: str = ""


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


_FAST = msgspec.json.Decoder[Any]()
_WITH_NAN = json.JSONDecoder(parse_int=_whole)


def decode(data: bytes) -> object:
    """Return the one JSON value in ``data``, accepting bare NaN and infinities.

    Raises ``NotJsonError`` where it is none, or is nested too deeply.
    """
    try:
        return _FAST.decode(data)
    except (ValueError, RecursionError):
        pass
    return _decode_text(data.decode("utf-8", "replace").strip(" \t\r\n\0\ufeff"))


def decode_repr(text: str) -> object:
    """Return the value of a Python literal or sloppy JSON: single quotes, None, nan, tuples, trailing commas."""
    return _decode_text(_REPR.sub(_strict, text))


def documents(data: bytes) -> Documents:
    """Return all JSON values that stand one after the other in ``data``.

    A last one that is cut off or damaged is closed at the last complete element before the damage.
    Raises ``NotJsonError`` where not even the first can be read.
    """
    try:
        return Documents((_FAST.decode(data),))
    except (ValueError, RecursionError):
        pass
    return _sequence(data.decode("utf-8", "replace").strip(" \t\r\n\0\ufeff"))


def _sequence(text: str) -> Documents:
    values: list[object] = []
    position = 0
    while position < len(text):
        try:
            value, position = _WITH_NAN.raw_decode(text, position)
        except RecursionError:
            raise NotJsonError("nested too deeply", position) from None
        except json.JSONDecodeError as error:
            return _damaged(text, position, error.pos, values)
        values.append(value)
        position = _next(text, position)
    if not values:
        raise NotJsonError("no JSON value")
    return Documents(tuple(values))


_GAP = re.compile(r"[\s,\0]*+")


def _next(text: str, position: int) -> int:
    found = _GAP.match(text, position)
    return position if found is None else found.end()


def _damaged(text: str, start: int, stop: int, values: list[object]) -> Documents:
    """Read what can be read of the document at ``start``, in which strict reading stopped at ``stop``."""
    rest = text[start:]
    if not values:
        try:
            return Documents((decode_repr(rest),))
        except NotJsonError:
            pass
    cut_off = not text[stop:].strip() or "\n" not in text[stop:].strip()[:-1]
    problem = "the last record is cut off" if cut_off else f"unreadable from character {stop} on"
    try:
        values.append(_decode_text(closed(text[start:stop])))
    except NotJsonError:
        if not values:
            raise NotJsonError("not valid JSON", stop) from None
    return Documents(tuple(values), problem)


def closed(text: str) -> str:
    """Return ``text`` up to its last complete element, with every open bracket closed."""
    stack: list[str] = []
    end = 0
    for token in _STRUCTURE.finditer(text):
        sign = token[0]
        if sign in "{[":
            stack.append(_BRACKETS[sign])
        elif sign in "}]":
            if not stack or stack.pop() != sign:
                break
        elif sign != ",":
            continue
        end = token.start() if sign == "," else token.end()
    return text[:end] + "".join(reversed(stack))


def _decode_text(text: str) -> object:
    try:
        value, end = _WITH_NAN.raw_decode(text)
    except json.JSONDecodeError as error:
        raise NotJsonError(error.msg.lower(), error.pos) from None
    except RecursionError:
        raise NotJsonError("nested too deeply") from None
    if text[end:].strip():
        raise NotJsonError("extra text after the value", end)
    return value


def _strict(token: re.Match[str]) -> str:
    """Return what strict JSON writes for one token of a Python repr."""
    match token.lastgroup:
        case "double":
            return token[0]
        case "single":
            return json.dumps(token[0][1:-1].replace("\\'", "'"))
        case "comma":
            return ""
        case "inner":
            return _word(token["inner"])
        case "word":
            return _word(token[0])
        case _:
            return _BRACKETS.get(token[0], "]")


def _word(text: str) -> str:
    sign, bare = ("-", text[1:]) if text[:1] == "-" else ("", text.removeprefix("+"))
    known = _WORDS.get(bare) or _WORDS.get(bare.lower(), bare)
    return known if known == "NaN" else sign + known
