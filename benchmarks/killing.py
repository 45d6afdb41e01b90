"""Killing a recording process at a random moment, and counting what is left of what it had been told."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import traindx

# After each call the step is told through a pipe, whose content outlives the process: told steps must be in the file.
_PROGRAM = """
import os, random, sys, time
import traindx
from traindx.live import Pace
noise = random.Random(int(sys.argv[2]))
pause_s = float(sys.argv[3])
monitor = traindx.Monitor(sys.argv[1], quiet=True, pace=Pace(first_s=0.0, every_s=0.2))
step = 0
while True:
    monitor.log(loss=1 / (step + 1), lr=1e-4, grad_norm=noise.random(), accuracy=noise.random(), step_time=0.01)
    os.write(1, step.to_bytes(8, "little"))
    step += 1
    if step % 50 == 0:
        monitor.log({"val/loss": noise.random()})
    if pause_s:
        time.sleep(pause_s * noise.random())
"""


@dataclass(frozen=True)
class Killed:
    """One run: the steps whose call had returned, those in the file by two readers, and whether each opened it."""

    told: int
    ours: int
    tensorboard: int
    damaged: bool

    @property
    def lost(self) -> int:
        return max(self.told - min(self.ours, self.tensorboard), 0)


def kill_one(seed: int) -> Killed:
    """Start a run, kill it after a random time, and read what it left."""
    chance = random.Random(seed)
    pause_s = chance.choice([0.0, 0.0, 0.0002, 0.002])
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, folder, str(seed), str(pause_s)], stdout=subprocess.PIPE, bufsize=0
        ) as process,
    ):
        assert process.stdout is not None
        told = process.stdout.read(8) or b""  # it has begun
        end = time.monotonic() + chance.uniform(0.0, 0.6)
        os.set_blocking(process.stdout.fileno(), False)
        while time.monotonic() < end:
            told += process.stdout.read() or b""
            time.sleep(chance.uniform(0.0, 0.002))
        process.send_signal(signal.SIGKILL)
        _ = process.wait()
        while piece := process.stdout.read():
            told += piece
        return _left(Path(folder), len(told) // 8)


def _left(folder: Path, told: int) -> Killed:
    (run,) = traindx.read(folder)
    losses = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload().Scalars("loss")
    sound = all(not source.skipped for source in run.sources)
    in_order = run.series["loss"].steps.tolist() == [float(step) for step in range(len(run.series["loss"]))]
    return Killed(told, len(run.series["loss"]), len(losses), not (sound and in_order))
