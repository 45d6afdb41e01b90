"""Settings beside a log, as programs of a form save them."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.accuracy.recorder import Recorder


def config_json(recorder: Recorder, folder: Path) -> None:
    """Save the settings as config.json."""
    (folder / "config.json").write_text(json.dumps(recorder.settings, indent=2) + "\n", encoding="utf-8")


def hparams_yaml(recorder: Recorder, folder: Path) -> None:
    """Save the settings as hparams.yaml, as Lightning does."""
    lines = [
        f"{name}: {str(value).lower() if isinstance(value, bool) else value}"
        for name, value in recorder.settings.items()
    ]
    (folder / "hparams.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def namespace(recorder: Recorder) -> str:
    """Return the line that printing argparse's result gives."""
    return "Namespace(" + ", ".join(f"{name}={value!r}" for name, value in recorder.settings.items()) + ")"
