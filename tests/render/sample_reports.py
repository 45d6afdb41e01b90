"""Reports made by hand: one per state of the verdict, with every kind of field filled somewhere."""

from __future__ import annotations

from traindx.diagnosis import (
    Action,
    Evidence,
    Fact,
    Finding,
    Mark,
    MissingFact,
    Report,
    Scale,
    Severity,
    Skipped,
    SourceLine,
    Verdict,
)
from traindx.run import Span

AT_CHANCE = Finding(
    code="BAS001",
    name="loss-at-chance",
    condition="at_chance",
    severity=Severity.ERROR,
    confidence=0.99,
    headline="training loss 5.54 never left the level of guessing among 256 pairs",
    evidence=(
        Evidence(
            label="typical loss of the last quarter",
            measured=5.5412,
            expected=5.545177,
            formula="ln 256",
            unit="nats",
            span=Span("train/loss", 3075, 4100, "runs/clip/train.log:3076"),
        ),
        Evidence(label="total fall since the start", measured=0.004, unit="nats", note="noise is 0.011"),
        Evidence(
            label="validation loss", measured=5.514, expected=5.5142, formula="(19 ln 256 + ln 136) / 20", unit="nats"
        ),
    ),
    why="A contrastive loss at ln(batch) says that the model picks the right pair no more often than chance does.",
    do=(
        "lower the learning rate to 1e-5..5e-5 and clip gradients at 1.0",
        "overfit 64 pairs first: the loss must fall below 0.1",
    ),
    check="the loss falls below 5.3 within 300 steps of a smaller learning rate",
    decided_by="facts",
)
NO_CLIPPING = Finding(
    code="OPT004",
    name="gradients-unclipped",
    condition=None,
    severity=Severity.WARNING,
    confidence=0.7,
    headline="the gradient norm jumps 40 times above its median 12 times, and nothing clips it",
    evidence=(Evidence(label="largest gradient norm", measured=15781.0, expected=390.0, formula="40 x median"),),
    do=("clip the gradient norm at 1.0",),
)

FAILING = Report(
    name="clip-256",
    sources=(SourceLine("runs/clip/train.log", "text", 4101, 3), SourceLine("runs/clip/hparams.yaml", "yaml", 12, 0)),
    verdict=Verdict(
        state="failing",
        summary="The model has learned nothing: loss 5.54 is exactly guessing among 256 pairs (ln 256 = 5.545).",
        confidence=0.99,
        stage="early",
    ),
    action=Action(
        "fix", "lower the learning rate to 1e-5..5e-5 and clip gradients; run 300 steps; expect a loss below 5.3"
    ),
    facts=(
        Fact("batch_size", 256, "inferred", "plateau at 5.541 = ln 255"),
        Fact("optimizer", "AdamW", "read", "hparams.yaml:4"),
    ),
    missing_facts=(
        MissingFact("num_samples", "would tell whether the validation loss of 5.514 is a short last batch or learning"),
        MissingFact("temperature", "would bound the loss from above"),
    ),
    findings=(AT_CHANCE, NO_CLIPPING),
    scale=Scale(
        series="train/loss",
        unit="nats",
        marks=(
            Mark("floor", 0.0, ""),
            Mark("best", 5.52, ""),
            Mark("current", 5.5412, ""),
            Mark("chance", 5.545177, "ln 256"),
            Mark("initial", 6.1, ""),
        ),
        skill=0.0007,
        choices=254.9,
        sentence="the model hesitates among 255 of 256 pairs",
    ),
    passed=("LOG001", "NAN001", "SPK001"),
    skipped=(Skipped("BAS005", ("num_samples",)),),
    last_step=4100.0,
)

HEALTHY = Report(
    name="small-lm",
    sources=(SourceLine("small_lm.csv", "csv", 2000, 0),),
    verdict=Verdict(
        state="healthy",
        summary="Learning well: loss 2.31 is far below guessing (ln 256 = 5.545) and still falling.",
        confidence=0.9,
        stage="middle",
    ),
    action=Action("continue", "go on; look again at step 4,000"),
    facts=(Fact("vocab_size", 256, "given"),),
    scale=Scale(
        series="loss",
        unit="nats",
        marks=(
            Mark("floor", 1.2, ""),
            Mark("best", 2.28, ""),
            Mark("current", 2.31, ""),
            Mark("chance", 5.545, "ln 256"),
        ),
        skill=0.744,
        choices=10.1,
    ),
    passed=("BAS001", "LOG001", "NAN001", "SPK001"),
    last_step=2000.0,
)

INCONCLUSIVE = Report(
    name="实验七",
    sources=(SourceLine("日志/实验七.txt", "text", 40, 7, "the last line is cut off"),),
    verdict=Verdict(
        state="inconclusive", summary="I cannot judge this loss without the vocabulary size.", confidence=0.3
    ),
    action=Action("ask", "give the vocabulary size"),
    missing_facts=(MissingFact("vocab_size", "would place loss 4.1 between guessing and the best"),),
    limits=("two series share the name closs and do not agree",),
)

ATTENTION = Report(
    name="sum-reduced",
    sources=(SourceLine("trainer_state.json", "hf-trainer-state", 412, 0),),
    verdict=Verdict(state="attention", summary="The loss of 10,500 is not a mean.", confidence=0.8, stage="start"),
    action=Action("fix", "divide by the number of boxes"),
    findings=(
        Finding(
            code="MET002",
            name="sum-reduction",
            condition="scale",
            severity=Severity.WARNING,
            confidence=0.8,
            headline="loss starts at 10,500, far above the ceiling of 130",
            evidence=(Evidence(label="first loss", measured=10500.0, expected=130.0, formula="sum of term ceilings"),),
        ),
        Finding(
            code="NAN002",
            name="hidden-nan",
            condition="nan",
            severity=Severity.INFO,
            confidence=1.0,
            headline="gradient norm is NaN 3 times",
            evidence=(Evidence(label="grad norm", measured=float("nan"), span=Span("grad_norm", 3, 9)),),
        ),
    ),
    scale=Scale(
        series="loss",
        unit="",
        marks=(
            Mark("floor", 0.0, ""),
            Mark("trivial", 130.0, ""),
            Mark("current", 9800.0, ""),
            Mark("first", 10500.0, ""),
        ),
    ),
    last_step=30.0,
)

ALL = {"failing": FAILING, "healthy": HEALTHY, "inconclusive": INCONCLUSIVE, "attention": ATTENTION}
