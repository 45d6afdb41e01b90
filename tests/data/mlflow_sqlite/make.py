"""Makes mlflow.db with MLflow itself (3.17): python make.py, with mlflow, sqlalchemy and alembic installed.

Three runs: one finished, with NaN, both infinities, parameters and a tag; one still running; one deleted. Small
pages keep the file small.
"""

import math
import os
import sqlite3
from pathlib import Path

HERE = Path(__file__).parent
FILE = HERE / "mlflow.db"


def main() -> None:
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    from mlflow.entities import Metric, Param, RunStatus, RunTag
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    FILE.unlink(missing_ok=True)
    store = SqlAlchemyStore(f"sqlite:///{FILE}", "file:artifacts")
    experiment = store.create_experiment("demo")
    first, second, third = (
        store.create_run(experiment, "us", 1_700_000_000_000, [], name).info.run_id
        for name in ("first", "second", "third")
    )
    for step in range(20):
        moment = 1_700_000_000_000 + 1000 * step
        store.log_metric(first, Metric("train/loss", 2.0 / (1 + step), moment, step))
        store.log_metric(second, Metric("train/loss", 3.0 / (1 + step), moment, step))
        store.log_metric(third, Metric("train/loss", 9.0, moment, step))
    for step, value in ((5, math.nan), (6, math.inf), (7, -math.inf), (8, 0.0)):
        store.log_metric(first, Metric("grad_norm", value, 1_700_000_000_500 + 1000 * step, step))
    store.log_metric(first, Metric("score", 0.5, 1_700_000_050_000, 0))
    store.log_metric(first, Metric("score", 0.75, 1_700_000_060_000, 0))
    store.log_param(first, Param("batch_size", "32"))
    store.set_tag(first, RunTag("team", "vision"))
    store.update_run_info(first, RunStatus.FINISHED, 1_700_000_100_000, "first")
    store.delete_run(third)
    store.engine.dispose()
    connection = sqlite3.connect(FILE)
    connection.executescript("PRAGMA page_size = 512; VACUUM;")
    connection.close()


if __name__ == "__main__":
    main()
