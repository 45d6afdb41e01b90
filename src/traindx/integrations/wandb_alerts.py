"""Findings as alerts of Weights & Biases: ``Monitor(..., on_change=alert_wandb)``."""

from __future__ import annotations

from typing import Any, Final

import wandb

from traindx.diagnosis import Severity
from traindx.integrations.told_change import text_of, title_of
from traindx.live import Change

_TITLE: Final = 63  # W&B: less than 64 characters
_LEVELS: Final = {Severity.ERROR: "ERROR", Severity.WARNING: "WARN", Severity.INFO: "INFO"}


def alert_wandb(change: Change, run: Any = None) -> None:
    """Send one alert for a finding that appeared, grew worse or cleared; remarks are not sent.

    It goes to ``run``, or to the active one; without any nothing happens. An offline run keeps it until it is synchronised.
    """
    used = run if run is not None else wandb.run
    if used is None or change.is_remark:
        return
    level = "INFO" if change.state == "cleared" else _LEVELS[change.finding.severity]
    used.alert(title=title_of(change, _TITLE), text=text_of(change), level=level)
