"""Which known level is this value: it names the famous ones, and nothing in random numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.baselines import Match, what
from traindx.baselines.constants import constants
from traindx.baselines.what import COVERAGE
from traindx.errors import UsageError


def _formulas(value: str, **facts: float) -> list[str]:
    return [m.formula for m in what(value, facts=facts, limit=20)]


@pytest.mark.parametrize(
    ("printed", "formula", "word"),
    [
        ("4.852", "ln 128", "contrastive"),
        ("8.3178", "ln 4096", "prototypes"),
        ("8.3178", "ln 4096", "vocabulary"),
        ("11.0904", "ln 65536", "prototypes"),
        ("11.0904", "ln 65536", "Chameleon"),
        ("11.0904", "ln(65536 + 1)", "queue"),
        ("11.0904", "16 ln 2", "word2vec"),
        ("6.9078", "ln 1000", "ImageNet"),
        ("87.3365", "-ln 2^-126", "NaN in disguise"),
        ("1.3863", "2 ln 2", "discriminator"),
        ("1.3863", "ln 4", "4 classes"),
        ("0.6931", "ln 2", "binary"),
        ("0.6931", "ln 2", "DPO"),
        ("0.6931", "ln 2", "reward"),
        ("0.6931", "ln 2", "twice"),
        ("0.6931", "ln 2", "triplet"),
        ("0.6931", "ln 2", "discriminator"),
        ("2.3026", "ln 10", "CIFAR-10"),
        ("2.3026", "ln 10", "SigLIP"),
        ("10.8249", "ln 50257", "GPT-2"),
        ("5.5452", "ln 256", "contrastive"),
        ("5.5452", "ln 256", "bins"),
        ("5.5452", "ln 256", "bytes"),
        ("3.4657", "ln 32", "contrastive"),
        ("3.4657", "ln(64/2)", "two captions"),
        ("4.6052", "ln 100", "CIFAR-100"),
        ("4.6052", "ln 100", "logit scale"),
        ("1.0000", "1", "z-scored"),
        ("1.0000", "1", "noise prediction"),
        ("1.0000", "1", "experts"),
        ("1.0000", "1", "margin 1"),
    ],
)
def test_the_famous_levels_and_their_rivals_are_named(printed: str, formula: str, word: str) -> None:
    assert any(m.formula == formula and word in m.meaning for m in what(printed, limit=20))


@pytest.mark.parametrize("decimals", [2, 3, 4])
def test_random_values_find_nothing_at_least_97_times_in_100(decimals: int) -> None:
    values = np.random.default_rng(decimals).uniform(0, 13, 2000)
    found = sum(bool(what(f"{v:.{decimals}f}")) for v in values)
    assert found / values.size <= COVERAGE + 4 * math.sqrt(COVERAGE / values.size) <= 0.035
    assert found / values.size <= 0.03


@pytest.mark.parametrize("decimals", [2, 3])
def test_random_values_find_nothing_under_facts_either(decimals: int) -> None:
    facts = {"batch_size": 200.0, "num_samples": 7100.0, "num_classes": 37.0}
    values = np.random.default_rng(decimals).uniform(0, 13, 1000)
    assert sum(bool(what(f"{v:.{decimals}f}", facts=facts)) for v in values) / values.size <= 0.04


def test_one_decimal_says_nothing_without_facts() -> None:
    assert all(not what(f"{v / 10:.1f}") for v in range(130))


@pytest.mark.parametrize("printed", ["5.5136", "5.514", "5.51"])
def test_a_short_last_batch_is_recognised_from_facts(printed: str) -> None:
    match = what(printed, facts={"batch_size": 256, "num_samples": 5000})[0]
    assert match.formula == "(19 ln 256 + ln 136)/20"
    assert match.from_facts
    assert match.confidence > 0.9


def test_without_the_batch_the_usual_ones_are_tried() -> None:
    assert _formulas("5.5136", num_samples=5000)[0] == "(19 ln 256 + ln 136)/20"


@pytest.mark.parametrize(
    ("printed", "facts", "formula"),
    [
        ("5.2983", {"num_classes": 200}, "ln 200"),
        ("5.298", {"batch_size": 25, "world_size": 8}, "ln 200"),
        ("0.0980", {"pos": 0.02}, "H(0.02)"),
        ("0.3000", {"margin": 0.3}, "0.3"),
        ("2.2500", {"target_std": 1.5}, "1.5²"),
        ("2.4881", {"batch_size": 32, "temperature": 1.0}, "ln(1 + 31·e^(-32/(31·1)))"),
        ("0.0150", {"gallery_size": 446}, "H(446)/446"),
        ("8.5173", {"num_prototypes": 5000}, "ln 5000"),
    ],
)
def test_levels_of_the_runs_own_facts_are_recognised(printed: str, facts: dict[str, float], formula: str) -> None:
    assert formula in _formulas(printed, **facts)


def test_a_plain_integer_is_never_a_reason() -> None:
    known = {round(math.exp(c.value), 6) for c in constants()}
    strangers = [n for n in range(300, 1000) if float(n) not in known]
    assert len(strangers) > 600
    named = [n for n in strangers if what(f"{math.log(n):.4f}")]
    assert len(named) < 0.05 * len(strangers)


def test_more_digits_give_smaller_odds() -> None:
    odds = [what(text)[0].odds for text in ("2.30", "2.303", "2.3026")]
    assert odds == sorted(odds, reverse=True)
    assert odds[0] > odds[-1]


def test_a_number_stands_for_all_its_digits() -> None:
    assert what(math.log(4096))[0].formula == "ln 4096"
    assert what(8.3178) == what("8.3178")


def test_what_was_printed_is_reported() -> None:
    match = what("2.30")[0]
    assert (match.value, match.decimals) == (2.3, 2)
    assert match.error == pytest.approx(2.3 - math.log(10))
    assert sum(m.confidence for m in what("0.6931", limit=50)) <= 1.0


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "abc", "1e", "9" * 1000])
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        what(text)


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.dictionaries(
        st.sampled_from(
            [
                "batch_size",
                "num_samples",
                "num_classes",
                "vocab_size",
                "temperature",
                "margin",
                "target_std",
                "world_size",
                "gallery_size",
                "pos",
            ]
        ),
        st.floats(),
    ),
)
def test_no_finite_value_and_no_facts_make_it_fail(value: float, facts: dict[str, float]) -> None:
    found = what(value, facts=facts)
    assert all(isinstance(m, Match) and 0 <= m.odds <= 1 and 0 <= m.confidence <= 1 for m in found)


def test_an_exponent_is_read_as_printed() -> None:
    assert what("2.3026e0") == what("2.3026")
    assert what("1e400") == ()
    assert what("1e-400") == ()
