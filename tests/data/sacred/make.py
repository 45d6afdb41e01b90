"""Makes metrics.json with Sacred itself (0.8.7): python make.py, with sacred and numpy installed."""

import math
import shutil
import tempfile
from pathlib import Path

import numpy as np
from sacred import Experiment
from sacred.observers import FileStorageObserver


def main() -> None:
    folder = tempfile.mkdtemp()
    experiment = Experiment("demo", interactive=True)
    experiment.observers.append(FileStorageObserver(folder))

    @experiment.main
    def run(_run: object) -> None:
        for step in range(10):
            _run.log_scalar("training.loss", 1.0 / (1 + step), 10 * step)
            _run.log_scalar("training.norm", np.float32(0.5 * step) if step != 3 else math.nan, step)
        _run.log_scalar("test.score", np.float64(0.25), 90)

    experiment.run()
    shutil.copy(Path(folder) / "1" / "metrics.json", Path(__file__).parent / "metrics.json")


if __name__ == "__main__":
    main()
