"""What a run is told to be trained on decides the level that it is compared with."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

import traindx
from traindx.baselines import FAMILIES, find_family
from traindx.context import JUDGED_LOSS, LADDER, REFERENCES, build_case
from traindx.errors import UsageError
from traindx.live import objectives
from traindx.live.objectives import FamilyObjective, Objective
from traindx.run import Run, Series, Source, floats

# One of each, with the level of knowing nothing that a textbook gives for it.
LEVELS: list[tuple[Objective, float]] = [
    (traindx.InfoNCE(negatives=256), math.log(256)),
    (traindx.InfoNCE(batch_size=32, world_size=8, gather=True), math.log(256)),
    (traindx.InfoNCE(batch_size=32, world_size=8), math.log(32)),
    (traindx.CrossEntropy(num_classes=1000), math.log(1000)),
    (traindx.CrossEntropy(class_prior=[0.9, 0.1]), -0.9 * math.log(0.9) - 0.1 * math.log(0.1)),
    (traindx.LanguageModel(vocab_size=50_257), math.log(50_257)),
    (traindx.LanguageModel(vocab_size=50_257, unigram_entropy=7.6), 7.6),
    (traindx.MaskedLanguageModel(vocab_size=30_522), math.log(30_522)),
    (traindx.BinaryCrossEntropy(positive_rate=0.02), -0.02 * math.log(0.02) - 0.98 * math.log(0.98)),
    (traindx.MeanSquaredError(target_std=3.0), 9.0),
    (traindx.RootMeanSquaredError(target_std=3.0), 3.0),
    (traindx.MeanAbsoluteError(target_std=1.0), math.sqrt(2 / math.pi)),
    (traindx.MeanAbsoluteError(target_abs_deviation=0.7, target_std=1.0), 0.7),
    (traindx.Triplet(margin=0.3), 0.3),
    (traindx.Triplet(soft=True), math.log(2)),
    (traindx.SimCLR(batch_size=128), math.log(255)),
    (traindx.MoCo(queue_size=65_536), math.log(65_537)),
    (traindx.SampledSoftmax(num_negatives=100), math.log(101)),
    (traindx.NegativeSampling(num_negatives=5), 6 * math.log(2)),
    (traindx.DINO(num_prototypes=65_536), math.log(65_536)),
    (traindx.Wav2Vec2(distractors=100), math.log(101)),
    (traindx.DPO(), math.log(2)),
    (traindx.IPO(beta=0.5), 1.0),
    (traindx.RewardModel(), math.log(2)),
    (traindx.GANDiscriminator(flavour="bce"), 2 * math.log(2)),
    (traindx.Diffusion(), 1.0),
    (traindx.BYOL(), 2.0),
    (traindx.ValueFunction(return_std=2.0), 4.0),
    (traindx.AlphaZero(num_actions=100, draw_rate=1.0), math.log(100)),
    (
        traindx.WeightedSum(
            {"ce": traindx.CrossEntropy(num_classes=10), "mse": traindx.MeanSquaredError(target_std=2)}, mse=0.5
        ),
        math.log(10) + 2,
    ),
]

# What the others need to be built at all.
OTHERS: list[Objective] = [
    traindx.ArcFace(num_classes=1000, logit_scale=30.0),
    traindx.BarlowTwins(batch_size=64),
    traindx.BoxL1(image_size=640),
    traindx.CTC(frames=200, labels=20, vocab_size=29),
    traindx.CosFace(num_classes=1000),
    traindx.CosineEmbedding(margin=0.1, positive_rate=0.3),
    traindx.DETR(num_classes=91),
    traindx.Dice(foreground=0.05),
    traindx.Distillation(logit_std=3.0, temperature=4.0),
    traindx.DistributionFocal(bins=16),
    traindx.FlowMatching(data_variance=0.25),
    traindx.Focal(positive_rate=0.001),
    traindx.GAN(flavour="hinge"),
    traindx.GANGenerator(flavour="lsgan"),
    traindx.GIoU(),
    traindx.GRPO(beta=0.04),
    traindx.GaussianNLL(target_std=1.0),
    traindx.Huber(target_std=1.0, delta=0.5),
    traindx.IoU(),
    traindx.KLDivergence(),
    traindx.KTO(weight=1.0),
    traindx.LoadBalance(num_experts=8, top_k=2, coefficient=0.01),
    traindx.LogCosh(target_std=1.0),
    traindx.MaskedImage(),
    traindx.ORPO(nll=1.2, weight=0.1),
    traindx.PPO(),
    traindx.PairContrastive(margin=1.0, positive_rate=0.2),
    traindx.Pinball(quantile=0.9, target_std=1.0),
    traindx.PolicyEntropy(num_actions=18),
    traindx.RouterZ(num_experts=8),
    traindx.SAM3(aux_layers=5),
    traindx.SigLIP(batch_size=64),
    traindx.SimPO(gamma=1.5),
    traindx.SimSiam(),
    traindx.SmoothL1(target_std=1.0, beta=0.1),
    traindx.SupCon(batch_size=64, num_classes=10),
    traindx.TokenMixture(sizes=(8192, 256), shares=(0.8, 0.2)),
    traindx.Transducer(frames=200, labels=20, vocab_size=29),
    traindx.VAE(num_pixels=784, brightness=0.13),
    traindx.VICReg(),
    traindx.YOLO(),
    traindx.ZLoss(vocab_size=50_257),
]
ALL = [*(objective for objective, _ in LEVELS), *OTHERS]


def standing_at(level: float, points: int = 60) -> Run:
    noise = random.Random(0)
    values = floats([level * (1 + noise.gauss(0, 2e-4)) for _ in range(points)])
    series = Series(name="train/loss", values=values, steps=floats(range(points)), epochs=floats([]))
    return Run(
        name="run", series={"train/loss": series}, sources=(Source(path="run.csv", format="synthetic", rows=points),)
    )


def named(objective: Objective) -> str:
    return type(objective).__name__


@pytest.mark.parametrize(
    ("objective", "level"), LEVELS, ids=lambda value: named(value) if isinstance(value, Objective) else ""
)
def test_a_run_that_stands_at_the_level_of_knowing_nothing_is_told_so(objective: Objective, level: float) -> None:
    report = traindx.diagnose(standing_at(level), facts=objective.facts())
    assert isinstance(report, traindx.Report)
    assert report.scale is not None
    worth_nothing = [mark.value for mark in report.scale.marks if mark.name in ("trivial", "chance")]
    assert any(value == pytest.approx(level, rel=1e-6) for value in worth_nothing), report.scale.marks
    assert any(finding.code.startswith("BAS") for finding in report.findings)


@pytest.mark.parametrize("objective", ALL, ids=named)
def test_the_levels_of_an_objective_are_those_that_the_report_uses(objective: Objective) -> None:
    case = build_case(standing_at(1.7), given=objective.facts())
    assert JUDGED_LOSS in case
    if isinstance(objective, FamilyObjective):
        own = objective.ladder()
        assert own is not None
        assert [rung.value for rung in case[LADDER].rungs] == [rung.value for rung in own.rungs]
        assert case[LADDER].family == find_family(objective.family).name
    assert all(math.isfinite(reference.value) for reference in case.get(REFERENCES) or ())


@pytest.mark.parametrize("objective", ALL, ids=named)
def test_what_an_objective_tells_is_read_back_from_the_recorded_run(objective: Objective, tmp_path: Path) -> None:
    with traindx.Monitor(tmp_path, objective=objective) as monitor:
        for step in range(12):
            monitor.log(loss=2.0 + 0.01 * step)
    again = traindx.diagnose(tmp_path)
    assert isinstance(again, traindx.Report)
    read = {fact.key: fact.value for fact in again.facts}
    assert objective.facts().items() <= read.items()
    assert monitor.report == again


def test_every_loss_that_theory_knows_has_an_objective() -> None:
    metrics = {family.name for family in FAMILIES.values() if family.higher_is_better} - {"policy_entropy"}
    not_losses = {"brier", "mase", "persistence", "ranks", *metrics}
    told = {objective.family for objective in ALL if isinstance(objective, FamilyObjective)} | {"weighted_sum"}
    assert {find_family(name).name for name in told} == set(FAMILIES) - not_losses


def test_every_objective_is_in_the_facade_and_tried_here() -> None:
    public = set(objectives.__all__) - {"FamilyObjective", "Objective"}
    assert public <= set(traindx.__all__)
    assert {named(objective) for objective in ALL} == public


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: traindx.CrossEntropy(num_classes=1), "num_classes must be"),
        (traindx.CrossEntropy, "CrossEntropy needs num_classes or class_prior"),
        (traindx.InfoNCE, "InfoNCE needs negatives or batch_size"),
        (lambda: traindx.InfoNCE(negatives=0), "negatives must be"),
        (lambda: traindx.InfoNCE(negatives=256, temperature=-1), "temperature must be"),
        (lambda: traindx.BinaryCrossEntropy(positive_rate=1.5), "positive_rate must be"),
        (lambda: traindx.MeanAbsoluteError(distribution="normale", target_std=1), "normal"),
        (traindx.Triplet, "Triplet needs margin or soft"),
        (lambda: traindx.LanguageModel(vocab_size="many"), "vocab_size must be a whole number"),  # type: ignore[arg-type]
        (lambda: traindx.MeanSquaredError(target_std=math.nan), "target_std must be a number"),
        (lambda: traindx.WeightedSum({}), "at least one term"),
        (lambda: traindx.WeightedSum({"ce": traindx.DPO()}, cf=2.0), "unknown term of the sum"),
        (lambda: traindx.WeightedSum({"ce": traindx.DPO()}, ce=-1), "must be at least 0"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(make: object, said: str) -> None:
    assert callable(make)
    with pytest.raises(UsageError, match=said):
        make()


def test_a_loss_whose_level_nobody_knows_yet_is_asked_for() -> None:
    report = traindx.diagnose(standing_at(4.0), facts=traindx.MeanSquaredError().facts())
    assert isinstance(report, traindx.Report)
    assert "target_std" in [missing.key for missing in report.missing_facts]


def test_a_sum_tells_no_fact_on_which_its_terms_disagree() -> None:
    two_heads = traindx.WeightedSum(
        {"a": traindx.CrossEntropy(num_classes=10), "b": traindx.CrossEntropy(num_classes=20)}
    )
    assert "num_classes" not in two_heads.facts()
    assert two_heads.facts()["sum_chance"] == pytest.approx(math.log(200))
    half_known = traindx.WeightedSum({"a": traindx.CrossEntropy(num_classes=10), "b": traindx.MeanSquaredError()})
    assert "sum_chance" not in half_known.facts()
