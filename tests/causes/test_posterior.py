"""Probabilities of causes: Bayes' rule on a small table, and what no answer can change."""

from __future__ import annotations

import math

import numpy as np
import pytest

from traindx.causes import NONE_OF_THESE, Table, fitness, kinds_of, probabilities, table_of, weigh
from traindx.causes.posterior import support

CAUSES = ("dry", "wet", NONE_OF_THESE)
ODDS = {
    "grass": {"brown": np.log([8.0, 1.0, 1.0]), "green": np.log([1.0, 4.0, 1.0])},
    "sky": {"blue": np.log([2.0, 1.0, 1.0])},
}
TABLE = Table(CAUSES, np.log([1.0, 2.0, 1.0]), ODDS, sharpness=1.0, floor=0.0)
FREE = np.zeros(3)


def test_weights_that_are_log_likelihood_ratios_give_the_posterior_of_bayes() -> None:
    likely = probabilities(TABLE, weigh(TABLE, {"grass": "brown", "sky": "blue"}), FREE)
    assert likely == pytest.approx([16 / 19, 2 / 19, 1 / 19])


def test_without_an_answer_the_prior_stays() -> None:
    assert probabilities(TABLE, {}, FREE) == pytest.approx([0.25, 0.5, 0.25])


def test_an_answer_that_the_table_does_not_know_counts_neither_way() -> None:
    assert weigh(TABLE, {"grass": "purple", "moon": "full"}) == {}


def test_sharpness_raises_probabilities_to_its_power() -> None:
    half = Table(CAUSES, TABLE.prior, ODDS, sharpness=0.5, floor=0.0)
    likely = probabilities(half, weigh(half, {"grass": "brown", "sky": "blue"}), FREE)
    assert likely == pytest.approx(np.sqrt([16, 2, 1]) / np.sqrt([16, 2, 1]).sum())


def test_a_floor_is_handed_out_by_the_prior_so_that_nothing_reaches_zero() -> None:
    sure = {"grass": {"brown": np.array([900.0, 0.0, -900.0])}}
    floored = Table(CAUSES, TABLE.prior, sure, sharpness=1.0, floor=0.04)
    likely = probabilities(floored, weigh(floored, {"grass": "brown"}), FREE)
    assert likely == pytest.approx([0.96 + 0.01, 0.02, 0.01])
    assert likely.sum() == pytest.approx(1)


def test_a_cause_of_another_kind_of_training_loses_and_one_of_this_kind_does_not() -> None:
    assert fitness(frozenset({"gan"}), ()) == 0
    assert fitness(frozenset({"gan"}), ("gan", "diffusion")) == 0
    assert fitness(frozenset({"retrieval"}), ("gan",)) < fitness(frozenset(), ("gan",)) < 0
    unfit = np.array([fitness(frozenset({"retrieval"}), ("gan",)), 0.0, 0.0])
    assert probabilities(TABLE, {}, unfit)[0] < 0.01


def test_the_kind_of_training_is_told_by_tasks_and_loss_families() -> None:
    assert kinds_of(frozenset({"retrieval"}), frozenset({"info_nce", ""})) == {"retrieval", "contrastive"}
    assert kinds_of(frozenset(), frozenset({"mse"})) == {"regression"}


def test_a_stored_table_is_read_back_and_its_mistakes_are_refused() -> None:
    stored = {"causes": ["dry", NONE_OF_THESE], "prior": [150, 0], "sharpness": 0.7, "floor": 0.02,
              "weights": {"sky": {"blue": [-25, 0]}}}  # fmt: skip
    table = table_of(stored)
    assert table.prior.tolist() == [1.5, 0.0]
    assert table.weights["sky"]["blue"].tolist() == [-0.25, 0.0]
    with pytest.raises(ValueError, match="3 weights for 2 causes"):
        table_of({**stored, "prior": [1, 2, 3]})
    with pytest.raises(ValueError, match="last"):
        table_of({**stored, "causes": [NONE_OF_THESE, "dry"]})


def test_probabilities_stay_finite_whatever_is_added() -> None:
    odd = {"sky": np.array([1e300, -1e300, 0.0])}
    assert math.isclose(probabilities(TABLE, odd, FREE).sum(), 1.0)


def test_a_cause_that_needs_something_unusual_loses_where_nothing_shows_it() -> None:
    assert support((), {}) == 0
    assert support(("told-momentum=extreme",), {"told-momentum": "extreme"}) == 0
    assert support(("told-momentum=extreme",), {}) < -1


def test_a_cause_of_a_kind_that_names_itself_loses_more_where_nothing_tells_the_kind() -> None:
    assert fitness(frozenset(), ("gan",)) < fitness(frozenset(), ("classes", "gan")) < 0
