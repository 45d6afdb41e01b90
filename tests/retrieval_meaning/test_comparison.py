"""Encoders on the same queries: tests that keep their level, ties, luck, and galleries made equal."""

from __future__ import annotations

import numpy as np
import pytest

from tests.retrieval_meaning.drawn import pairs, ranked
from traindx.errors import UsageError
from traindx.retrieval import RetrievalReport, compare, evaluate
from traindx.retrieval.comparison import holm, luck_of
from traindx.retrieval.judgement import Reading, direction_of
from traindx.retrieval.report import RetrievalReport as Report
from traindx.signals import mcnemar


def report_of(ranks: np.ndarray, gallery: int = 1000, clusters: np.ndarray | None = None) -> RetrievalReport:
    way = direction_of(ranked(ranks.astype(np.int64), gallery), "text to audio", Reading(clusters=clusters))
    return Report(
        name="", similarity="cosine", ties="mean", confidence=0.95, dimension=8, forward=way, backward=None, verdict=""
    )


def drawn(share: float, rng: np.random.Generator, n: int = 446) -> np.ndarray:
    return np.where(rng.random(n) < share, 1, rng.integers(2, 400, n))


def test_the_table_says_who_is_best_who_is_tied_and_who_is_behind() -> None:
    row = np.arange(446)
    hits = {"MuQ": row % 2 == 0, "MERT": (row % 2 == 1) | (row % 29 == 0), "Latent": row % 4 == 0}
    found = compare({name: report_of(np.where(hit, 1, 30)) for name, hit in hits.items()})
    named = {row.name: row["R@1"] for row in found.rows}
    assert [name for name, s in named.items() if s.best] == ["MERT"]
    assert named["MuQ"].tied
    assert not named["Latent"].tied
    assert found.sentence.startswith("MERT has the highest R@1")
    assert "MuQ" in found.sentence.split("tied")[0]
    assert "behind it: Latent by" in found.sentence


def test_the_paired_test_is_mcnemars() -> None:
    rng = np.random.default_rng(1)
    one, other = drawn(0.4, rng), drawn(0.5, rng)
    difference = compare({"a": report_of(one), "b": report_of(other)}).differences[0]
    lost, gained = int(np.sum((one == 1) & (other > 1))), int(np.sum((one > 1) & (other == 1)))
    assert (difference.gained, difference.lost) == (gained, lost)
    assert difference.p_value == pytest.approx(mcnemar(lost, gained))
    assert difference.difference == pytest.approx((gained - lost) / 446)
    assert difference.low < difference.difference < difference.high


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [False, True])
def test_equal_encoders_are_seldom_told_apart(clustered: bool) -> None:
    rng = np.random.default_rng(2)
    labels = np.repeat(np.arange(60), 5)
    wrong = {"R@1": 0, "MRR": 0}
    for _ in range(50):
        levels = rng.beta(2, 2, (4, 60))
        ranks = [np.where(rng.random(300) < np.repeat(level, 5), 1, rng.integers(2, 300, 300)) for level in levels]
        if not clustered:
            ranks = [drawn(0.5, rng, 300) for _ in range(4)]
        found = compare(
            {str(n): report_of(r, clusters=labels if clustered else None) for n, r in enumerate(ranks)}, ks=(1,)
        )
        for metric in wrong:
            wrong[metric] += any(d.outcome != "tied" for d in found.differences if d.metric == metric)
    assert all(count <= 8 for count in wrong.values()), wrong  # 5 % of 50 is 2.5


def test_a_baseline_leaves_fewer_tests_to_correct_for() -> None:
    queries, items = pairs(rows=300, noise=0.9)
    rng = np.random.default_rng(1)
    sets = {
        name: (queries + noise * rng.normal(size=queries.shape), items)
        for name, noise in (("a", 0.0), ("b", 0.5), ("c", 0.8))
    }
    every, against = compare(sets), compare(sets, baseline="b")
    assert [(d.before, d.after) for d in against.differences[:2]] == [("b", "a"), ("b", "c")]
    assert against.rows == every.rows
    one = next(d for d in against.differences if (d.metric, d.after) == ("MRR", "c"))
    other = next(d for d in every.differences if (d.metric, d.before, d.after) == ("MRR", "b", "c"))
    assert one.p_value == other.p_value
    assert one.adjusted <= other.adjusted
    with pytest.raises(UsageError, match="unknown encoder 'd'"):
        compare(sets, baseline="d")


def test_holm_is_the_textbook_correction() -> None:
    assert holm([0.01, 0.02, 0.03, 0.005]) == pytest.approx([0.03, 0.04, 0.04, 0.02])
    assert holm([]) == []


@pytest.mark.slow
@pytest.mark.parametrize(("candidates", "spread"), [(2, 0.0), (5, 0.0), (10, 0.0), (5, 0.1)])
def test_the_luck_of_the_best_is_taken_off(candidates: int, spread: float) -> None:
    rng = np.random.default_rng(3)
    truth = 0.45 + spread * np.linspace(-1, 1, candidates)
    left, luck = [], []
    for _ in range(100):
        scores = {str(n): (rng.random(446) < share).astype(np.float64) for n, share in enumerate(truth)}
        found = luck_of("R@1", scores, None)
        left.append(found.corrected - truth[int(found.name)])
        luck.append(found.value - truth[int(found.name)])
    assert -0.009 < np.mean(left) < 0.0065  # rather too much is taken off than too little
    assert spread or abs(np.mean(left)) <= 0.35 * np.mean(luck)


def test_galleries_of_two_sizes_are_made_equal() -> None:
    queries, items = pairs(rows=400, noise=1.0)
    more = np.concatenate([items, pairs(rows=1200, noise=1.0, seed=9)[1]])
    small = evaluate(queries, items, both=False, examine=False)
    large = evaluate(queries, more, np.stack([np.arange(400)] * 2, axis=1), both=False, examine=False)
    assert large.forward["R@1"].value < small.forward["R@1"].value - 0.05
    found = compare({"small": small, "large": large}, ks=(1,))
    assert (found.gallery_size, found.equalised) == (400, True)
    assert found.rows[1]["R@1"].value == pytest.approx(small.forward["R@1"].value, abs=0.03)
    assert any("galleries of 400" in limit for limit in found.limits)


def test_what_cannot_be_paired_is_refused() -> None:
    rng = np.random.default_rng(4)
    with pytest.raises(UsageError, match="one encoder is nothing"):
        compare({"a": report_of(drawn(0.5, rng))})
    with pytest.raises(UsageError, match="different queries: a 446, b 300"):
        compare({"a": report_of(drawn(0.5, rng)), "b": report_of(drawn(0.5, rng, 300))})
    with pytest.raises(UsageError, match="cannot be drawn"):
        compare({"a": report_of(drawn(0.5, rng)), "b": report_of(drawn(0.5, rng))}, gallery_size=2000)
    with pytest.raises(UsageError, match="other direction"):
        compare({"a": report_of(drawn(0.5, rng)), "b": report_of(drawn(0.5, rng))}, backward=True)


def test_encoders_that_agree_on_all_queries_differ_by_little() -> None:
    ranks = drawn(0.6, np.random.default_rng(0), n=300)
    found = compare({"one": report_of(ranks), "same": report_of(ranks)})
    for difference in found.differences:
        assert difference.outcome == "tied"
        assert -0.013 < difference.low < 0 < difference.high < 0.013  # Wilson's upper end for 0 of 300


def test_the_best_of_guessers_is_not_praised() -> None:
    rng = np.random.default_rng(0)
    guesses = {name: report_of(rng.integers(1, 1001, 446)) for name in ("one", "other")}
    assert compare(guesses).sentence.startswith("no encoder can be told from guessing: the highest R@1 is ")
    good = report_of(drawn(0.6, rng))
    assert compare({"good": good, **guesses}).sentence.endswith("; one and other cannot be told from guessing")
