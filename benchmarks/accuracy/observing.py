"""What traindx sees in each generated run: the answers of all features, kept beside the runs so that fitting need not read logs again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from traindx.causes import observe, unfit_for
from traindx.causes.table import Table
from traindx.context import build_case
from traindx.diagnosis import Severity
from traindx.engine import examine, select_rules
from traindx.errors import TraindxError
from traindx.readers import read_path


@final
@dataclass(frozen=True, slots=True)
class Observed:
    """One run: where it comes from, the true cause ("" where it is healthy), whether a rule warned, and what was seen."""

    id: str
    program: str
    split: str
    cause: str
    silent: bool
    loud: bool
    answers: Mapping[str, str]
    unfit: Mapping[str, float]


def observed_runs(root: Path, causes: Sequence[str]) -> list[Observed]:
    """Return what is seen in every run below ``root`` (``labels.jsonl``)."""
    rows = [json.loads(line) for line in (root / "labels.jsonl").read_text(encoding="utf-8").splitlines() if line]
    return [found for row in rows for found in _observed(root, row, causes)]


def stored_runs(path: Path) -> list[Observed]:
    """Return what ``keep`` wrote."""
    return [Observed(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def keep(runs: Sequence[Observed], path: Path) -> None:
    """Write observations, one line each."""
    path.write_text("".join(json.dumps(asdict(run)) + "\n" for run in runs), encoding="utf-8")


def _observed(root: Path, row: Mapping[str, Any], causes: Sequence[str]) -> Iterator[Observed]:
    empty = Table(tuple(causes), np.zeros(len(causes)), {}, 1.0, 0.0)
    try:
        runs = read_path(str(root / row["path"]))
    except TraindxError as problem:
        print(f"not read: {row['id']}: {problem}")
        return
    for run in runs[:1]:
        with np.errstate(all="ignore"):
            case = build_case(run)
            said = examine(case, select_rules())
        yield Observed(
            id=row["id"],
            program=row["program"],
            split=row["split"],
            cause=row.get("cause") or "",
            silent=bool(row.get("silent")),
            loud=any(f.severity is not Severity.INFO for f in said.findings),
            answers=observe(case, said.findings, said.passed),
            unfit=dict(zip(causes, map(float, unfit_for(case, empty)), strict=True)),
        )
