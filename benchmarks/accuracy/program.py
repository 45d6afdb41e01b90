"""A training program: a model, its data and its loop, the faults that it can have and the kinds of healthy run it can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, final

from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.recorder import Recorder


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One complete training.

    ``split`` says whether tables may be fitted on its runs ("fit") or only judged by them ("test"): a program is in one of
    the two with all its runs. ``faults`` maps the names of ``faults.FAULTS`` that this program can have to the cause each
    one is. ``healthy`` are the kinds of healthy run besides "plain". ``forms`` are the logs that such a program would write.
    ``train`` does the run that the plan describes and tells the recorder; it is deterministic in the plan.
    """

    name: str
    task: str
    split: Literal["fit", "test"]
    faults: Mapping[str, str]
    healthy: tuple[str, ...]
    train: Callable[[Plan, Recorder], None]
    forms: tuple[str, ...] = (
        "jsonl",
        "epoch-lines",
        "hf-lines",
        "keras-csv",
        "lightning-csv",
        "hf-state",
        "tensorboard",
    )
