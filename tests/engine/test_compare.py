"""Two runs side by side: the same quantity at the same place, how sure, and what it may be put down to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import traindx
from traindx.engine import compare_ranks
from traindx.errors import UsageError
from traindx.run import Run, Setting
from traindx.testing import run_of


def run(name: str, seed: int = 0, settings: dict[str, float | str] | None = None, **series: str) -> Run:
    curves = {
        "train_loss": f"every 100; exp 2.3 0.3 40; noise 0.02; seed {seed}",
        "val_acc": f"every 100; exp 0.1 0.80 40; noise 0.005; seed {seed + 50}",
    }
    told = tuple(Setting(key, value, "config.yaml:1") for key, value in (settings or {}).items())
    return replace(run_of({**curves, **series}, name=name), settings=told)


def test_a_better_metric_is_told_with_its_interval_and_the_one_setting_that_changed() -> None:
    better = {"val_acc": "every 100; exp 0.1 0.84 40; noise 0.005; seed 9"}
    found = traindx.compare(run("a", settings={"lr": 1e-3}), run("b", settings={"lr": 3e-4}, **better))
    assert found.verdict.startswith("b against a is better: val_acc 0.8")
    (metric,) = [d for d in found.differences if d.quantity == "val_acc"]
    assert metric.low is not None
    assert metric.high is not None
    assert 0 < metric.low < 0.04 < metric.high
    assert "only lr differs" in found.attribution
    assert any("seeds" in limit for limit in found.limits)


def test_equal_runs_are_tied_and_nothing_is_put_down_to_a_setting() -> None:
    found = traindx.compare(run("a", 1), run("b", 2))
    assert {d.outcome for d in found.differences} == {"tied"}
    assert "no logged setting differs" in found.attribution


def test_several_changes_at_once_are_not_attributable_and_the_likeliest_comes_first() -> None:
    one, other = {"dropout": 0.1, "lr": 1e-3, "output_dir": "x"}, {"dropout": 0.0, "lr": 1e-4, "output_dir": "y"}
    found = traindx.compare(run("a", settings=one), run("b", settings=other))
    assert [c.name for c in found.changed] == ["lr", "dropout"]
    assert found.attribution.startswith("not attributable: 2 settings changed at once")


def test_a_change_of_units_is_no_progress() -> None:
    def regression(name: str, std: float) -> Run:
        return run_of({"loss": f"every 10; flat {std**2} 40; noise {0.01 * std**2}"}, name=name)

    found = traindx.compare(
        replace(regression("before", 67.8), settings=(Setting("target_std", 67.8, "c"), Setting("loss", "mse", "c"))),
        replace(regression("after", 1.5), settings=(Setting("target_std", 1.5, "c"), Setting("loss", "mse", "c"))),
    )
    assert "the units changed, not what was learnt" in found.verdict
    assert found.verdict.startswith("before is failing")


def test_losses_over_other_numbers_of_candidates_are_not_comparable_but_by_skill() -> None:
    settings = [{"batch_size": 256, "loss": "info_nce"}, {"batch_size": 32, "loss": "info_nce"}]
    curves = ("exp 5.545 4.0 40", "exp 3.466 2.5 40")
    one, other = (
        run(n, settings=s, train_loss=f"every 100; {c}; noise 0.02")
        for n, s, c in zip("ab", settings, curves, strict=True)
    )
    found = traindx.compare(one, other, by="step")
    (loss,) = [d for d in found.differences if d.quantity == "train_loss"]
    assert loss.outcome == "not comparable"
    assert loss.skill_before == pytest.approx(1 - 4.0 / np.log(256), abs=0.02)
    assert loss.skill_after == pytest.approx(1 - 2.5 / np.log(32), abs=0.02)


def test_runs_of_other_batch_sizes_are_aligned_by_samples_and_cut_to_what_both_saw() -> None:
    found = traindx.compare(run("a", settings={"batch_size": 64}), run("b", settings={"batch_size": 256}))
    assert (found.axis, found.at) == ("samples", 3_900 * 64)
    assert all(d.outcome == "worse" for d in found.differences)  # a quarter of the steps


def test_groups_of_seeds_are_paired_by_seed() -> None:
    rng = np.random.default_rng(0)
    lucks = rng.normal(0, 0.05, 4)

    def group(name: str, level: float) -> list[Run]:
        return [
            run(
                f"{name}{k}", k, {"seed": k}, val_acc=f"every 100; exp 0.1 {level + luck:.4f} 40; noise 0.002; seed {k}"
            )
            for k, luck in enumerate(lucks)
        ]

    found = traindx.compare(group("a", 0.70), group("b", 0.72))
    (metric,) = [d for d in found.differences if d.quantity == "val_acc"]
    assert metric.by.startswith("paired by seed, 4 and 4")
    assert metric.outcome == "better"
    assert metric.low == pytest.approx(0.02, abs=0.005)
    assert not any("seeds" in limit for limit in found.limits)


def test_shares_of_a_known_number_of_items_get_the_error_of_sampling_them() -> None:
    settings = {"num_val_samples": 200}
    better = {"val_acc": "every 100; exp 0.1 0.84 40; noise 0.005; seed 9"}
    found = traindx.compare(run("a", settings=settings), run("b", settings=settings, **better))
    (metric,) = [d for d in found.differences if d.quantity == "val_acc"]
    assert metric.outcome == "tied"  # 0.80 and 0.84 of 200 items
    assert "200" in metric.by


def test_per_cent_and_fraction_are_one_quantity() -> None:
    found = traindx.compare(run("a"), run("b", val_acc="every 100; exp 10 80 40; noise 0.5; seed 50"))
    (metric,) = [d for d in found.differences if d.quantity == "val_acc"]
    assert metric.after == pytest.approx(0.80, abs=0.01)
    assert metric.outcome == "tied"


def test_runs_without_a_common_series_are_refused_with_what_each_has() -> None:
    with pytest.raises(UsageError, match="no series in common") as refused:
        traindx.compare(run_of({"train_loss": "exp 2 1 40"}), run_of({"reward": "linear 0 1 40"}))
    assert "reward" in refused.value.hint


def test_rankings_of_the_same_queries_are_paired() -> None:
    rng = np.random.default_rng(5)
    before = rng.geometric(0.3, 500).astype(float)
    after = np.maximum(1, before - rng.binomial(1, 0.3, 500))
    found = compare_ranks(("a", "b"), before, after, (1, 5))
    recall = found.differences[0]
    assert (recall.quantity, recall.outcome) == ("R@1", "better")
    assert "McNemar" in recall.by
    assert recall.difference == pytest.approx(float(np.mean(after <= 1) - np.mean(before <= 1)))


@pytest.mark.parametrize(("before", "after"), [([1, 2], [1]), ([], []), ([0, 1], [1, 1]), ([float("nan")], [1])])
def test_ranks_that_do_not_pair_or_are_none_are_refused(before: list[float], after: list[float]) -> None:
    with pytest.raises(UsageError):
        compare_ranks(("a", "b"), np.array(before), np.array(after), (1,))
