"""Diagnose every log of a labelled corpus: writes {id: {"traindx": [[condition, severity], ...]}} for a scorer.

usage: corpus_diagnoses.py CORPUS_DIRECTORY LABELS.jsonl OUT.json
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from traindx.api import diagnose_all
from traindx.diagnosis import Report
from traindx.errors import TraindxError


def main(root: Path, labels: Path, out: Path) -> None:
    started, answers = time.process_time(), {}
    for line in labels.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        answers[row["id"]] = {"traindx": _answer(root / row["path"])}
    out.write_text(json.dumps(answers, indent=0), encoding="utf-8")
    print(f"{len(answers)} logs in {time.process_time() - started:.1f} CPU seconds")


def _answer(path: Path) -> str | list[list[str]]:
    try:
        reports = diagnose_all(path)
    except TraindxError as problem:
        return f"UNREAD {problem}"
    return [pair for report in reports for pair in _findings(report)]


def _findings(report: Report) -> list[list[str]]:
    return [[finding.condition or finding.name, finding.severity.value] for finding in report.findings]


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
