"""Short Keras trainings, run in a process of their own because the backend is one per process; prints what came out as JSON."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

import traindx
from traindx.integrations.keras_callback import TraindxCallback
from traindx.integrations.keras_facts import facts_of
from traindx.live import StopPolicy

ROWS, BATCH, CLASSES = 230, 32, 5  # eight batches, the last of six rows
STEPS = 8
drawn = np.random.default_rng(0)
INPUTS = drawn.normal(size=(ROWS, 6)).astype("float32")
LABELS = drawn.integers(0, CLASSES, ROWS)


def model(lr: Any = 0.01, **compiled: Any) -> keras.Model:
    keras.utils.set_random_seed(0)
    made = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(CLASSES, activation="softmax")])
    told = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **compiled}
    made.compile(optimizer=told.pop("optimizer", None) or keras.optimizers.SGD(lr), **told)
    return made


def fit(made: keras.Model, *callbacks: keras.callbacks.Callback, **more: Any) -> Any:
    keras.utils.set_random_seed(1)
    told = {"batch_size": BATCH, "epochs": 2, "shuffle": False, "verbose": 0, **more}
    return made.fit(INPUTS, LABELS, callbacks=list(callbacks), **told)


def weights(made: keras.Model) -> list[Any]:
    return [one.tobytes().hex() for one in made.get_weights()]


def recorded(directory: Path) -> dict[str, Any]:
    run = traindx.read(directory)[0]
    return {name: [one.steps.tolist(), one.values.tolist()] for name, one in run.series.items()}


def rows_losses(made: keras.Model) -> tuple[list[float], list[float]]:
    """The loss and the accuracy of each row, by NumPy."""
    told = np.asarray(made.predict(INPUTS, verbose=0, batch_size=ROWS), dtype=np.float64)
    return (-np.log(told[np.arange(ROWS), LABELS])).tolist(), (told.argmax(axis=1) == LABELS).tolist()


def still(folder: Path) -> dict[str, Any]:
    """A model that stands still, so that every batch has a loss that can be computed afterwards."""
    made = model(lr=0.0)
    fit(made, TraindxCallback(folder), validation_data=(INPUTS[:50], LABELS[:50]))
    told = rows_losses(made)
    waiting = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    fit(made, TraindxCallback(folder / "waiting"), waiting, epochs=1)
    return {
        "rows": told,
        "recorded": recorded(folder),
        "waiting": recorded(folder / "waiting"),
        "facts": json.loads((folder / "traindx_run.json").read_text())["traindx_facts"],
    }


def joined(folder: Path) -> dict[str, Any]:
    """Three batches in one execution."""
    made = model(lr=0.0, steps_per_execution=3)
    fit(made, TraindxCallback(folder))
    return {"rows": rows_losses(made), "recorded": recorded(folder)}


def learning(folder: Path) -> dict[str, Any]:
    """Trained with the callback, and without; then once more with the same one."""
    seen, alone = model(), model()
    callback = TraindxCallback(folder)
    fit(seen, callback, epochs=3, shuffle=True)
    after_one = callback.report == traindx.diagnose(folder)
    fit(alone, epochs=3, shuffle=True)
    same = weights(seen) == weights(alone)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        fit(seen, callback, epochs=3, shuffle=True)
    fit(alone, epochs=3, shuffle=True)
    assert callback.report is not None
    return {
        "same": [same, weights(seen) == weights(alone)],
        "reports agree": [after_one, callback.report == traindx.diagnose(folder)],
        "steps": recorded(folder)["loss"][0],
        "epochs": recorded(folder)["epoch"][1],
        "warnings": [str(one.message) for one in heard if "traindx" in str(one.message)],
        "codes": [finding.code for finding in callback.report.findings],
        "facts": json.loads((folder / "traindx_run.json").read_text())["traindx_facts"],
    }


class Judging(keras.callbacks.Callback):
    """Asks for a judgement at the end of each epoch."""

    def __init__(self, monitor: traindx.Monitor) -> None:
        super().__init__()
        self.monitor = monitor

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.monitor.judge()


def stopping(folder: Path) -> dict[str, Any]:
    """A rate that ends in NaN, and a policy that stops there."""
    made = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(1)])
    made.compile(keras.optimizers.SGD(1e30), "mse")
    with traindx.Monitor(folder, stop=StopPolicy(on=("nan",), confirmations=1)) as monitor:
        told = fit(made, Judging(monitor), TraindxCallback(monitor), epochs=30)
    return {
        "epochs": len(told.epoch),
        "reason": monitor.stop_decision and monitor.stop_decision.reason,
        "loss": recorded(folder)["loss"][1],
    }


class Broken(keras.callbacks.Callback):
    """Takes the monitor's folder and its methods away in the middle."""

    def __init__(self, callback: TraindxCallback, folder: Path) -> None:
        super().__init__()
        self.callback, self.folder = callback, folder

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            shutil.rmtree(self.folder)
            traindx.Monitor.log = _fails  # type: ignore[method-assign]


def _fails(*_: Any, **__: Any) -> None:
    raise OSError("no room left")


def faulty(folder: Path) -> dict[str, Any]:
    """The training goes on where the monitor does not."""
    whole, seen, alone = traindx.Monitor.log, model(), model()
    callback = TraindxCallback(folder)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        fit(seen, Broken(callback, folder), callback, epochs=3)
    traindx.Monitor.log = whole  # type: ignore[method-assign]
    fit(alone, epochs=3)
    return {
        "same": weights(seen) == weights(alone),
        "warnings": [str(one.message) for one in heard if "traindx" in str(one.message)],
    }


def own_loop(folder: Path) -> dict[str, Any]:
    """``train_on_batch`` with batches of all sizes and weights; and once more as Keras before 3.15, which resets nothing."""
    made = model(lr=0.0, weighted_metrics=["accuracy"], metrics=[])
    weigh = drawn.uniform(0.2, 3.0, ROWS).astype("float32")
    edges = [0, 10, 40, 41, 90, 150, ROWS]
    found: dict[str, Any] = {}
    for name in ("single", "means"):
        callback = TraindxCallback(folder / name)
        callback.set_model(made)
        if name == "means":
            made.reset_metrics()
            made.reset_metrics = lambda: None  # type: ignore[method-assign]
            callback.single_batches = False
        for first, end in itertools.pairwise(edges):
            part = slice(first, end)
            logs = made.train_on_batch(INPUTS[part], LABELS[part], sample_weight=weigh[part], return_dict=True)
            callback.record_batch(logs)
        callback.on_train_end()
        found[name] = recorded(folder / name)
    return {"rows": rows_losses(made), "weights": weigh.tolist(), "edges": edges, **found}


class OwnStep(keras.Model):
    """Returns the loss of the batch itself, under the name that Keras gives its mean."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)

    def train_step(self, data: Any) -> dict[str, Any]:
        inputs, _ = data
        return {"loss": keras.ops.sum(inputs), "rows": keras.ops.shape(inputs)[0] * 1.0}


def own_step(folder: Path) -> dict[str, Any]:
    """A training step that returns values of its own (torch: JAX asks another signature)."""
    made = OwnStep()
    made.compile(keras.optimizers.SGD(0.1), "mse")
    fit(made, TraindxCallback(folder))
    return {"sums": [float(INPUTS[i : i + BATCH].sum()) for i in range(0, ROWS, BATCH)], "recorded": recorded(folder)}


def facts(folder: Path) -> dict[str, Any]:
    """Facts of models that are compiled in many ways."""
    decay = keras.optimizers.schedules.CosineDecay(0.1, 100)
    two = keras.Input((6,))
    heads = keras.Model(two, [keras.layers.Dense(2, name="a")(two), keras.layers.Dense(3, name="b")(two)])
    heads.compile("sgd", {"a": "mse", "b": "mae"})
    smooth = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    compiled = {
        "smoothed": model(loss=smooth, optimizer=keras.optimizers.AdamW(decay, global_clipnorm=1.0, weight_decay=0.05)),
        "function": model(loss=keras.losses.binary_crossentropy),
        "mine": model(loss=lambda y, p: keras.ops.mean(p)),
        "summed": model(loss=keras.losses.Huber(reduction="sum"), optimizer=keras.optimizers.Lion(clipnorm=2.0)),
        "poisson": model(loss="poisson"),
        "heads": heads,
    }
    scheduled = model(lr=decay)
    fit(scheduled, TraindxCallback(folder), epochs=10)
    found = {name: {k: v for k, v in facts_of(one).items() if v is not None} for name, one in compiled.items()}
    return {
        "facts": found,
        "lr": recorded(folder)["lr"],
        "told": json.loads((folder / "traindx_run.json").read_text())["traindx_facts"],
    }


class Percent(keras.metrics.SparseCategoricalAccuracy):
    """A metric that is more than total over count, as a root mean square is."""

    def result(self) -> Any:
        return 100 * super().result()


def whole_epochs(folder: Path) -> dict[str, Any]:
    """Metrics that are no means, two outputs, weights of samples, and a generator whose length nobody knows."""
    made = model(lr=0.0, metrics=[Percent(name="top1"), "accuracy"])
    weigh = drawn.uniform(0.5, 1.5, ROWS).astype("float32")

    def batches() -> Any:
        for first in range(0, ROWS, BATCH):
            yield INPUTS[first : first + BATCH], LABELS[first : first + BATCH]

    kept = TraindxCallback(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.fit(batches(), epochs=1, verbose=0, callbacks=[kept])
    weighted = model(lr=0.0, weighted_metrics=["accuracy"], metrics=[])
    told = fit(weighted, TraindxCallback(folder / "weighted"), epochs=1, sample_weight=weigh)
    return {
        "rows": rows_losses(made),
        "recorded": recorded(folder),
        "weighted": recorded(folder / "weighted"),
        "history": {name: values[-1] for name, values in told.history.items()},
    }


PARTS: dict[str, list[Callable[[Path], dict[str, Any]]]] = {
    "jax": [still, joined, learning],
    "torch": [still, learning, stopping, faulty, own_loop, own_step, facts, whole_epochs],
}

if __name__ == "__main__":
    place = Path(sys.argv[1])
    print(json.dumps({part.__name__: part(place / part.__name__) for part in PARTS[keras.backend.backend()]}))
