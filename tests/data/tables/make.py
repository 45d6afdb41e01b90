"""Makes the sample tables here with the real loggers: keras, stable-baselines3 and lightning-fabric are needed.

Run as ``python make.py`` with these packages and torch installed. The tests compare with ``value`` below. Tables of
libraries that are not used here are written after their documented layout.
"""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path

HERE = Path(__file__).parent


def value(step: int) -> float:
    """A loss that falls smoothly; 17 digits long, as most programs print it."""
    return 2.3 * math.exp(-step / 7)


def keras_tables() -> None:
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    for name, separator in (("keras.csv", ","), ("keras_semicolon.csv", ";")):
        (HERE / name).unlink(missing_ok=True)
        for epochs in (6, 4):  # the second call appends under the first header
            logger = keras.callbacks.CSVLogger(str(HERE / name), separator=separator, append=True)
            logger.set_model(model)
            logger.on_train_begin()
            for epoch in range(epochs):
                logs = {"accuracy": 0.1 * epoch, "loss": value(epoch)}
                if epoch % 2 == 0:
                    logs["val_loss"] = value(epoch) + 0.1
                logger.on_epoch_end(epoch, logs)
            logger.on_train_end()


def lightning_table() -> None:
    from lightning_fabric.loggers import CSVLogger

    logger = CSVLogger(root_dir=HERE / "made", name="lightning", flush_logs_every_n_steps=1)
    for step in range(0, 40, 2):
        logger.log_metrics({"train_loss": value(step), "epoch": step // 10}, step=step)
        if step % 10 == 8:
            logger.log_metrics({"val_loss": value(step) + 0.1, "val_acc": step / 40, "epoch": step // 10}, step=step)
    logger.save()
    _ = shutil.copy(next((HERE / "made").rglob("metrics.csv")), HERE / "lightning_metrics.csv")
    shutil.rmtree(HERE / "made")


def stable_baselines_tables() -> None:
    import gymnasium
    from stable_baselines3.common.logger import CSVOutputFormat
    from stable_baselines3.common.monitor import Monitor

    table = CSVOutputFormat(str(HERE / "progress.csv"))
    for at in range(12):
        row = {"rollout/ep_rew_mean": float(at), "time/total_timesteps": 200 * (at + 1), "time/time_elapsed": at}
        if at > 3:
            row["train/loss"] = value(at)
        table.write(row, dict.fromkeys(row, ()))
    table.close()

    environment = Monitor(gymnasium.make("CartPole-v1"), str(HERE / "sb3"))
    environment.reset(seed=0)
    environment.action_space.seed(0)
    done = 0
    while done < 15:
        *_, terminated, truncated, _ = environment.step(environment.action_space.sample())
        if terminated or truncated:
            done += 1
            environment.reset()
    environment.close()


def plain_tables() -> None:
    rows = ["                  epoch,         train/box_loss,       metrics/mAP_0.5,                 lr/pg0"]
    rows += [f"{e:23d},{value(e):23.6g},{e / 10:22.6g},{0.01:23.6g}" for e in range(5)]
    (HERE / "results.csv").write_text("\n".join(rows) + "\n")
    folder = HERE / "plots" / "metrics" / "eval"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "loss.tsv").write_text("step\tloss\n" + "".join(f"{s}\t{value(s)}\n" for s in range(8)))


if __name__ == "__main__":
    keras_tables()
    lightning_table()
    stable_baselines_tables()
    plain_tables()
