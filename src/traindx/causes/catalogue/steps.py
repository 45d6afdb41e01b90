"""Causes that lie in the optimiser: the size of its steps, their schedule, which way they go."""

from __future__ import annotations

from traindx.causes.kind import CauseKind

CAUSES: tuple[CauseKind, ...] = (
    CauseKind(
        name="learning-rate-too-high",
        meaning="the steps are too large for this model and loss",
        test="train 200 steps at a tenth of the learning rate from the same start: the loss must fall where it now leaps or rises",
        fix="divide the learning rate by ten, then by three at a time, until the loss falls smoothly",
        signs="rate-height=high++ rate-height=far-high+++ rate-height=far-low,low-- opening=leaps,rises+ "
        "drop=explodes,grows++ skill=far-worse,worse+ before-not-finite=rising,exploding++ leaps=some,many+ "
        "gradient-size=large,huge+ gradient-way=grows,grows-far+ kept=mostly-lost,all-lost+ "
        "condition:diverged=found++ condition:nan=found+ noise=wild,loud+ late=falls,falls-fast- motion=freezes+ "
        "gradient-size=zero- weights=grow-far+ not-finite=at-start,early,late+ best-skill=worse,far-worse+ "
        "explained=worse+ validation-drop=explodes,grows+ condition:at_chance=found+ kept=all-lost+ before-not-finite=calm--",
        often=4.0,
    ),
    CauseKind(
        name="learning-rate-too-low",
        meaning="the steps are too small to get anywhere in this many of them",
        test="train 200 steps at thirty times the learning rate: the loss must fall much faster, without leaping",
        fix="raise the learning rate threefold at a time until the loss leaps, then go back by half a decade",
        signs="rate-height=low++ rate-height=far-low+++ rate-height=high,far-high-- half-way=evenly,slowly++ "
        "late=falls,falls-fast++ drop=slight,none,part+ skill=little,none+ opening=creeps,still+ "
        "gradient-size=usual+ gradient-size=zero-- condition:undertrained=found++ condition:diverged=found-- "
        "condition:nan=found-- gradient-way=steady+ leaps=some,many- motion=moving+ weights=steady+ updates=tiny+ "
        "kept=kept+ first-loss-exact=exact- validation-way=frozen-- noise=quiet+ rate-reached=never-- rate-reached=reached+ rate-as-told=still--",
        often=2.0,
    ),
    CauseKind(
        name="learning-rate-zero",
        meaning="the learning rate is zero, so nothing moves",
        test="print `optimizer.param_groups[0]['lr']` at every step: it must be above zero",
        fix="build the optimiser with a learning rate above zero, and check that warm-up or schedule does not multiply it by zero",
        signs="rate-zero=always+++ rate-height=zero+++ motion=frozen+ opening=still+ drop=none++ "
        "updates=zero++ weights=constant++ gradient-size=usual+ gradient-size=zero- "
        "rate-height=usual,high,far-high-- rate-zero=no--- validation-way=frozen++ metric-way=frozen+ "
        "validation-drop=none++ who-fell=neither+ who-fell=both--- drop=part,most,nearly-all---",
        often=0.8,
    ),
    CauseKind(
        name="missing-warm-up",
        meaning="the full learning rate from the first step throws the model away from its start",
        test="raise the learning rate from zero over the first 2 % of the steps: the loss must no longer leap at the start",
        fix="add a linear warm-up of a few hundred steps (1 to 5 % of the run)",
        signs="rate-begins=at-full++ rate-begins=warm-up-- told-warm-up=none++ opening=leaps,rises++ drop=most,part+ gradient-bursts=some,large+ "
        "rate-height=usual+ rate-height=far-high- half-way=late+ kept=kept+ leaps=few+ kept=nothing-gained-- drop=explodes,grows--",
        only=("classes", "language_model", "contrastive", "transcription", "preference", "diffusion", "detection"),
    ),
    CauseKind(
        name="schedule-not-stepped",
        meaning="a learning-rate schedule was made but never advances",
        test="plot the logged learning rate: it must change; look for `scheduler.step()` in the loop",
        fix="call `scheduler.step()` once per step (or per epoch, as the schedule counts)",
        signs="rate-as-told=still+++ rate-reached=never+++ rate-reached=partly+ rate-height=far-low+ rate-as-told=as-told-- rate-course=constant++ rate-ends=full++ rate-course=decays-- "
        "drop=most,part+ rate-height=usual+ noise=loud+ rate-begins=at-full+ condition:lr_schedule=found++",
    ),
    CauseKind(
        name="schedule-ends-early",
        meaning="the schedule reaches zero long before the run is over",
        test="compare the schedule's number of steps with that of the loop: `len(loader) * epochs`, accumulation counted",
        fix="give the schedule the true number of optimiser steps",
        signs="rate-done=by-half+++ rate-done=early+ rate-zero=long+++ late=flat+ rate-course=decays+ "
        "condition:lr_schedule=found++ rate-done=no--- rate-zero=no-- rate-zero=always--",
    ),
    CauseKind(
        name="missing-zero-grad",
        meaning="gradients are never reset, so every step goes in the sum of all gradients so far",
        test="print the gradient norm for ten steps on one repeated batch: it must not grow in proportion to the step",
        fix="call `optimizer.zero_grad()` before every backward pass",
        signs="gradient-way=grows,grows-far++ gradient-scatter=narrow,constant+ kept=part-lost,mostly-lost,all-lost+ "
        "noise=quiet+ neighbours=smooth++ repeats=other-strong,other-weak+ gradient-size=large,huge+ "
        "drop=grows,explodes+ gradient-way=falls,falls-far-- rate-height=usual+ condition:diverged=found+ "
        "gradient-bursts=large+ shift=lasts+ gradient-way=steady- best-skill=all-",
        often=0.5,
        evidence=(
            "gradient-way=grows",
            "gradient-way=grows-far",
            "gradient-scatter=narrow",
            "OPT010=found",
            "OPT010=remark",
            "DIV006=found",
        ),
    ),
    CauseKind(
        name="gradient-sign-flipped",
        meaning="the loss is maximised: every step goes uphill",
        test="take one step on one batch and evaluate the same batch again: its loss must be lower",
        fix="minimise: look for a minus sign before the loss, `maximize=True`, or a reward used as a loss",
        signs="opening=leaps,rises++ drop=explodes++ level=below-zero++ training-accuracy=below-chance++ "
        "validation-accuracy=below-chance++ skill=far-worse++ kept=nothing-gained++ condition:diverged=found+ "
        "rate-height=usual+ validation-way=rises++ before-not-finite=exploding+ opening=falls,plunges-- "
        "metric-way=worsens+ neighbours=smooth,dependent+ leaps=no+ best-skill=none,worse+ gradient-size=zero- "
        "validation-way=falls-- "
        "validation-drop=explodes++ explained=worse+ "
        "late=falls-fast--- late=falls-- opening=still- kept=all-lost,mostly-lost,part-lost-- best-skill=much,all-- metric-way=gains-and-loses,improves-- validation-way=falls-then-rises- reward=falls++ reward=rises---",
        often=0.15,
        evidence=(
            "rate-height=usual",
            "rate-height=low",
            "rate-height=far-low",
            "level=below-zero",
            "training-accuracy=below-chance",
            "validation-accuracy=below-chance",
            "reward=falls",
            "PRF006=found",
        ),
    ),
    CauseKind(
        name="gradient-clipping-too-strong",
        meaning="clipping shortens every gradient so much that hardly any step is left",
        test="train 200 steps with the clip limit a hundred times higher: the loss must fall faster",
        fix="set the limit near the typical gradient norm (or 1.0), and log the norm before clipping",
        signs="clipped=all++ clipped=most+ clip-limit=tiny+++ condition:clipped=found++ "
        "half-way=evenly,slowly+ drop=none,slight+ gradient-scatter=constant+ gradient-size=vanishing+ "
        "rate-height=usual+ late=falls,falls-fast+ clipped=no--- opening=still,creeps+ clip-limit=usual,off-",
        often=0.5,
        evidence=(
            "clip-limit=tiny",
            "clip-limit=small",
            "clipped=all",
            "clipped=most",
            "OPT003=found",
            "OPT003=remark",
        ),
    ),
    CauseKind(
        name="weight-decay-too-strong",
        meaning="weight decay pulls the weights to zero faster than the loss can hold them",
        test="train 200 steps with weight decay 0: the loss must fall further; the weight norm must not shrink",
        fix="use a weight decay of 0.01 to 0.1, and none on biases and normalisation layers",
        signs="told-weight-decay=strong++ told-weight-decay=extreme+++ weights=shrink,shrink-far++ "
        "weights=grow,grow-far- told-weight-decay=none,usual-- skill=none,little+ drop=none,slight+ "
        "gradient-way=falls+ condition:at_chance=found+ condition:collapsed=found+ gap=alike+ rate-height=usual+ "
        "motion=moving+ kept=all-lost,mostly-lost+ chance-exact=exact++ noise=silent+ "
        "noise=faint+ explained=none,little+ validation-drop=none,slight+ who-learnt=neither+ validation-skill=none+ validation-way=flat+",
        often=0.3,
        evidence=(
            "told-weight-decay=strong",
            "told-weight-decay=extreme",
            "weights=shrink",
            "weights=shrink-far",
            "OPT014=found",
            "OPT014=remark",
        ),
    ),
    CauseKind(
        name="momentum-too-high",
        meaning="the optimiser remembers so many steps that it overshoots and swings",
        test="train 500 steps with momentum 0.9: slow swings of the loss must vanish",
        fix="use momentum 0.9 (beta1 of Adam 0.9)",
        signs="told-momentum=extreme+++ neighbours=smooth++ kept=part-lost,mostly-lost+ repeats=other-weak,other-strong+ "
        "shift=recovers,lasts+ noise=quiet+ condition:oscillating=found++ condition:diverged=found+ "
        "half-way=slowly,late+ rate-height=usual+ told-momentum=usual,little-- gradient-way=grows+ "
        "skill=far-worse,worse+ best-skill=much,some+ "
        "opening=still,creeps+ late=falls-fast+ drop=explodes+ gradient-way=grows-far+",
        often=0.3,
        evidence=("told-momentum=extreme", "condition:oscillating=found", "DIV004=found"),
    ),
    CauseKind(
        name="resume-without-optimizer-state",
        meaning="the run was resumed from weights alone; the optimiser's moments and the schedule began anew",
        test="look at what is loaded at the resume: optimiser, schedule, scaler and step must come from the checkpoint",
        fix="save and load the optimiser's, the schedule's and the scaler's state with the weights",
        signs="shift=recovers++ shift=lasts+ places=back,repeat++ "
        "condition:restarted=found+ rate-course=restarts++ gradient-bursts=some+ kept=kept+ drop=most,part+",
        evidence=("LOG006=found", "LOG006=remark", "OPT016=found", "OPT016=remark", "shift=recovers", "shift=lasts"),
    ),
    CauseKind(
        name="stopped-too-early",
        meaning="the run was ended while the loss was still falling fast",
        test="train as many steps again: the loss must go on falling at the pace of the last third",
        fix="train longer, with a schedule that is as long as the run",
        signs="late=falls-fast++ late=falls+ condition:undertrained=found++ gap=alike+ half-way=slowly,evenly+ rate-height=usual+ drop=part,most+ kept=kept++ skill=none- late=flat-- "
        "rate-ends=full,part+ rate-height=far-low-- validation-best-at=end+ validation-way=falls+ "
        "share-of-plan=cut-short++ share-of-plan=whole- kept=nothing-gained-- drop=none,grows,explodes--",
        often=0.7,
    ),
)
