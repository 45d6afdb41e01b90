"""Fitting the table: without runs the signs stand, with many the runs decide, and the probabilities come true."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks are no package of the library

from benchmarks.accuracy import fit_causes as fitting
from benchmarks.accuracy.judge_causes import places, reliability, standing
from benchmarks.accuracy.observing import Observed

from traindx.causes import CAUSES, FEATURES, NONE_OF_THESE

NAMES = fitting.NAMES
FIRST, SECOND = NAMES[0], NAMES[1]


def observed(cause: str, program: str = "p", split: str = "fit", **answers: str) -> Observed:
    told = {name.replace("_", "-"): answer for name, answer in answers.items()}
    return Observed(id="i", program=program, split=split, cause=cause, silent=False, loud=True, answers=told, unfit={})


def sampled(count: int, seed: int) -> list[Observed]:
    """Runs of five causes with three features whose answers depend on the cause with known probabilities."""
    rng = np.random.default_rng(seed)
    chances = np.random.default_rng(1).dirichlet(np.ones(3), size=(5, 3))  # cause, feature, answer
    found = []
    for _ in range(count):
        cause = int(rng.integers(5))
        answers = {f"made-{f}": f"level-{rng.choice(3, p=chances[cause, f])}" for f in range(3)}
        found.append(Observed("i", f"program-{rng.integers(4)}", "fit", NAMES[cause], False, True, answers, {}))
    return found


def test_without_runs_the_written_signs_stand() -> None:
    strengths = fitting.Strengths(expert=0.5)
    table = fitting.fitted([], fitting.columns_of([]), strengths)
    zero = table.causes.index("learning-rate-zero")
    assert table.weights["rate-zero"]["always"][zero] == pytest.approx(0.5 * fitting.STRENGTH["+++"])
    assert table.prior == pytest.approx(fitting.expert_prior())


def test_many_runs_outweigh_a_sign() -> None:
    runs = [observed(FIRST, motion="frozen") for _ in range(300)] + [
        observed(SECOND, motion="moving") for _ in range(300)
    ]
    table = fitting.fitted(runs, fitting.columns_of(runs), fitting.Strengths(ridge=0.1))
    likely = fitting.judged(table, [observed(FIRST, motion="frozen"), observed(SECOND, motion="moving")])
    assert likely[0, 0] > 0.9
    assert likely[1, 1] > 0.9


def test_probabilities_of_a_table_fitted_on_many_runs_come_true() -> None:
    train, test = sampled(4_000, seed=2), sampled(4_000, seed=3)
    table = fitting.fitted(train, fitting.columns_of(train), fitting.Strengths(ridge=0.3))
    likely = fitting.judged(table, test)
    for mean, share, count in reliability(NAMES, likely, test):
        assert abs(mean - share) < 0.04 + 2 * (share * (1 - share) / count) ** 0.5


def test_a_sharpness_chosen_on_left_out_programs_blunts_what_is_too_sure() -> None:
    runs = sampled(400, seed=4)
    strengths, loss, likely = fitting.sharpened(runs, fitting.Strengths(ridge=0.01))
    assert strengths.sharpness < 1
    assert likely.sum(axis=1) == pytest.approx(np.ones(len(runs)))
    assert 0 < loss < np.log(5)


def test_a_program_is_judged_by_a_table_that_never_saw_it() -> None:
    # One program alone shows the answer that gives its cause away: leaving it out, nothing is known of that answer.
    others = [observed(SECOND, program="q", motion="moving") for _ in range(50)]
    runs = [observed(FIRST, program="p", made_0="only here") for _ in range(50)] + others
    likely = fitting.left_out(runs, fitting.Strengths())
    assert likely[0, 0] < 0.2


def test_a_table_is_stored_and_read_back_to_two_decimals() -> None:
    import json

    from traindx.causes import table_of

    runs = sampled(200, seed=5)
    table = fitting.fitted(runs, fitting.columns_of(runs), fitting.Strengths())
    back = table_of(json.loads(fitting.document(table, "made")))
    assert np.abs(fitting.judged(table, runs) - fitting.judged(back, runs)).max() < 0.03
    assert "do not edit" in fitting.document(table, "made")


def test_the_place_of_the_true_cause_is_counted_without_none_of_these() -> None:
    names = ("a", "b", "c", NONE_OF_THESE)
    likely = np.array([[0.2, 0.1, 0.05, 0.65], [0.7, 0.2, 0.05, 0.05]])
    assert places(names, likely[0], "b") == (1, pytest.approx(0.2), False)
    runs = [observed("b"), observed("a")]
    figures = standing(names, likely, runs)
    assert (figures.first, figures.three, figures.leading, figures.led) == (0.5, 1.0, 1, 1.0)
    assert figures.brier == pytest.approx((0.2**2 + 0.3**2) / 2)


def test_every_sign_can_be_parsed_and_every_feature_has_a_column() -> None:
    columns = fitting.columns_of([])
    assert all(fitting.parsed(cause.signs) for cause in CAUSES)
    assert {(feature.name, level) for feature in FEATURES for level in feature.levels} <= set(columns)
    with pytest.raises(ValueError, match="no sign"):
        fitting.parsed("skill=none")


def test_a_rule_that_names_a_cause_denies_that_there_is_none_and_its_silence_speaks_against_it() -> None:
    written = fitting.signs()["GNR004"]
    collapse = NAMES.index("posterior-collapse")
    assert written["found"][collapse] > 0 > written["found"][-1]
    assert -written["found"][collapse] < written["absent"][collapse] < 0


def test_a_run_shares_its_cause_with_a_twin_only_where_nothing_tells_them_apart() -> None:
    untold, told = observed("momentum-too-high"), observed("momentum-too-high", told_momentum="extreme")
    found = fitting.shares([untold, told, observed("learning-rate-too-high")])
    momentum, rate = NAMES.index("momentum-too-high"), NAMES.index("learning-rate-too-high")
    assert found[:, momentum] == pytest.approx([0.7, 1.0, 0.0])
    assert found[:, rate] == pytest.approx([0.3, 0.0, 1.0])
