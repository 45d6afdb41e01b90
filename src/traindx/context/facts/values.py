"""From text to the value of a fact: ``50k``, ``1e-4``, ``true``, ``AdamW``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from traindx.baselines import is_family
from traindx.context.facts.spec import FactSpec, FactType
from traindx.context.keys import FactValue
from traindx.context.roles import FAMILIES
from traindx.context.roles.families import FAMILY_PHRASES
from traindx.errors import UsageError, unknown_name

_NUMBER: Final = re.compile(r"([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?) ?([kKmMbBgG]|%)?")
_SCALE: Final = {"k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "%": 0.01, "": 1.0}
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0", "none", "null", "scratch", ""})
_OPTIMIZERS: Final = (
    # the longer name first where one contains the other
    "adamw", "adamax", "nadam", "radam", "adafactor", "adagrad", "adadelta", "adam", "sgd", "lion", "lamb", "lars", "rmsprop",
    "muon", "shampoo", "soap", "sophia", "prodigy", "novograd", "lbfgs",
)  # fmt: skip
_SCHEDULES: Final = (
    "onecycle", "cosine", "linear", "constant", "multistep", "step", "polynomial", "poly", "exponential", "plateau",
    "inverse_sqrt", "noam", "wsd", "warmup_stable_decay", "cyclic",
)  # fmt: skip
_PRECISIONS: Final = (
    ("bf16", "bf16"), ("bfloat16", "bf16"), ("fp8", "fp8"), ("float8", "fp8"), ("fp16", "fp16"), ("float16", "fp16"),
    ("half", "fp16"), ("16", "fp16"), ("fp64", "fp64"), ("float64", "fp64"), ("64", "fp64"), ("tf32", "tf32"), ("32", "fp32"),
    ("no", "fp32"), ("float", "fp32"),
)  # fmt: skip


def fact_value(spec: FactSpec, value: FactValue) -> FactValue:
    """Return ``value`` in the type of ``spec`` and inside its bounds, or raise UsageError."""
    try:
        parsed = _PARSERS[spec.type](spec, value)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"{spec.name} must be {_SPOKEN[spec.type]}, not {value!r}", hint=spec.meaning) from None
    if isinstance(parsed, (int, float)) and not isinstance(parsed, bool):
        _check_bounds(spec, parsed)
    return parsed


def number(value: FactValue) -> float:
    """Return a finite number from ``50k``, ``1.5M``, ``1e-4``, ``1_000``, ``1,000``, ``5%``; raise ValueError otherwise."""
    if isinstance(value, bool):
        raise TypeError
    if not isinstance(value, str):
        parsed = float(value)
    else:
        found = _NUMBER.fullmatch(re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", value.strip()[:64]))
        if found is None:
            raise ValueError
        parsed = float(found[1]) * _SCALE[(found[2] or "").lower()]
    if not math.isfinite(parsed):
        raise ValueError
    return parsed


def _check_bounds(spec: FactSpec, value: float) -> None:
    low, high = spec.minimum, spec.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"from {low:g} to {high:g}" if low is not None and high is not None else f"at least {low:g}"
        raise UsageError(f"{spec.name} must be {bounds}, not {value:g}", hint=spec.meaning)


def _whole(spec: FactSpec, value: FactValue) -> int:
    parsed = round(number(value), 6)
    if parsed != int(parsed):
        raise ValueError(spec.name)
    return int(parsed)


def _real(spec: FactSpec, value: FactValue) -> float:
    del spec
    return number(value)


def _truth(spec: FactSpec, value: FactValue) -> bool:
    text = str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise ValueError(spec.name)
    return text in _TRUE


def _flag(spec: FactSpec, value: FactValue) -> bool:
    """A yes or no, or a name, path or rank that means yes."""
    del spec
    if isinstance(value, str):
        return value.strip().lower() not in _FALSE
    return bool(value)


def _floats(spec: FactSpec, value: FactValue) -> str:
    del spec
    parts = str(value).strip("[]() ").split(",")
    if len(parts) > 10_000:
        raise ValueError
    return ", ".join(f"{number(part):g}" for part in parts)


def _choice(spec: FactSpec, value: FactValue) -> str:
    word = str(value).strip().lower()
    if word not in spec.choices:
        raise unknown_name(spec.name, str(value), spec.choices)
    return word


def _family(spec: FactSpec, value: FactValue) -> str:
    """A loss family by its name, by one of its spellings, or by the name of the class that computes it."""
    plain = (
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(value).strip().rsplit(".", 1)[-1][:80])
        .lower()
        .replace("-", "_")
        .replace(" ", "_")
    )
    bare = re.sub(r"_?loss$|^loss_", "", plain.removesuffix("_with_logits"))
    if plain in FAMILIES or is_family(plain):
        return plain
    if bare in FAMILIES or is_family(bare):
        return bare
    spoken = FAMILY_PHRASES.get(tuple(bare.split("_")))
    if spoken is None:
        raise unknown_name(spec.name, str(value), FAMILIES)
    return spoken


def _listed(names: tuple[str, ...]) -> Callable[[FactSpec, FactValue], str]:
    """Return a parser that finds one of ``names`` inside the text, and else keeps the text in lower case."""

    def parse(spec: FactSpec, value: FactValue) -> str:
        word = re.sub(r"[\s-]+", "_", str(value).strip().lower())[:80]
        if not word or word in _FALSE:
            raise ValueError(spec.name)
        return next((name for name in names if name in word), word.rsplit(".", 1)[-1])

    return parse


def _precision(spec: FactSpec, value: FactValue) -> str:
    word = str(value).strip().lower()
    found = next((name for written, name in _PRECISIONS if written in word), None)
    if found is None:
        raise ValueError(spec.name)
    return found


_PARSERS: Final[Mapping[FactType, Callable[[FactSpec, FactValue], FactValue]]] = MappingProxyType(
    {
        "int": _whole,
        "float": _real,
        "bool": _truth,
        "flag": _flag,
        "floats": _floats,
        "choice": _choice,
        "family": _family,
        "optimizer": _listed(_OPTIMIZERS),
        "schedule": _listed(_SCHEDULES),
        "precision": _precision,
    }
)
_SPOKEN: Final[Mapping[FactType, str]] = MappingProxyType(
    {
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "flag": "true or false",
        "floats": "numbers with commas between",
        "choice": "one of the listed words",
        "family": "a loss family",
        "optimizer": "the name of an optimiser",
        "schedule": "the name of a schedule",
        "precision": "a number format such as bf16",
    }
)
