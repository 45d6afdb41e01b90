"""When faults are caught while a run still goes on: traindx beside Keras's, Lightning's and threshold alerts, on the same runs.

Real small trainings of benchmarks/accuracy, healthy or with one known fault, are replayed step by step as they log themselves: through
the live engine (guards at every value, all rules twenty times a run and whenever a guard trips), through Keras's TerminateOnNaN and
EarlyStopping and Lightning's EarlyStopping (the real classes, called with the logs that their trainers would hand them), and through an
alert of the kind that is set by hand with a tracker: the loss is not finite, or more than twice its first value.

    python benchmarks/live_catches.py --runs DIR      # trains what is missing below DIR (about 4 s a run), then replays

A fault counts where it bites and shows (labels of benchmarks/accuracy, measured against the healthy twin). On a healthy run a stop is
false where the run, left alone, still improved by more than 5 % of all that it gained; an alarm is false wherever it is raised.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Final, final

import numpy as np

import traindx
from traindx.live import FINITE, Change, Judging, Monitor, Pace, StopPolicy

PROGRAMS: Final = ("digits_mlp", "digits_cnn", "regression_mlp", "series_gru", "three_tasks")
SEED: Final = 11  # of no run that anything was made with
JUDGEMENTS: Final = 20
SPOILT: Final = 0.05
PRESETS: Final = ("nan-only", "cautious", "early-stopping", "by-epoch")
BY_HAND: Final = Pace(every_s=math.inf)
NEVER: Final = math.inf


@final
@dataclass(frozen=True, slots=True)
class Point:
    step: int
    epoch: float | None
    metrics: Mapping[str, float]


@final
@dataclass(frozen=True, slots=True)
class Replayed:
    """One run: what it is, and at which share of it each watcher spoke (infinity where never)."""

    program: str
    fault: str
    kind: str
    caught: Mapping[str, float]
    spoilt: Mapping[str, bool] = field(default_factory=dict)
    first: str = ""


# --- the runs -------------------------------------------------------------------------------------------------------------


def make(out: Path, programs: Sequence[str]) -> Iterator[tuple[dict[str, object], list[Point], dict[str, object]]]:
    """Yield (label, points, settings) of every run, training what is not there yet."""
    import torch
    from benchmarks.accuracy.labelling import label
    from benchmarks.accuracy.plan import Plan
    from benchmarks.accuracy.programs import program
    from benchmarks.accuracy.record import load, save
    from benchmarks.accuracy.recorder import Recorder

    torch.set_num_threads(1)

    def trained(plan: Plan) -> Path:
        file = out / f"{plan.identity}.json"
        if not file.exists():
            recorder = Recorder()
            program(plan.program).train(plan, recorder)
            points = [[p.step, p.epoch, dict(p.metrics)] for p in recorder.points]
            save(recorder, "", out / f"{plan.identity}.record.json")
            file.write_text(json.dumps({"points": points, "settings": recorder.settings}), encoding="utf-8")
        return file

    for name in programs:
        made = program(name)
        plain = Plan(name, healthy="plain", seed=SEED)
        kinds = [plain, *(Plan(name, healthy=kind, seed=SEED) for kind in made.healthy)]
        kinds += [Plan(name, healthy="plain", seed=SEED + more) for more in range(1, 23)]
        for plan in (*kinds, *(Plan(name, fault=fault, seed=SEED) for fault in made.faults)):
            document = json.loads(trained(plan).read_text(encoding="utf-8"))
            records = [load(out / f"{one.identity}.record.json") for one in (plan, plain) if trained(one)]
            truth = label(plan, records[0], records[1])
            points = [Point(step, epoch, metrics) for step, epoch, metrics in document["points"]]
            told = {"program": name, "fault": plan.fault, "healthy": plan.healthy} | asdict(truth)
            yield told, points, document["settings"]


# --- traindx, live --------------------------------------------------------------------------------------------------------


@final
class Live:
    """The live engine on one run: recorded to a folder, guarded at every value, judged as often as told."""

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        self.monitor = Monitor(folder, settings=dict(settings), quiet=True, pace=BY_HAND)
        self.step = -1.0
        self.told: list[Change] = []
        self.judgings = {
            name: Judging(folder, lambda: self.step, policy=StopPolicy.preset(name), pace=BY_HAND, on_change=hear)
            for name, hear in zip(PRESETS, (self.told.append, None, None, None), strict=True)
        }

    def log(self, point: Point) -> None:
        self.monitor.log(point.metrics, step=point.step, epoch=point.epoch)
        self.step = point.step
        for judging in self.judgings.values():
            for name, value in point.metrics.items():
                low, high = judging.guards.bounds.get(name, FINITE)
                if not low < value < high:
                    judging.guards.tripped(point.step, name, value)

    def judge(self, *, due: bool) -> None:
        for judging in self.judgings.values():
            if (due or judging.wanted) and judging.stop_decision is None:
                judging.judge(asked=False)

    def spoke(self) -> Iterator[str]:
        loud = [c for c in self.told if c.state != "cleared" and c.finding.severity is not traindx.Severity.INFO]
        if loud:
            yield "traindx tells"
        if any(change.finding.severity is traindx.Severity.ERROR for change in loud):
            yield "traindx tells an error"
        for name, judging in self.judgings.items():
            if judging.stop_decision is not None:
                yield f"traindx stops: {name}"


# --- the others -----------------------------------------------------------------------------------------------------------


def keras_watchers() -> dict[str, Callable[[Point, str], bool]]:
    """Keras's own callbacks, with a stand-in for the model, on which they set ``stop_training``."""
    import keras

    def watcher(callback: keras.callbacks.Callback, *, batches: bool) -> Callable[[Point, str], bool]:
        model = SimpleNamespace(stop_training=False)
        callback.set_model(model)
        callback.on_train_begin()
        epochs = iter(range(10**9))

        def see(point: Point, monitored: str) -> bool:
            if batches and "train/loss" in point.metrics:
                callback.on_batch_end(point.step, {"loss": point.metrics["train/loss"]})
            elif not batches and monitored in point.metrics:
                callback.on_epoch_end(next(epochs), {"val_loss": point.metrics[monitored]})
            return model.stop_training

        return see

    stopping = keras.callbacks.EarlyStopping
    return {
        "Keras TerminateOnNaN": watcher(keras.callbacks.TerminateOnNaN(), batches=True),
        "Keras EarlyStopping (patience 0, its default)": watcher(stopping("val_loss", mode="min"), batches=False),
        "Keras EarlyStopping (patience 5)": watcher(stopping("val_loss", mode="min", patience=5), batches=False),
    }


def lightning_watchers() -> dict[str, Callable[[Point, str], bool]]:
    """Lightning's own callback, asked as its hook asks itself after every validation."""
    import torch
    from lightning.pytorch.callbacks import EarlyStopping

    def watcher(callback: EarlyStopping) -> Callable[[Point, str], bool]:
        def see(point: Point, monitored: str) -> bool:
            if monitored not in point.metrics:
                return False
            return callback._evaluate_stopping_criteria(torch.tensor(point.metrics[monitored]))[0]

        return see

    return {
        "Lightning EarlyStopping (patience 3, its default)": watcher(EarlyStopping("val/loss")),
        "Lightning EarlyStopping (patience 10)": watcher(EarlyStopping("val/loss", patience=10)),
    }


def threshold_alert() -> Callable[[Point, str], bool]:
    """What is set by hand with a tracker's alerts: ``if not isfinite(loss) or loss > 2 * first: alert(...)``."""
    first: list[float] = []

    def see(point: Point, _monitored: str) -> bool:
        loss = point.metrics.get("train/loss")
        if loss is None:
            return False
        if math.isfinite(loss) and not first:
            first.append(loss)
        return not math.isfinite(loss) or loss > 2 * first[0]

    return see


# --- replaying ------------------------------------------------------------------------------------------------------------


def replay(told: Mapping[str, object], points: Sequence[Point], settings: Mapping[str, object]) -> Replayed:
    monitored = "val/loss" if sum("val/loss" in p.metrics for p in points) > 1 else "train/loss"
    others = {**keras_watchers(), **lightning_watchers(), "threshold alert": threshold_alert()}
    caught: dict[str, float] = {}
    due = {round(part * (len(points) - 1) / JUDGEMENTS) for part in range(1, JUDGEMENTS + 1)}
    with tempfile.TemporaryDirectory(prefix="live_catches_") as folder:
        live = Live(Path(folder), settings)
        for at, point in enumerate(points):
            live.log(point)
            live.judge(due=at in due)
            share = (at + 1) / len(points)
            for name in live.spoke():
                caught.setdefault(name, share)
            for name, see in others.items():
                if name not in caught and see(point, monitored):
                    caught[name] = share
        first = next((c.finding.code for c in live.told if c.finding.severity is not traindx.Severity.INFO), "")
        live.monitor.close()
    spoilt = {name: _spoilt(points, monitored, share) for name, share in caught.items()}
    kind = "faulty" if told["fault"] else "healthy"
    return Replayed(str(told["program"]), str(told["fault"]), kind, caught, spoilt, first)


def _spoilt(points: Sequence[Point], monitored: str, share: float) -> bool:
    """Whether the run, left alone, would still have improved by more than 5 % of all that it gained."""
    values = np.array([p.metrics.get(monitored, math.nan) for p in points])
    cut = round(share * len(points))
    known = values[np.isfinite(values)]
    if not len(known):
        return False
    if monitored == "train/loss":  # single batches: compare levels, not lucky ones
        width = max(1, len(known) // 20)
        values = np.array([np.nanmedian(values[max(0, i - width) : i + 1]) for i in range(len(values))])
    until, after = values[:cut][np.isfinite(values[:cut])], values[cut:][np.isfinite(values[cut:])]
    if not len(after):
        return False
    best = float(min(until)) if len(until) else math.inf
    gained = float(known[0]) - min(best, float(min(after)))
    return best - float(min(after)) > SPOILT * max(gained, 1e-12)


# --- what came out --------------------------------------------------------------------------------------------------------


def report(runs: Sequence[Replayed]) -> None:
    faulty, healthy = ([r for r in runs if r.kind == kind] for kind in ("faulty", "healthy"))
    names = list(dict.fromkeys(name for r in runs for name in sorted(r.caught, key=_place)))
    names.sort(key=_place)
    print(f"{len(faulty)} faulty runs of {len({r.fault for r in faulty})} faults, {len(healthy)} healthy runs\n")
    print("| watcher | faulty runs caught | at (median share of the run) | spoke on healthy runs | false stops |")
    print("|---|---|---|---|---|")
    for name in names:
        at = [r.caught[name] for r in faulty if name in r.caught]
        spoke = [r for r in healthy if name in r.caught]
        false = sum(r.spoilt[name] for r in spoke)
        middle = f"{statistics.median(at):.2f}" if at else ""
        stops = "" if _tells(name) else f"{false}"
        print(f"| {name} | {len(at)} ({len(at) / max(1, len(faulty)):.0%}) | {middle} | {len(spoke)} | {stops} |")
    print("\nOn the faulty runs, what traindx tells beside each other watcher:\n")
    print("| other watcher | both, traindx earlier | same point | later | traindx alone | the other alone | neither |")
    print("|---|---|---|---|---|---|---|")
    for name in names:
        if not name.startswith("traindx"):
            print(f"| {name} | " + " | ".join(str(n) for n in _beside(faulty, "traindx tells", name)) + " |")
    print("\nBy fault: share of the run at which it is caught, median over programs (runs caught of runs)\n")
    shown = ("traindx tells", "traindx stops: early-stopping", *(n for n in names if not n.startswith("traindx")))
    print("| fault | first finding | " + " | ".join(shown) + " |")
    print("|---" * (len(shown) + 2) + "|")
    groups = defaultdict(list)
    for r in faulty:
        groups[r.fault].append(r)
    for fault, members in sorted(groups.items()):
        codes = Counter(r.first for r in members if r.first).most_common(2)
        cells = [_cell([r.caught.get(name, NEVER) for r in members]) for name in shown]
        print(f"| {fault} | {', '.join(code for code, _ in codes)} | " + " | ".join(cells) + " |")


def _tells(name: str) -> bool:
    return name.startswith("traindx tells") or name == "threshold alert"


def _place(name: str) -> tuple[bool, bool, str]:
    return not name.startswith("traindx"), not _tells(name), name


def _beside(runs: Sequence[Replayed], mine: str, other: str) -> tuple[int, ...]:
    pairs = [(r.caught.get(mine, NEVER), r.caught.get(other, NEVER)) for r in runs]
    both = [(a, b) for a, b in pairs if max(a, b) < NEVER]
    counts = [sum(a < b for a, b in both), sum(a == b for a, b in both), sum(a > b for a, b in both)]
    alone = [sum(a < NEVER == b for a, b in pairs), sum(b < NEVER == a for a, b in pairs)]
    return (*counts, *alone, sum(a == b == NEVER for a, b in pairs))


def _cell(shares: Sequence[float]) -> str:
    caught = [share for share in shares if share < NEVER]
    return f"{statistics.median(caught):.2f} ({len(caught)}/{len(shares)})" if caught else f"– (0/{len(shares)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--programs", nargs="*", default=PROGRAMS)
    parser.add_argument("--detail", action="store_true", help="print every healthy run on which something spoke")
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    runs: list[Replayed] = []
    for told, points, settings in make(given.runs, given.programs):
        counts = (
            told["verdict"] in ("failing", "attention") and not told["silent"]
            if told["fault"]
            else told["verdict"] == "healthy"
        )
        if counts:
            runs.append(replay(told, points, settings))
            if given.detail:
                print(
                    json.dumps({**asdict(runs[-1]), "healthy": told["healthy"], "conditions": told["conditions"]}),
                    flush=True,
                )
    report(runs)


if __name__ == "__main__":
    main()
