"""A loss in bits is compared with the level of guessing in bits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from traindx.context import LADDER, LOG_BASE, build_case
from traindx.engine import diagnose_run, select_rules
from traindx.run import Run, Series, floats


def language_model(base: float, vocabulary: int = 50_257) -> Run:
    """A run from scratch that prints its loss to ``base``, and the perplexity beside it, with three decimals."""
    nats = 3.2 + (math.log(vocabulary) - 3.2) * np.exp(-np.arange(80) / 15)
    columns = {"loss": np.round(nats / math.log(base), 3), "ppl": np.round(np.exp(nats), 2)}
    steps = floats(10.0 * np.arange(80))
    series = {name: Series(name=name, values=floats(values), steps=steps) for name, values in columns.items()}
    return Run(name="any", series=series, sources=())


@pytest.mark.parametrize(("base", "name"), [(2.0, "2"), (10.0, "10")])
def test_the_base_is_inferred_from_the_perplexity_and_the_level_of_guessing_converted(base: float, name: str) -> None:
    case = build_case(language_model(base), given={"vocab_size": 50_257})
    chance = case[LADDER].rung("chance")
    assert case[LOG_BASE] == name
    assert chance is not None
    assert chance.value == pytest.approx(math.log(50_257, base))


def test_a_loss_in_nats_stays_as_it_is() -> None:
    case = build_case(language_model(math.e), given={"vocab_size": 50_257})
    chance = case[LADDER].rung("chance")
    assert LOG_BASE not in case
    assert chance is not None
    assert chance.value == pytest.approx(math.log(50_257))


def test_a_healthy_start_in_bits_is_not_worse_than_guessing() -> None:
    report = diagnose_run(language_model(2.0), select_rules(), facts={"vocab_size": 50_257})
    assert "BAS003" in report.passed
    assert report.verdict.state == "healthy"
