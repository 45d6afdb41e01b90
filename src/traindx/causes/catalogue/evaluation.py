"""Causes that lie in how the run is measured and logged."""

from __future__ import annotations

from traindx.causes.kind import CauseKind

CAUSES: tuple[CauseKind, ...] = (
    CauseKind(
        name="train-validation-overlap",
        meaning="validation holds training samples",
        test="hash every sample of both splits and count the common ones",
        fix="split by group (patient, document, scene) before any augmentation, and remove duplicates",
        signs="gap=below,far-below,alike++ condition:suspicious_val=found++ validation-accuracy=all++ training-accuracy=all+ skill=all,much+ gap=far-above,worlds-above-- condition:overfit=found-- validation-way=falls++ level=nearly-zero+",
    ),
    CauseKind(
        name="validation-mismatch",
        meaning="validation data are prepared in another way than training data",
        test="evaluate the training set with the validation pipeline: its loss must equal the training loss",
        fix="use the same normalisation, tokeniser and label order in both pipelines",
        signs="gap=far-above,worlds-above++ gap-at-start=far-above,worlds-above,above+ who-learnt=training-only++ validation-way=rises,flat+ validation-accuracy=chance,little++ training-accuracy=much,some+ skill=much,some+ "
        "validation-skill=worse,far-worse,none++ gap=alike,below-- validation-noise=loud+ skill=none-- "
        "who-fell=training-only++ explained=worse+ validation-drop=grows,explodes+",
    ),
    CauseKind(
        name="train-mode-at-evaluation",
        meaning="dropout or batch statistics stay active at evaluation",
        test="evaluate one checkpoint twice on the same data: the two results must be equal to the last digit",
        fix="call `model.eval()` before and `model.train()` after every evaluation",
        signs="gap=above,alike+ gap-at-start=alike+ validation-noise=loud,usual++ validation-way=falls+ who-learnt=both+ skill=some,much+ gap=worlds-above- kept=kept+",
        often=0.7,
    ),
    CauseKind(
        name="validation-set-too-small",
        meaning="so few samples are evaluated that a metric moves by luck",
        test="compute the standard error: sqrt(p (1 - p) / n) for a share p of n samples",
        fix="evaluate on a thousand samples or more, or average several evaluations",
        signs="metric-grid=coarse+ metric-grid=very-coarse+++ metric-grid=fine-- validation-noise=loud++ "
        "told-validation=handful+++ told-validation=many-- who-learnt=both+ skill=much,some+ metric-way=flat+ "
        "validation-way=falls+",
    ),
    CauseKind(
        name="metric-reduction-bug",
        meaning="the metric is averaged, summed or gathered wrongly: its number is not what its name says",
        test="compute the metric of one evaluation by hand from saved predictions",
        fix="collect numerators and denominators over all batches and processes, and divide once",
        signs=" accuracy-beside-loss=impossible+++ "
        "accuracy-beside-loss=lower++ accuracy-beside-loss=higher+ condition:metric_arithmetic=found+++ "
        "loss-and-metric=loss-only+ metric-way=frozen,flat+ who-learnt=both+ metric-level=zero,one+ "
        "skill=none-",
    ),
    CauseKind(
        name="mixed-streams-in-log",
        meaning="two runs, processes or losses write under one name",
        test="log with the process rank in the name: each stream alone must be smooth",
        fix="log from one process, and give every loss a name of its own",
        signs=" condition:mixed_streams=found+++ "
        "two-levels=two++ neighbours=alternates++ places=repeat,to-and-fro++ noise=wild,loud+ two-levels=no-",
        often=0.8,
    ),
)
