"""An XGBoost callback that records every evaluation, judges the run, and stops it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, final

from xgboost.callback import TrainingCallback

from traindx.context import resolve
from traindx.diagnosis import Report
from traindx.integrations.guarded import Given, GuardedMonitor

_LOSSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "binary:logistic": "bce",
        "binary:logitraw": "bce",
        "reg:logistic": "bce",
        "multi:softmax": "cross_entropy",
        "multi:softprob": "cross_entropy",
        "reg:squarederror": "mse",
        "reg:absoluteerror": "l1",
        "reg:pseudohubererror": "huber",
    }
)


@final
class TraindxCallback(TrainingCallback):
    """Records a training: ``xgboost.train(..., evals=[(d, "train"), (v, "val")], callbacks=[TraindxCallback("runs/trees")])``.

    Takes a ``Monitor``, or a directory and a monitor's keywords; ``total_steps`` among them, for XGBoost tells no callback how many
    rounds were asked for. A step is a round. ``names`` say what evaluation sets mean whose names do not:
    ``{"validation_0": "train"}``. What is neither training nor test by its name counts as validation. Put it first among callbacks: XGBoost asks none behind one that stops.
    A copy or a pickle of it, as ``sklearn.clone`` and a saved estimator make them, records nothing.
    """

    def __init__(self, monitor: Given, *, names: Mapping[str, str] | None = None, **options: Any) -> None:
        super().__init__()
        self._guard = GuardedMonitor("the traindx callback", monitor, options)
        self._names = dict(names or {})
        self._before = 0

    def __reduce__(self) -> tuple[type[TrainingCallback], tuple[()]]:
        """Leave the monitor to this process and this training."""
        return TrainingCallback, ()

    @property
    def report(self) -> Report | None:
        """The last report of the run."""
        return self._guard.report

    def before_training(self, model: Any) -> Any:
        """Begin, or go on after the rounds of an earlier training (``xgb_model``), which XGBoost does not count."""
        self._before = self._guard.learnt(lambda: int(model.num_boosted_rounds())) or 0  # not told of cross-validation
        self._guard.begin(resume=self._before > 0)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        """Record a round; true stops the training."""
        values: dict[str, float] = self._guard.attempt(lambda: _values(evals_log, self._names), {})
        self._guard.log(values, step=self._before + epoch)
        if epoch == 0:  # before the first round the base score is not estimated yet
            self._guard.tell(self._guard.learnt(lambda: _facts(model)))
        return self._guard.should_stop

    def after_training(self, model: Any) -> Any:
        """Close a monitor that was opened here, which judges the run as its log will be judged."""
        self._guard.close()
        return model


def _values(evals_log: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, float]:
    """Return the newest value of each metric of each evaluation set; of cross-validation the mean over its folds."""
    found: dict[str, float] = {}
    for data, metrics in evals_log.items():
        for metric, values in metrics.items():
            newest: Any = values[-1]
            name = f"{names.get(data, data)}/{metric}"
            found[name if resolve(name).split else f"val/{name}"] = newest[0] if isinstance(newest, tuple) else newest
    return found


def _facts(model: Any) -> dict[str, Any]:
    """Return what a booster's configuration tells; of cross-validation, the first fold's."""
    booster: Any = model.cvfolds[0].bst if hasattr(model, "cvfolds") else model
    told: Any = json.loads(booster.save_config())["learner"]
    trees: Any = told["gradient_booster"].get("tree_train_param", {})
    objective, shape = str(told["objective"]["name"]), told["learner_model_param"]
    classes = int(shape["num_class"])
    return {
        "loss": _LOSSES.get(objective),
        "boosting_objective": objective,
        "num_classes": classes if classes >= 2 else None,
        "lr": float(trees["eta"]) if "eta" in trees else None,
        **_base(told, objective, str(shape["base_score"])),
    }


def _base(told: Any, objective: str, score: str) -> dict[str, float]:
    """The mean of the labels, which XGBoost starts from unless it is told or made to start elsewhere."""
    weighed = float(told["objective"].get("reg_loss_param", {}).get("scale_pos_weight", 1)) != 1
    if weighed or told["learner_model_param"].get("boost_from_average") != "1" or "," in score:
        return {}
    key = {"binary:logistic": "positive_rate", "reg:squarederror": "target_mean"}.get(objective)
    return {} if key is None else {key: float(score.strip("[]"))}
