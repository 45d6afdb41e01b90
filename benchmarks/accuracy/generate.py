"""Makes the planned runs, and the table of their labels."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from benchmarks.accuracy import forms
from benchmarks.accuracy.faults import FAULTS
from benchmarks.accuracy.labelling import Truth, label
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.planning import plans
from benchmarks.accuracy.programs import program, programs
from benchmarks.accuracy.record import Record, load, save
from benchmarks.accuracy.recorder import Recorder


def generate(out: Path, *, small: bool = False, only: Sequence[str] = ()) -> int:
    """Make what is missing below ``out``, then write labels.jsonl. Returns how many runs were made."""
    torch.set_num_threads(1)
    wanted = plans([one for one in programs() if not only or one.name in only], small=small)
    twins = _twins(wanted)
    made, started = 0, time.monotonic()
    for number, plan in enumerate(wanted, 1):
        made += _make(plan, out)
        made += _make(twins[plan], out)
        if number % 50 == 0:
            print(f"{number}/{len(wanted)} plans, {made} made, {time.monotonic() - started:.0f} s", flush=True)
    _write_labels(wanted, twins, out)
    return made


def _twins(wanted: Sequence[Plan]) -> dict[Plan, Plan]:
    """The twin of every plan: a plain run that is planned anyway where there is one, in whatever form."""
    planned = {(p.program, p.seed, p.rate, p.length): p for p in wanted if p.healthy == "plain"}
    return {plan: planned.get((plan.program, plan.seed, plan.rate, plan.length), plan.twin) for plan in wanted}


def _record_of(plan: Plan, out: Path) -> Path:
    return out / "records" / f"{plan.identity}.json"


def _make(plan: Plan, out: Path) -> bool:
    file, folder = _record_of(plan, out), out / "runs" / plan.identity
    if file.exists():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    recorder = Recorder()
    program(plan.program).train(plan, recorder)
    log = forms.write(plan.form, recorder, folder)
    save(recorder, log.relative_to(out).as_posix(), file)
    return True


def _write_labels(wanted: Sequence[Plan], twins: dict[Plan, Plan], out: Path) -> None:
    """A healthy kind is held against the plain run of the usual rate and length; a fault against its own twin."""
    rows = []
    for plan in wanted:
        record, twin = load(_record_of(plan, out)), load(_record_of(twins[plan], out))
        rows.append(_row(plan, record, label(plan, record, twin)))
    (out / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _row(plan: Plan, record: Record, truth: Truth) -> dict[str, object]:
    made = program(plan.program)
    return {
        "id": plan.identity,
        "path": record.path,
        "program": plan.program,
        "task": made.task,
        "split": made.split,
        "fault": plan.fault,
        "cause": FAULTS[plan.fault].cause if plan.fault else "",
        "healthy": plan.healthy,
        "conditions": truth.conditions,
        "open": truth.open,
        "verdict": truth.verdict,
        "bites": truth.bites,
        "silent": truth.silent,
        "seed": plan.seed,
        "rate": plan.rate,
        "length": plan.length,
        "form": plan.form,
        "facts": dict(record.facts),
    }
