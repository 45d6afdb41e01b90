"""Are the printed probabilities true? Brier scores and reliability tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from benchmarks.accuracy.judging import QUIET
from benchmarks.accuracy.scoring import Pairs

from traindx.diagnosis import CONDITIONS

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
Claim = tuple[float, bool]
"""A probability that was printed, and whether it came true."""


def calibration(claims: Iterable[Claim]) -> dict[str, Any]:
    """Return Brier score, that of always saying the base rate, the expected calibration error, and the table behind it."""
    told = [claim for claim in claims if claim[0] == claim[0]]
    if not told:
        return {"claims": 0}
    said = np.array([p for p, _ in told])
    true = np.array([t for _, t in told], dtype=float)
    table = []
    places = np.clip(np.searchsorted(BINS, said, side="right") - 1, 0, len(BINS) - 2)
    for place in range(len(BINS) - 1):
        inside = places == place
        if inside.any():
            table.append(
                {
                    "from": BINS[place],
                    "to": BINS[place + 1],
                    "claims": int(inside.sum()),
                    "said": round(float(said[inside].mean()), 3),
                    "true": round(float(true[inside].mean()), 3),
                }
            )
    gap = sum(row["claims"] * abs(row["said"] - row["true"]) for row in table) / len(said)
    rate = float(true.mean())
    return {
        "claims": len(said),
        "brier": round(float(((said - true) ** 2).mean()), 4),
        "brier_of_base_rate": round(rate * (1 - rate), 4),
        "calibration_error": round(gap, 4),
        "table": table,
    }


def of_findings(pairs: Pairs) -> list[Claim]:
    """The confidence of every finding above information, against the label; open conditions are left out."""
    claims: list[Claim] = []
    for row, said in pairs:
        if row["verdict"] == "open":
            continue
        ill = row["verdict"] in {"failing", "attention"} and not row["silent"]
        for _, condition, severity, confidence in said.findings:
            if severity in QUIET or (condition in row["open"] and condition not in row["conditions"] and ill):
                continue
            claims.append((confidence, condition in row["conditions"] if condition in CONDITIONS else ill))
    return claims


def of_verdicts(pairs: Pairs) -> list[Claim]:
    """The verdict's confidence, against the label; "inconclusive" claims nothing. A silent fault may be called healthy."""
    return [
        (said.confidence, said.verdict == ("healthy" if row["silent"] else row["verdict"]))
        for row, said in pairs
        if said.read and said.verdict != "inconclusive" and row["verdict"] != "open"
    ]


def of_causes(pairs: Pairs) -> list[Claim]:
    """The probability of every cause that is named on a run whose fault shows, or that is healthy."""
    return [
        (probability, name == row["cause"])
        for row, said in pairs
        if row["verdict"] != "open" and not row["silent"]
        for name, probability in said.causes
    ]
