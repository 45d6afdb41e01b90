"""The report: every figure from the runs in one folder, the page in docs/, and what each rule's own page says of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.accuracy import forecasting, page, peers, probabilities, scoring
from benchmarks.accuracy.judging import Row, Said, judged, labels, of_peer

ROOT = Path(__file__).resolve().parents[2]
FIGURES = Path(__file__).with_name("figures.json")
PAGE = ROOT / "docs" / "accuracy.md"
MEASURED = ROOT / "src" / "traindx" / "rules" / "measured.json"


def write_report(runs: Path, bin_folder: Path | None) -> None:
    """Judge all runs; write docs/accuracy.md, figures.json and the rules' measured.json.

    Without ``bin_folder`` the peers' figures are those of the last time.
    """
    found = figures(runs, bin_folder)
    FIGURES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page.page(found), encoding="utf-8")
    MEASURED.write_text(json.dumps(measured(found), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(found['broken'])} broken rules; wrote {PAGE.relative_to(ROOT)}, figures.json and measured.json")


def figures(runs: Path, bin_folder: Path | None = None) -> dict[str, Any]:
    """Return every figure of the report."""
    from traindx import __version__

    rows = labels(runs)
    pairs = list(zip(rows, judged(runs, rows), strict=True))
    rules = scoring.rule_figures(pairs)
    return {
        "version": __version__,
        "counts": _counts(rows),
        "tools": {"traindx": _of_tool(pairs), **_peers(runs, rows, bin_folder)},
        "own_conditions": {one: scoring.condition_figures(pairs, one) for one in scoring.OWN_CONDITIONS},
        "rules": {**{code: _silent_rule(pairs) for code in _codes() if code not in rules}, **rules},
        "healthy_kinds": scoring.kinds_of_healthy(pairs),
        "healthy_programs": scoring.programs_of_healthy(pairs),
        "faults": scoring.faults_found(pairs),
        "causes": {split: scoring.cause_figures(_part(pairs, split)) for split in ("fit", "test")},
        "probabilities": {
            split: {
                "findings": probabilities.calibration(probabilities.of_findings(_part(pairs, split))),
                "verdicts": probabilities.calibration(probabilities.of_verdicts(_part(pairs, split))),
                "causes": probabilities.calibration(probabilities.of_causes(_part(pairs, split))),
            }
            for split in ("fit", "test")
        },
        "forecasts": {
            split: forecasting.forecast_figures(runs, [row for row in rows if row["split"] == split])
            for split in ("fit", "test")
        },
        "broken": sorted({said.problem for _, said in pairs if said.read and said.problem}),
    }


def measured(found: dict[str, Any]) -> dict[str, dict[str, float | int | None]]:
    """What the rules' pages show."""
    keys = ("precision", "recall", "false_alarms", "fired", "healthy")
    return {code: {key: figures[key] for key in keys} for code, figures in found["rules"].items()}


def _codes() -> list[str]:
    from traindx.rules import ALL_RULES

    return [rule.meta.code for rule in ALL_RULES]


def _silent_rule(pairs: scoring.Pairs) -> scoring.Figures:
    """The figures of a rule that spoke on no run."""
    healthy = sum(row["verdict"] == "healthy" and bool(row["healthy"]) and said.read for row, said in pairs)
    nothing: scoring.Figures = {"precision": None, "on_faulty": None, "recall": None}
    return {"fired": 0, "healthy": healthy, "false_alarms": 0.0, "informed": 0, **nothing}


def _part(pairs: scoring.Pairs, split: str) -> list[tuple[Row, Said]]:
    return [pair for pair in pairs if pair[0]["split"] == split]


def _of_tool(pairs: scoring.Pairs, version: str = "") -> dict[str, Any]:
    return {
        "version": version,
        **{split: scoring.headline(_part(pairs, split)) for split in ("fit", "test")},
        "all": scoring.headline(pairs),
        "read_only": scoring.headline([pair for pair in pairs if pair[1].read]),
        "conditions": {one: scoring.condition_figures(pairs, one) for one in scoring.SHARED_CONDITIONS},
        "forms": {
            form: scoring.share(
                sum(said.read for row, said in pairs if row["form"] == form),
                sum(row["form"] == form for row, _ in pairs),
            )
            for form in sorted({row["form"] for row, _ in pairs})
        },
    }


def _peers(runs: Path, rows: Sequence[Row], bin_folder: Path | None) -> dict[str, Any]:
    if bin_folder is None:
        known = json.loads(FIGURES.read_text(encoding="utf-8"))["tools"] if FIGURES.exists() else {}
        return {name: figures for name, figures in known.items() if name != "traindx"}
    paths = [runs / row["path"] for row in rows]
    versions, answers = peers.ask(bin_folder, paths)
    found = {}
    for name, version in versions.items():
        said = [of_peer(answers[str(path)][name]) for path in paths]
        found[name] = _of_tool(list(zip(rows, said, strict=True)), version)
    return found


def _counts(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "runs": len(rows),
        "programs": {split: sorted({r["program"] for r in rows if r["split"] == split}) for split in ("fit", "test")},
        "faults": len({row["fault"] for row in rows if row["fault"]}),
        "causes": len({row["cause"] for row in rows if row["cause"]}),
        "healthy_kinds": len({row["healthy"] for row in rows if row["healthy"]}),
        "forms": sorted({row["form"] for row in rows}),
        "seeds": len({row["seed"] for row in rows}),
        "rates": sorted({row["rate"] for row in rows}),
        "lengths": sorted({row["length"] for row in rows}),
        **{verdict: sum(row["verdict"] == verdict for row in rows) for verdict in ("failing", "attention", "open")},
        "healthy": sum(row["verdict"] == "healthy" and bool(row["healthy"]) for row in rows),
        "silent": sum(row["silent"] for row in rows),
    }
