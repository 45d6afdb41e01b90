"""The verdict and the findings as tags of an MLflow run, to search runs by."""

from __future__ import annotations

from typing import Final

import mlflow
from mlflow import MlflowClient

from traindx.diagnosis import Report, Severity
from traindx.errors import UsageError
from traindx.render import shorten

_LONGEST: Final = 500  # characters; MLflow's stores take 5,000 or more, and a column of a table shows a fraction


def tag_mlflow(report: Report | None, run_id: str | None = None) -> None:
    """Set ``traindx.verdict``, ``traindx.summary`` and ``traindx.findings`` (codes with commas, the gravest first; remarks are left out).

    The run is ``run_id``, or the active one. MLflow knows the active run of a thread only, and a monitor calls ``on_change`` in a thread of its own:
    give ``run_id`` there. Raises ``UsageError`` where no run is active.
    """
    if report is None:
        return
    active = mlflow.active_run() if run_id is None else None
    used = run_id if active is None else str(active.info.run_id)
    if used is None:
        raise UsageError("no run of mlflow is active in this thread", hint="give run_id=")
    codes = dict.fromkeys(f.code for f in report.findings if f.severity is not Severity.INFO)
    client = MlflowClient()
    client.set_tag(used, "traindx.verdict", report.verdict.state)
    client.set_tag(used, "traindx.summary", shorten(report.verdict.summary, _LONGEST))
    client.set_tag(used, "traindx.findings", ",".join(codes)[:_LONGEST])
