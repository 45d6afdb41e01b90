"""XGBoost and LightGBM trainings with their callbacks, each with and without."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost

import traindx
from traindx.integrations.lightgbm_callback import TraindxCallback as LightgbmCallback
from traindx.integrations.xgboost_callback import TraindxCallback as XgboostCallback
from traindx.live import StopPolicy

pytestmark = pytest.mark.slow
ROUNDS = 40
drawn = np.random.default_rng(0)
INPUTS = drawn.normal(size=(600, 6))
LOGITS = INPUTS[:, 0] - 1.2
YES = (drawn.uniform(size=600) < 1 / (1 + np.exp(-LOGITS))).astype(int)
THREE = np.digitize(INPUTS[:, 0] + drawn.normal(size=600), [-0.5, 0.8])
REAL = 3 * INPUTS[:, 0] + drawn.normal(size=600) + 10
NOISE = drawn.integers(0, 4, 600)  # labels that nothing tells
HALF = slice(0, 300), slice(300, 600)


def trees(told: dict[str, Any], labels: Any, *callbacks: Any, rounds: int = ROUNDS, **more: Any) -> xgboost.Booster:
    train, val = (xgboost.DMatrix(INPUTS[part], labels[part]) for part in HALF)
    asked = {"seed": 0, "nthread": 1, **told}
    sets = [(train, "train"), (val, "val")]
    return xgboost.train(asked, train, rounds, evals=sets, callbacks=list(callbacks), verbose_eval=False, **more)


def leaves(told: dict[str, Any], labels: Any, *callbacks: Any, rounds: int = ROUNDS) -> lightgbm.Booster:
    train = lightgbm.Dataset(INPUTS[HALF[0]], labels[HALF[0]])
    val = lightgbm.Dataset(INPUTS[HALF[1]], labels[HALF[1]], reference=train)
    asked = {"seed": 0, "num_threads": 1, "deterministic": True, "verbose": -1, **told}
    return lightgbm.train(asked, train, rounds, valid_sets=[train, val], callbacks=list(callbacks))


def series(folder: Path) -> dict[str, Any]:
    return dict(traindx.read(folder)[0].series)


def facts(report: traindx.Report | None) -> dict[str, Any]:
    assert report is not None
    return {fact.key: fact.value for fact in report.facts}


def test_xgboost_is_recorded_round_by_round_and_its_trees_are_the_same(tmp_path: Path) -> None:
    callback, history = XgboostCallback(tmp_path, total_steps=ROUNDS), {}
    told = {"objective": "multi:softprob", "num_class": 3, "eta": 0.2, "eval_metric": ["mlogloss", "merror"]}
    seen = trees(told, THREE, callback, evals_result=history)
    assert seen.save_raw() == trees(told, THREE).save_raw()
    found = series(tmp_path)
    assert set(found) == {"train/mlogloss", "train/merror", "val/mlogloss", "val/merror"}
    assert found["val/mlogloss"].steps.tolist() == list(range(ROUNDS))
    assert found["val/mlogloss"].values == pytest.approx(history["val"]["mlogloss"])
    assert callback.report == traindx.diagnose(tmp_path)
    told_facts = facts(callback.report)
    assert (told_facts["num_classes"], told_facts["loss"], told_facts["total_steps"]) == (3, "cross_entropy", ROUNDS)
    assert told_facts["lr"] == pytest.approx(0.2)


def test_lightgbm_is_recorded_round_by_round_and_its_trees_are_the_same(tmp_path: Path) -> None:
    callback, history = LightgbmCallback(tmp_path), {}
    told = {"objective": "multiclass", "num_class": 3, "learning_rate": 0.2, "metric": ["multi_logloss", "multi_error"]}
    seen = leaves(told, THREE, callback, lightgbm.record_evaluation(history))
    assert seen.model_to_string() == leaves(told, THREE).model_to_string()
    found = series(tmp_path)
    assert set(found) == {
        "training/multi_logloss",
        "training/multi_error",
        "valid_1/multi_logloss",
        "valid_1/multi_error",
    }
    assert found["valid_1/multi_logloss"].values == pytest.approx(history["valid_1"]["multi_logloss"])
    assert callback.report == traindx.diagnose(tmp_path)
    told_facts = facts(callback.report)
    assert (told_facts["num_classes"], told_facts["loss"], told_facts["total_steps"]) == (3, "cross_entropy", ROUNDS)
    shares = [float(share) for share in str(told_facts["class_prior"]).split(",")]
    assert shares == pytest.approx((np.bincount(THREE[HALF[0]]) / 300).tolist(), abs=1e-5)


def test_a_shrinkage_that_moves_is_recorded(tmp_path: Path) -> None:
    falling = lightgbm.reset_parameter(learning_rate=lambda round_: 0.5 * 0.9**round_)
    leaves({"objective": "binary", "learning_rate": 0.5}, YES, falling, LightgbmCallback(tmp_path), rounds=6)
    found = series(tmp_path)["lr"]
    assert found.values == pytest.approx([0.5 * 0.9**round_ for round_ in found.steps])
    assert len(found) == 5


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_labels_that_nothing_tells_are_held_against_the_logarithm_of_their_number(tmp_path: Path, library: str) -> None:
    if library == "xgboost":
        callback: Any = XgboostCallback(tmp_path)
        trees({"objective": "multi:softprob", "num_class": 4, "eta": 1e-4}, NOISE, callback)
    else:
        callback = LightgbmCallback(tmp_path)
        leaves({"objective": "multiclass", "num_class": 4, "learning_rate": 1e-4}, NOISE, callback)
    report = callback.report
    assert [finding.code for finding in report.findings] == ["BAS001"]
    assert "ln 4" in report.verdict.summary


def test_the_share_of_positives_and_the_spread_of_targets_are_told(tmp_path: Path) -> None:
    binary, real = XgboostCallback(tmp_path / "a"), XgboostCallback(tmp_path / "b")
    trees({"objective": "binary:logistic"}, YES, binary, rounds=3)
    trees({"objective": "reg:squarederror"}, REAL, real, rounds=3)
    share, mean = YES[HALF[0]].mean(), REAL[HALF[0]].mean()
    assert facts(binary.report)["positive_rate"] == pytest.approx(share, rel=1e-5)
    assert facts(binary.report)["loss"] == "bce"
    assert facts(real.report)["target_mean"] == pytest.approx(mean, rel=1e-5)
    weighed = XgboostCallback(tmp_path / "c")
    trees({"objective": "binary:logistic", "scale_pos_weight": 3}, YES, weighed, rounds=3)
    assert "positive_rate" not in facts(weighed.report)
    started = XgboostCallback(tmp_path / "d")
    trees({"objective": "binary:logistic", "base_score": 0.5}, YES, started, rounds=3)
    assert "positive_rate" not in facts(started.report)
    binary_leaves, real_leaves = LightgbmCallback(tmp_path / "e"), LightgbmCallback(tmp_path / "f")
    leaves({"objective": "binary"}, YES, binary_leaves, rounds=3)
    leaves({"objective": "regression"}, REAL, real_leaves, rounds=3)
    assert facts(binary_leaves.report)["positive_rate"] == pytest.approx(share)
    assert facts(real_leaves.report)["target_std"] == pytest.approx(REAL[HALF[0]].std())


def test_what_the_user_told_is_not_overruled_under_any_name(tmp_path: Path) -> None:
    told = {"objective": "multi:softprob", "num_class": 3}
    for name in ("num_classes", "classes"):
        callback = XgboostCallback(tmp_path / name, facts={name: 30}, total_steps=7)
        trees(told, THREE, callback, rounds=3)
        assert facts(callback.report).get("num_classes") != 3
        assert facts(callback.report)["total_steps"] == 7
    with traindx.Monitor(tmp_path / "b", facts={"num_classes": 30}) as monitor:
        trees(told, THREE, XgboostCallback(monitor), rounds=3)
    assert facts(monitor.report)["num_classes"] == 30
    assert facts(monitor.report)["loss"] == "cross_entropy"


def test_names_of_evaluation_sets_are_read_as_validation_unless_told(tmp_path: Path) -> None:
    labels = xgboost.DMatrix(INPUTS, YES)
    callback = XgboostCallback(tmp_path / "a", names={"mine": "train"})
    sets = [(labels, "mine"), (labels, "north"), (labels, "eval")]
    xgboost.train({"objective": "binary:logistic"}, labels, 2, evals=sets, callbacks=[callback], verbose_eval=False)
    assert set(series(tmp_path / "a")) == {"train/logloss", "val/north/logloss", "eval/logloss"}


def test_cross_validation_is_recorded_by_the_means_of_its_folds(tmp_path: Path) -> None:
    callback = XgboostCallback(tmp_path / "x")
    told = {"objective": "binary:logistic", "nthread": 1}
    table = xgboost.cv(told, xgboost.DMatrix(INPUTS, YES), 3, nfold=3, callbacks=[callback], as_pandas=False)
    assert series(tmp_path / "x")["test/logloss"].values == pytest.approx(table["test-logloss-mean"])
    other = LightgbmCallback(tmp_path / "l")
    asked = {"objective": "binary", "verbose": -1, "num_threads": 1}
    folds = lightgbm.cv(asked, lightgbm.Dataset(INPUTS, YES), 3, nfold=3, eval_train_metric=True, callbacks=[other])
    found = series(tmp_path / "l")
    assert set(found) == {"train/binary_logloss", "valid/binary_logloss"}
    assert found["valid/binary_logloss"].values == pytest.approx(folds["valid binary_logloss-mean"])


class StopsAt:
    """Asks the monitor for a judgement at one round."""

    order, before_iteration = 24, False

    def __init__(self, monitor: traindx.Monitor, at: int) -> None:
        self.monitor, self.at = monitor, at

    def __call__(self, env: Any) -> None:
        if env.iteration == self.at:
            self.monitor.judge()


class Judging(xgboost.callback.TrainingCallback):
    def __init__(self, monitor: traindx.Monitor, at: int) -> None:
        super().__init__()
        self.monitor, self.at = monitor, at

    def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        if epoch == self.at:
            self.monitor.judge()
        return False


def test_a_finding_stops_the_boosting_and_keeps_the_rounds_so_far(tmp_path: Path) -> None:
    policy = StopPolicy(on=("at_chance",), confirmations=1, confidence=0.5)
    with traindx.Monitor(tmp_path / "x", stop=policy) as monitor:
        asked = {"objective": "multi:softprob", "num_class": 4, "eta": 1e-4}
        seen = trees(asked, NOISE, Judging(monitor, 25), XgboostCallback(monitor))
    assert seen.num_boosted_rounds() == 26
    with traindx.Monitor(tmp_path / "l", stop=policy) as monitor:
        told = {"objective": "multiclass", "num_class": 4, "learning_rate": 1e-4}
        grown = leaves(told, NOISE, StopsAt(monitor, 25), LightgbmCallback(monitor))
    assert grown.best_iteration == grown.current_iteration() == 26
    assert monitor.stop_decision is not None


def test_a_second_training_goes_on_in_the_same_folder(tmp_path: Path) -> None:
    callback = XgboostCallback(tmp_path)
    first = trees({"objective": "binary:logistic"}, YES, callback, rounds=5)
    then = trees({"objective": "binary:logistic"}, YES, callback, rounds=5, xgb_model=first)
    another = XgboostCallback(tmp_path)  # as in a later process; a warning would end this test
    trees({"objective": "binary:logistic"}, YES, another, rounds=5, xgb_model=then)
    assert series(tmp_path)["val/logloss"].steps.tolist() == list(range(15))
    assert another.report == traindx.diagnose(tmp_path)


def test_early_stopping_of_the_library_works_beside_it(tmp_path: Path) -> None:
    callback = LightgbmCallback(tmp_path)
    stopped = leaves({"objective": "binary"}, YES, lightgbm.early_stopping(3, verbose=False), callback)
    callback.close()
    assert callback.report == traindx.diagnose(tmp_path)
    assert len(series(tmp_path)["valid_1/binary_logloss"].steps) == stopped.best_iteration + 3


def test_an_estimator_that_holds_it_can_be_saved_and_cloned(tmp_path: Path) -> None:
    made = xgboost.XGBClassifier(n_estimators=3, n_jobs=1, callbacks=[XgboostCallback(tmp_path)])
    made.fit(INPUTS, YES, eval_set=[(INPUTS, YES)], verbose=False)
    again = pickle.loads(pickle.dumps(made))
    assert again.predict(INPUTS).tolist() == made.predict(INPUTS).tolist()
    again.fit(INPUTS, YES, eval_set=[(INPUTS, YES)], verbose=False)
    assert len(series(tmp_path)["validation_0/logloss"]) == 3


@pytest.mark.parametrize("fault", ["method", "folder"])
def test_a_monitor_that_fails_never_ends_a_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    one, other = XgboostCallback(tmp_path / "x"), LightgbmCallback(tmp_path / "l")
    if fault == "method":
        monkeypatch.setattr(traindx.Monitor, "log", _fails)
    else:
        for name in ("x", "l"):
            (tmp_path / name).touch()  # a file where the directory should be
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        seen = trees({"objective": "binary:logistic"}, YES, one, rounds=5)
        grown = leaves({"objective": "binary"}, YES, other, rounds=5)
    assert len(heard) == 2  # one of each
    assert seen.save_raw() == trees({"objective": "binary:logistic"}, YES, rounds=5).save_raw()
    assert grown.model_to_string() == leaves({"objective": "binary"}, YES, rounds=5).model_to_string()


def _fails(*_: Any, **__: Any) -> None:
    raise OSError("no room left")
