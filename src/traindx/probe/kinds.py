"""Of what kind a value of a framework is. These answer yes or no and leave its type open, since no stub describes such values."""

from __future__ import annotations

from collections.abc import Mapping


def is_of(value: object, *kinds: type) -> bool:
    """Whether a value is an instance of one of these."""
    return isinstance(value, kinds)


def is_mapping(value: object) -> bool:
    """Whether a value maps names to parts."""
    return isinstance(value, Mapping)


def is_sequence(value: object) -> bool:
    """Whether a value is a list or a tuple."""
    return isinstance(value, list | tuple)
