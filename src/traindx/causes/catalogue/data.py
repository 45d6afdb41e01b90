"""Causes that lie in the training data: labels, inputs, their order."""

from __future__ import annotations

from traindx.causes.kind import CauseKind

CAUSES: tuple[CauseKind, ...] = (
    CauseKind(
        name="labels-shuffled",
        meaning="inputs and labels no longer belong together",
        test="print ten inputs beside their labels as the loader gives them: they must fit",
        fix="shuffle inputs and labels with one index; join tables by key, not by position",
        signs="skill=none,little++ who-learnt=neither,training-only++ gap=above,far-above+ validation-skill=none,worse++ "
        "validation-accuracy=chance++ training-accuracy=chance,little,some+ drop=none,slight+ gradient-size=usual+ "
        "gradient-size=zero-- rate-height=usual+ condition:at_chance=found+ "
        "validation-way=rises,flat++ motion=moving+ first-loss=at-chance+ validation-late=rises+ "
        "first-loss-exact=exact- validation-way=frozen--- gradient-way=grows+ condition:diverged=found- "
        "late=rises-fast- skill=far-worse-- "
        "who-fell=neither,training-only++ explained=none,worse++ validation-drop=none,grows++ "
        "metric-way=flat,worsens++ loss-and-metric=loss-only++ gradient-way=grows-far-- explained=worse++ validation-noise=still- validation-skill=much,all--- validation-skill=some-- validation-accuracy=some,much,all--- explained=some,much,all---",
        often=1.5,
    ),
    CauseKind(
        name="labels-shifted",
        meaning="targets are shifted against their inputs by one sample, token or class",
        test="decode one sample and its target side by side: each target must be that of its own input",
        fix="shift exactly once: either in the data or in the model, not in both or in neither",
        signs="skill=none,little,some++ validation-accuracy=below-chance,chance++ training-accuracy=chance,little+ gradient-size=usual+ gradient-size=zero-- rate-height=usual+ drop=none,slight,part+ who-learnt=neither,training-only+ "
        "validation-skill=worse,far-worse,none+ level=nearly-zero+ "
        "explained=none,worse+ who-fell=neither,training-only+ validation-skill=much,all-- validation-accuracy=much,all-- explained=much,all--",
        often=0.8,
    ),
    CauseKind(
        name="label-noise",
        meaning="a part of the training labels is wrong",
        test="look at the fifty training samples with the highest loss: most of them must be labelled right",
        fix="relabel or drop the samples of highest loss; use label smoothing or a robust loss",
        signs="gap=far-below,below++ late=flat+ skill=some,little++ validation-accuracy=some,much+ training-accuracy=some,little+ drop=part+ kept=kept+ rate-height=usual+ condition:overfit=found+ "
        "condition:suspicious_val=found+ skill=all,none- validation-way=falls-then-rises+ accuracy-beside-loss=higher+",
    ),
    CauseKind(
        name="class-imbalance",
        meaning="one class is so frequent that always answering it is nearly as good as learning",
        test="count the labels of both splits, and print the confusion matrix or the recall of each class",
        fix="sample classes evenly or weigh them, and judge by balanced accuracy",
        signs="first-loss=below,far-below+ skill=much,some+ opening=plunges++ half-way=at-once++ who-learnt=training-only++ validation-accuracy=chance,little++ gap=far-above,worlds-above++ "
        "training-accuracy=all,much++ metric-way=frozen,flat+ noise=loud,wild+ loss-and-metric=loss-only+ gap-at-start=far-above,worlds-above++ validation-way=flat+",
        only=("classes", "segmentation", "detection", "language_model"),
    ),
    CauseKind(
        name="unnormalised-inputs",
        meaning="inputs come in raw units, far from zero mean and unit spread",
        test="print mean, standard deviation and extremes of one input batch: about 0, 1 and under 10",
        fix="subtract the mean and divide by the standard deviation of the training set, in every split",
        signs="first-loss=above,far-above,absurd++ first-size=large,huge+ gradient-size=large,huge++ opening=leaps,plunges+ leaps=some,many+ noise=loud,wild+ rate-height=usual+ "
        "skill=little,some,worse+ first-loss=at-chance- "
        "half-way=at-once+ gradient-way=falls-far,falls+ skill=much,all+ gap=far-above,worlds-above+ variance=unit+ opening=plunges+",
        often=1.2,
    ),
    CauseKind(
        name="unnormalised-targets",
        meaning="targets come in raw units, so that losses and gradients are huge",
        test="print the standard deviation of the targets: a squared error equal to its square has learnt nothing",
        fix="divide the targets by their standard deviation, and multiply predictions back",
        signs="first-size=large,huge,absurd++ first-size=usual- condition:scale=found++ gradient-size=large,huge++ half-way=evenly,slowly+ late=falls,falls-fast+ clipped=all,most+ rate-height=usual+ "
        "variance=large+++ variance=of-batch- variance=unit---",
        only=("regression", "reinforcement", "diffusion", "detection", "segmentation"),
        often=1.2,
    ),
    CauseKind(
        name="target-leak",
        meaning="the answer is contained in the input",
        test="train on single input columns or blank out parts of the input: one of them alone gives the answer",
        fix="remove what is known only after the answer; mask future tokens",
        signs="level=nearly-zero,zero++ skill=all++ drop=nearly-all++ validation-accuracy=all++ training-accuracy=all++ gap=alike+ half-way=at-once++ opening=plunges+ condition:suspicious_val=found+ metric-level=one++ "
        "skill=none,little,worse,far-worse-- condition:overfit=found-- not-finite=early,late,at-start-- "
        "explained=all++ "
        "condition:at_chance=found--- metric-level=zero-- metric-way=frozen-",
    ),
    CauseKind(
        name="no-shuffling",
        meaning="samples come in the same sorted order in every epoch",
        test="print the labels of three neighbouring batches: they must be mixed",
        fix="shuffle the training set anew in every epoch (`shuffle=True`, or a shuffling buffer larger than a shard)",
        signs="repeats=epoch-strong,epoch-weak++ repeats=other-strong+ neighbours=dependent,smooth++ "
        "gap=far-above,worlds-above+ noise=loud,wild+ told-shuffle=off+++ told-shuffle=on-- "
        "kept=part-lost,mostly-lost+ validation-noise=loud+ condition:oscillating=found++ neighbours=independent- "
        "leaps=some,many+ level=nearly-zero+",
    ),
    CauseKind(
        name="bad-shard",
        meaning="a part of the data is corrupt, and comes by once in every epoch",
        test="log the loss of each shard or file: one stands out",
        fix="remove or repair that part, and check files when they are loaded",
        signs="repeats=epoch-weak,epoch-strong,other-weak++ leaps=some,few++ two-levels=perhaps,two+ condition:spikes=found++ kept=kept+ noise=loud+ drop=part,most+ gradient-bursts=some,large+ rate-height=usual+",
        often=0.7,
    ),
    CauseKind(
        name="nan-in-data",
        meaning="an input or a target is NaN or infinite",
        test="`assert torch.isfinite(batch).all()` for inputs and targets over one epoch",
        fix="drop or fill such samples, and assert finite batches in the loader",
        signs="not-finite=at-start,early,scattered++ before-not-finite=calm++ before-not-finite=rising,exploding-- condition:nan=found++ gradient-size=huge- rate-height=usual+ not-finite=no-- opening=leaps-- "
        "loss-scale=steady+ told-precision=full+ nothing-finite=all++",
        often=1.2,
    ),
    CauseKind(
        name="overfitting",
        meaning="the model learns the training samples by heart",
        test="compare training and validation loss in evaluation mode at several checkpoints: the gap must grow with time",
        fix="keep the best checkpoint; use more data or augmentation, weight decay, dropout, a smaller model",
        signs="validation-way=falls-then-rises++ who-fell=training-only+ validation-skill=some,much+ gap=far-above,worlds-above++ gap=alike,below,far-below-- condition:overfit=found++ who-learnt=both+ level=nearly-zero+ validation-late=rises,rises-fast++ "
        "validation-best-at=first,middle++ training-accuracy=all++ skill=all,much+ skill=none,worse-- validation-accuracy=some,much+ "
        "who-fell=both+ validation-drop=part,most+ gap-at-start=far-above,worlds-above-",
        often=3.0,
    ),
    CauseKind(
        name="duplicates-in-batch",
        meaning="a batch holds the same item several times, each counted as a wrong answer for the other",
        test="`len(set(ids)) == len(ids)` within every batch",
        fix="draw without repeats inside a batch, or count equal items as positives",
        signs="late=flat++ skill=some,much+ gap=alike,far-below+ training-accuracy=some+ noise=quiet+ kept=kept+ condition:plateau=found+ rate-height=usual+ skill=all-- "
        "skill=none--- condition:at_chance=found--- kept=nothing-gained--",
        only=("contrastive", "retrieval"),
        often=0.7,
    ),
)
