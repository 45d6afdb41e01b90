"""The table of families: every one is built, names and parameters are checked, nothing is assumed in silence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traindx.baselines import FAMILIES, Family, build_ladder, find_family, is_family, relevant_facts
from traindx.errors import UsageError

ALSO_NEEDED = {
    "accuracy": {"num_classes": 10},
    "brier": {"num_classes": 10},
    "cross_entropy": {"num_classes": 10},
    "distillation": {"logit_std": 3.0},
    "triplet": {"margin": 0.3},
}
SPOKEN_BY_LOGS = [
    "cross_entropy", "bce", "focal", "dice", "giou", "mse", "l1", "huber", "smooth_l1", "info_nce", "siglip", "triplet",
    "supcon", "ctc", "rnnt", "dpo", "reward_model", "dino", "ibot", "barlow_twins", "simsiam", "vicreg", "diffusion",
    "flow_matching", "gan_generator", "gan_discriminator", "moe_balance", "z_loss", "elbo", "kl", "masked_lm",
    "distillation", "detr_total", "gaussian_nll", "ppo_policy", "ppo_value", "grpo", "dfl", "ciou", "iou",
]  # fmt: skip


def _examples(family: Family) -> dict[str, object]:
    facts: dict[str, object] = {p.name: p.example for p in family.parameters if p.required}
    return facts | ALSO_NEEDED.get(family.name, {})


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_family_builds_from_the_examples_of_its_required_parameters(name: str) -> None:
    family = FAMILIES[name]
    ladder = build_ladder(name, **_examples(family))  # type: ignore[arg-type]
    assert ladder.family == name
    assert ladder.rungs
    assert ladder.higher_is_better == family.higher_is_better
    for rung in ladder.rungs:
        assert math.isfinite(rung.value)
        assert rung.unit
        assert rung.formula
        assert rung.meaning
        assert rung.source


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_required_parameter_has_an_example_and_its_absence_is_named(name: str) -> None:
    family = FAMILIES[name]
    for parameter in (p for p in family.parameters if p.required):
        assert parameter.example
        facts = {k: v for k, v in _examples(family).items() if k != parameter.name}
        with pytest.raises(UsageError, match=parameter.name) as caught:
            build_ladder(name, **facts)  # type: ignore[arg-type]
        assert parameter.example in caught.value.hint


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_rungs_stand_in_the_order_of_the_scale(name: str) -> None:
    ladder = build_ladder(name, **_examples(FAMILIES[name]))  # type: ignore[arg-type]
    floor, trivial, chance = (ladder.rung(r) for r in ("floor", "trivial", "chance"))
    sign = -1 if ladder.higher_is_better else 1
    if floor and trivial:
        assert sign * floor.value <= sign * trivial.value
    if trivial and chance and name != "alphazero":
        assert sign * trivial.value <= sign * chance.value + 1e-12


@pytest.mark.parametrize("name", SPOKEN_BY_LOGS)
def test_the_names_that_logs_give_are_known(name: str) -> None:
    assert is_family(name)


def test_no_name_means_two_families() -> None:
    names = [n for f in FAMILIES.values() for n in (f.name, *f.aliases)]
    assert len(names) == len(set(names))


def test_no_alias_of_a_parameter_is_another_parameter_of_its_family() -> None:
    for family in FAMILIES.values():
        names = [n for p in family.parameters for n in (p.name, *p.aliases)]
        assert len(names) == len(set(names)), family.name


def test_dashes_and_case_do_not_matter() -> None:
    assert find_family("Info-NCE").name == "info_nce"
    assert build_ladder("infonce", **{"Batch-Size": "256"}).rung("chance").value == pytest.approx(math.log(256))  # type: ignore[union-attr]


def test_the_level_as_logged_stands_before_that_of_a_full_batch() -> None:
    ladder = build_ladder("info_nce", batch_size=256, num_samples=5000)
    chances = [r.value for r in ladder.rungs if r.rung == "chance"]
    assert chances == pytest.approx([5.5136, 5.5280, 5.5452], abs=5e-5)
    whole = build_ladder("info_nce", batch_size=256, num_samples=5000, drop_last=True)
    assert whole.rung("chance").formula == "ln 256"  # type: ignore[union-attr]


def test_only_gathered_devices_add_candidates() -> None:
    alone = build_ladder("info_nce", batch=32, world_size=8).rung("chance")
    gathered = build_ladder("info_nce", batch=32, world_size=8, gather=True).rung("chance")
    assert alone is not None
    assert gathered is not None
    assert (alone.formula, gathered.formula) == ("ln 32", "ln 256")


def test_the_highest_of_several_floors_comes_first() -> None:
    ladder = build_ladder("ce", num_classes=1000, label_smoothing=0.1, mixup=0.2)
    floors = [r.value for r in ladder.rungs if r.rung == "floor"]
    assert floors == sorted(floors, reverse=True)
    assert floors[0] == pytest.approx(1.0148, abs=5e-5)


def test_a_whole_runs_facts_can_be_offered() -> None:
    facts = {
        "batch_size": 64,
        "num_samples": 1000,
        "optimizer": "adamw",
        "num_classes": 10,
        "vocab_size": 32000,
        "lr": 1e-4,
    }
    assert build_ladder("info_nce", **facts).rung("chance") is not None  # type: ignore[arg-type]
    ladder = build_ladder("cross_entropy", **facts)  # type: ignore[arg-type]
    assert ladder.rung("chance").formula == "ln 10"  # type: ignore[union-attr]
    assert set(relevant_facts("info_nce", facts)) == {"batch_size", "num_samples"}  # type: ignore[arg-type]


def test_misspelt_names_get_the_nearest_ones() -> None:
    with pytest.raises(UsageError, match="infonce"):
        build_ladder("infonse", batch=3)
    with pytest.raises(UsageError, match="temperature"):
        build_ladder("info_nce", batch=3, temperatur=0.1)


@pytest.mark.parametrize(
    ("family", "facts"),
    [
        ("info_nce", {"batch_size": "many"}),
        ("info_nce", {"batch_size": 2.5}),
        ("info_nce", {"batch_size": True}),
        ("mse", {"std": -1}),
        ("bce", {"pos": 7}),
        ("gan", {"flavour": "hinges"}),
        ("info_nce", {"batch_size": "1e999"}),
        ("ce", {"prior": "0.9;0.1"}),
    ],
)
def test_values_that_make_no_sense_are_refused(family: str, facts: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        build_ladder(family, **facts)  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_hostile_facts_give_a_ladder_or_a_usage_error(name: str, data: st.DataObject) -> None:
    numbers = st.one_of(st.floats(), st.integers(-5, 2**70), st.sampled_from([0, 1, 2, 1e-9, 0.5, 1e6, 1e11]))
    values = {"floats": st.lists(numbers, max_size=3).map(tuple), "str": st.text(max_size=5), "bool": st.booleans()}
    family = FAMILIES[name]
    facts = {p.name: data.draw(values.get(p.type, numbers), label=p.name) for p in family.parameters if p.type != "str"}
    try:
        ladder = build_ladder(name, **facts)  # type: ignore[arg-type]
    except UsageError:
        return
    assert not any(math.isnan(r.value) for r in ladder.rungs)


def test_nothing_is_claimed_of_targets_whose_spread_is_unknown() -> None:
    for family in ("mse", "l1", "huber", "rmse", "gaussian_nll"):
        with pytest.raises(UsageError, match="target_std"):
            build_ladder(family)


def test_lists_are_read_from_text_and_shown_in_the_facts() -> None:
    ladder = build_ladder("ce", prior="90, 10")
    assert ladder.rung("trivial").value == pytest.approx(0.3251, abs=5e-5)  # type: ignore[union-attr]
    assert ladder.facts["prior"] == "90, 10"


def test_two_kinds_of_one_size_are_counted_together() -> None:
    assert build_ladder("multitoken", sizes="256,256").rung("chance").value == pytest.approx(math.log(256))  # type: ignore[union-attr]
