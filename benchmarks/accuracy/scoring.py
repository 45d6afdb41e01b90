"""Counts and shares: how many failing runs are found, how many healthy ones are accused, condition by condition."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.accuracy.judging import QUIET, Row, Said, merged

from traindx.diagnosis import CONDITIONS

Pairs = Sequence[tuple[Row, Said]]
Figures = dict[str, float | int | None]

SHARED_CONDITIONS = ("nan", "diverged", "trivial", "overfit", "restarted")
OWN_CONDITIONS = ("scale", "suspicious_val", "lr_schedule", "clipped", "mixed_streams", "metric_arithmetic")


def share(part: int, whole: int) -> float | None:
    """Return part of whole, or None where there is nothing to divide by."""
    return round(part / whole, 4) if whole else None


def upper_bound(part: int, whole: int) -> float | None:
    """Return the upper end of Wilson's 95 % interval of a share.

    >>> upper_bound(0, 100)
    0.037
    """
    if not whole:
        return None
    z = 1.96
    middle = part + z * z / 2
    wide = z * math.sqrt(part * (whole - part) / whole + z * z / 4)
    return round((middle + wide) / (whole + z * z), 4)


def headline(pairs: Pairs) -> Figures:
    """Failing runs found and called clean; faulty ones that got any alarm; healthy ones accused; silent ones left in peace."""
    failing = [said for row, said in pairs if row["verdict"] == "failing"]
    faulty = [said for row, said in pairs if row["verdict"] in {"failing", "attention"} and not row["silent"]]
    healthy = [said for row, said in pairs if row["verdict"] == "healthy" and row["healthy"] and said.read]
    silent = [said for row, said in pairs if row["silent"] and said.read]
    return {
        "runs": len(pairs),
        "read": sum(said.read for _, said in pairs),
        "failing": len(failing),
        "failing_found": share(sum(said.fails for said in failing), len(failing)),
        "failing_alarmed": share(sum(said.alarms for said in failing), len(failing)),
        "failing_called_clean": share(sum(said.read and not said.alarms for said in failing), len(failing)),
        "faulty": len(faulty),
        "faulty_alarmed": share(sum(said.alarms for said in faulty), len(faulty)),
        "healthy": len(healthy),
        "false_errors": share(sum(said.fails for said in healthy), len(healthy)),
        "false_errors_upper": upper_bound(sum(said.fails for said in healthy), len(healthy)),
        "false_alarms": share(sum(said.alarms for said in healthy), len(healthy)),
        "false_alarms_upper": upper_bound(sum(said.alarms for said in healthy), len(healthy)),
        "silent": len(silent),
        "silent_alarmed": share(sum(said.alarms for said in silent), len(silent)),
    }


def told(said: Said) -> set[str]:
    """The conditions that a tool claims, above information."""
    return {merged(condition) for _, condition, severity, _ in said.findings if severity not in QUIET}


def condition_figures(pairs: Pairs, condition: str) -> Figures:
    """Precision, recall and false alarms of one condition, over runs where the label is settled for it.

    A file that a tool cannot read is one in which it finds nothing.
    """
    right = missed = wrong = healthy = accused = hinted = 0
    for row, said in pairs:
        holds = condition in {merged(one) for one in row["conditions"]}
        unsettled = condition in {merged(one) for one in row["open"]} and not holds
        if row["verdict"] == "open" or unsettled:
            continue
        claimed = condition in told(said)
        right += holds and claimed
        missed += holds and not claimed
        hinted += holds and condition in {merged(one) for _, one, *_ in said.findings}
        wrong += claimed and not holds
        sound = row["verdict"] == "healthy" and bool(row["healthy"])
        healthy += sound
        accused += sound and claimed
    return {
        "runs": right + missed,
        "precision": share(right, right + wrong),
        "recall": share(right, right + missed),
        "mentioned": share(hinted, right + missed),
        "false_alarms": share(accused, healthy),
    }


def rule_figures(pairs: Pairs) -> dict[str, Figures]:
    """Per rule code, over what it says above information.

    ``precision`` is the share of its alarms on settled runs that are right: the condition holds, or, for a rule without one, the
    run is faulty and shows it. ``on_faulty`` is the milder measure for all: the share of its alarms that fall on faulty runs. ``recall``
    is the share of the runs with its condition in which it speaks. ``false_alarms`` is the share of healthy runs it accuses.
    """
    codes = sorted({code for _, said in pairs for code, *_ in said.findings})
    return {code: _one_rule(pairs, code) for code in codes}


def _one_rule(pairs: Pairs, code: str) -> Figures:
    fired = right = settled = faulty = healthy = accused = informed = 0
    having = caught = 0
    condition = next((c for _, said in pairs for k, c, *_ in said.findings if k == code and c in CONDITIONS), "")
    for row, said in pairs:
        mine = [one for one in said.findings if one[0] == code]
        loud = any(severity not in QUIET for _, _, severity, _ in mine)
        sound = row["verdict"] == "healthy" and bool(row["healthy"])
        healthy += sound and said.read
        accused += sound and loud
        informed += bool(mine) and not loud
        having += condition in row["conditions"]
        caught += condition in row["conditions"] and loud
        if not loud or row["verdict"] == "open":
            continue
        ill = row["verdict"] in {"failing", "attention"} and not row["silent"]
        fired += 1
        faulty += ill
        if not (condition in row["open"] and condition not in row["conditions"] and ill):
            settled += 1
            right += condition in row["conditions"] if condition else ill
    return {
        "fired": fired,
        "precision": share(right, settled),
        "on_faulty": share(faulty, fired),
        "recall": share(caught, having) if condition else None,
        "healthy": healthy,
        "false_alarms": share(accused, healthy),
        "informed": informed,
    }


def kinds_of_healthy(pairs: Pairs) -> dict[str, Figures]:
    """False alarms by the kind of healthy run."""
    kinds = sorted({row["healthy"] for row, _ in pairs if row["healthy"]})
    return {
        kind: _false([p for p in pairs if p[0]["healthy"] == kind and p[0]["verdict"] == "healthy"]) for kind in kinds
    }


def programs_of_healthy(pairs: Pairs) -> dict[str, Figures]:
    """False alarms by program, on its healthy runs."""
    names = sorted({row["program"] for row, _ in pairs})
    sound = [p for p in pairs if p[0]["verdict"] == "healthy" and p[0]["healthy"]]
    return {name: _false([p for p in sound if p[0]["program"] == name]) for name in names}


def _false(pairs: Pairs) -> Figures:
    heard = [said for _, said in pairs if said.read]
    return {
        "healthy": len(heard),
        "false_errors": sum(said.fails for said in heard),
        "false_alarms": sum(said.alarms for said in heard),
    }


def faults_found(pairs: Pairs) -> dict[str, Figures]:
    """By fault, over the runs in which it shows: alarms, and where the cause is ranked."""
    names = sorted({row["fault"] for row, _ in pairs if row["fault"]})
    return {name: _one_fault([p for p in pairs if p[0]["fault"] == name]) for name in names}


def _one_fault(pairs: Pairs) -> Figures:
    shown = [p for p in pairs if not p[0]["silent"]]
    silent = [said for row, said in pairs if row["silent"]]
    return {
        "runs": len(shown),
        "alarmed": share(sum(said.alarms for _, said in shown), len(shown)),
        "error": share(sum(said.fails for _, said in shown), len(shown)),
        "top1": share(sum(row["cause"] in ranked(said, 1) for row, said in shown), len(shown)),
        "top3": share(sum(row["cause"] in ranked(said, 3) for row, said in shown), len(shown)),
        "silent": len(silent),
        "silent_alarmed": sum(said.alarms for said in silent),
    }


def ranked(said: Said, count: int) -> list[str]:
    """The names of the likeliest causes."""
    return [name for name, _ in sorted(said.causes, key=lambda one: -one[1])[:count]]


def cause_figures(pairs: Pairs) -> Figures:
    """Top-1 and top-3 of the cause, over faulty runs that show their fault, and beside the commonest cause of all."""
    shown = [p for p in pairs if p[0]["fault"] and not p[0]["silent"] and p[0]["verdict"] in {"failing", "attention"}]
    loud = [p for p in shown if p[1].causes]
    names = [row["cause"] for row, _ in shown]
    return {
        "runs": len(shown),
        "answered": share(len(loud), len(shown)),
        "top1": share(sum(row["cause"] in ranked(said, 1) for row, said in shown), len(shown)),
        "top3": share(sum(row["cause"] in ranked(said, 3) for row, said in shown), len(shown)),
        "top1_of_answered": share(sum(row["cause"] in ranked(said, 1) for row, said in loud), len(loud)),
        "top3_of_answered": share(sum(row["cause"] in ranked(said, 3) for row, said in loud), len(loud)),
        "commonest": share(max((names.count(name) for name in set(names)), default=0), len(names)),
        "causes": len(set(names)),
    }
