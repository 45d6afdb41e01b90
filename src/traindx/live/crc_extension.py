"""A CRC-32C computed by the processor, where the package google-crc32c is installed (zarr and Google's clients bring it)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

Checksum = Callable[[bytes], int]


def crc32c_extension() -> Checksum | None:
    """Return its function; None where the package is missing, or has only its slow form in Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where its compiled part is missing
            module: Any = import_module("google_crc32c")
    except ImportError:
        return None
    checksum: Checksum = module.value
    compiled = getattr(module, "implementation", "") == "c"
    return checksum if compiled and checksum(b"123456789") == 0xE3069283 else None
