"""What a JSON value says as numbers: text that holds a number, nested objects, lists, wrapped scalars."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeGuard

import numpy as np

from traindx.run import Floats, Setting

# Sub-objects that configure a run rather than measure it, and those of trackers that hold media.
CONFIG_KEYS = frozenset({"config", "cfg", "hparams", "hyperparameters", "args", "params", "trial_params"})
MEDIA_KEY = "_type"
MAX_DEPTH = 32
# A longer list is a histogram or an embedding, not a handful of metrics.
MAX_LIST = 256
_MAX_TEXT = 500

_NUMBER = re.compile(r"\s*+[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?\s*+", re.ASCII)
_WORDS = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", re.ASCII)


def is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether a decoded value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Whether a decoded value is a JSON list."""
    return isinstance(value, list)


def as_object(value: object) -> Mapping[str, object]:
    """Return a JSON object as it is, and anything else as an empty one."""
    return value if is_object(value) else {}


def as_list(value: object) -> Sequence[object]:
    """Return a JSON list as it is, and anything else as an empty one."""
    return value if is_list(value) else ()


def number(value: object) -> float | None:
    """Return ``value`` as a float, or None where it is no number: text such as "21.2" or "NaN" is, a flag is not."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return _real(value)
    if isinstance(value, str):
        return _from_text(value)
    return _unwrapped(value) if is_object(value) else None


def _real(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _from_text(text: str) -> float | None:
    if len(text) > 400:
        return None
    if _NUMBER.fullmatch(text):
        return float(text)
    word = text.strip().lower()
    sign = -1.0 if word.startswith("-") else 1.0
    found = _WORDS.get(word.lstrip("+-"))
    return None if found is None else sign * found


def _unwrapped(value: Mapping[str, object]) -> float | None:
    """Return the number in a numpy scalar that jsonpickle wrote as an object."""
    if "py/object" in value or "dtype" in value:
        inner = value.get("value")
        if isinstance(inner, (int, float, str)):
            return number(inner)
        return _from_bytes(value)
    return _from_bytes(value) if "py/reduce" in value else None


def _from_bytes(value: object) -> float | None:
    """Return the scalar whose little-endian bytes stand in the first base64 text inside ``value``."""
    stack: list[tuple[object, int]] = [(value, 0)]
    while stack:
        node, depth = stack.pop()
        if is_object(node):
            coded = node.get("py/b64")
            if isinstance(coded, str):
                return _scalar(coded)
            children: Sequence[object] = tuple(node.values())
        else:
            children = as_list(node)
        if depth < 8:
            stack.extend((child, depth + 1) for child in reversed(children[:8]))
    return None


def _scalar(coded: str) -> float | None:
    try:
        raw = base64.b64decode(coded.strip(), validate=False)
    except (binascii.Error, ValueError):
        return None
    kind = {4: "<f4", 8: "<f8", 2: "<f2"}.get(len(raw))
    return None if kind is None else float(np.frombuffer(raw, dtype=kind)[0])


def flattened(name: str, value: object, depth: int = 0) -> Iterator[tuple[str, float]]:
    """Yield the numbers inside ``value`` under names joined with "/"; media and configuration hold none."""
    plain = number(value)
    if plain is not None:
        yield name, plain
    elif is_object(value):
        if MEDIA_KEY not in value and depth < MAX_DEPTH:
            for key, child in value.items():
                if not (is_object(child) and key in CONFIG_KEYS):
                    yield from flattened(f"{name}/{key}" if name else key, child, depth + 1)
    elif is_list(value) and len(value) <= MAX_LIST and depth < MAX_DEPTH:
        for index, child in enumerate(value):
            yield from flattened(f"{name}/{index}", child, depth + 1)


def settings_of(value: object, source: str, prefix: str = "", depth: int = 0) -> Iterator[Setting]:
    """Yield the scalars inside ``value`` as settings with dotted names. Long texts are left out."""
    if is_object(value):
        if depth < MAX_DEPTH:
            for key, child in value.items():
                yield from settings_of(child, source, f"{prefix}.{key}" if prefix else str(key), depth + 1)
    elif prefix and (value is None or isinstance(value, (bool, int, float, str))) and len(str(value)) <= _MAX_TEXT:
        yield Setting(prefix, value, source)


def seconds(value: object) -> float:
    """Return a time as seconds since 1970 (a number as it is), NaN where it is none. Without a zone, UTC is meant."""
    if isinstance(value, str) and _TIME.match(value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return math.nan
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    plain = number(value)
    return math.nan if plain is None else plain


def numbers(values: Sequence[object], *, texts: bool = False) -> Floats | None:
    """Return ``values`` as an array where each is a number (with ``texts``, or text that holds one), else None."""
    kinds = set(map(type, values))
    if not kinds <= ({int, float, str} if texts else {int, float}):
        return None
    # Python, and so numpy, would take "2024_01_31" for a number.
    if str in kinds and any("_" in value for value in values if isinstance(value, str)):
        return None
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        parsed = [number(value) for value in values]
        return None if None in parsed else np.array(parsed, dtype=np.float64)
    except ValueError:
        return None
