"""Facts and settings of a recorded run, kept beside its event file where every reading finds them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from traindx.context import TOLD

SETTINGS_FILE: Final = "traindx_run.json"


def write_settings(directory: Path, facts: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Write both, facts in a section of their own where every reading takes them by name; whole or not at all."""
    path = directory / SETTINGS_FILE
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps({**settings, TOLD: dict(facts)}, indent=1, default=str), encoding="utf-8")
    fresh.replace(path)
