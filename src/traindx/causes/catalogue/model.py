"""Causes that lie in the model: what is trained at all, how it begins, how much it can hold."""

from __future__ import annotations

from traindx.causes.kind import CauseKind

CAUSES: tuple[CauseKind, ...] = (
    CauseKind(
        name="frozen-parameters",
        meaning="parameters that should learn are not in the optimiser, or need no gradient",
        test="compare weights before and after ten steps: `[n for n, p in model.named_parameters() if torch.equal(p, before[n])]` must be empty",
        fix="give the optimiser the parameters of the model that is trained, and set `requires_grad` on them",
        signs="drop=none,slight++ motion=frozen+ opening=still+ weights=constant++ updates=zero++ gradient-size=zero,vanishing- "
        "rate-height=usual+ rate-height=zero-- rate-zero=always-- skill=none,little+ late=flat+ gap=alike+ "
        "condition:plateau=found+ condition:at_chance=found+ kept=nothing-gained,kept+ gradient-way=steady+ "
        "validation-way=frozen+++ metric-way=frozen++ drop=explodes-- first-loss-exact=exact-- "
        "validation-drop=none++ "
        "level=zero--- level=nearly-zero-- metric-level=zero- not-finite=at-start,early,late,scattered---",
        often=2.0,
    ),
    CauseKind(
        name="detached-tower",
        meaning="one part of the model is cut off from the gradient (a `detach`, `no_grad` or a conversion to numpy)",
        test="run one backward pass: every parameter's `.grad` must be non-zero and not None",
        fix="remove the `detach`, `.data`, `no_grad` or `argmax` that lies between that part and the loss",
        signs="skill=little,some+ drop=slight,part+ late=flat+ gap=alike+ rate-height=usual+ gradient-size=zero- motion=frozen- condition:plateau=found+ drop=explodes--",
        only=("contrastive", "retrieval", "language_model", "preference", "gan", "variational", "classes"),
        often=0.6,
    ),
    CauseKind(
        name="bad-initialisation",
        meaning="the initial weights are far too large (or too small), so that the first outputs are extreme",
        test="print the standard deviation of every layer's output on one batch: each must lie near 1",
        fix="use the layer's default initialisation, scale residual branches by 1/sqrt(depth), make the last layer small",
        signs="first-loss=above,far-above,absurd++ first-size=large,huge+ opening=plunges++ gradient-size=large,huge+ drop=most,nearly-all+ first-loss=at-chance-- rate-height=usual+ "
        "gradient-way=falls,falls-far+ half-way=at-once++ first-loss-times-batch=times-batch-",
        often=0.7,
    ),
    CauseKind(
        name="zero-initialisation",
        meaning="all weights start at zero: hidden units stay equal, or no gradient passes",
        test="print `[n for n, p in model.named_parameters() if p.abs().max() == 0]` before training: only biases may be in it",
        fix="initialise the weights at random; zero only biases and the last layer of residual branches",
        signs="drop=none,slight++ skill=none++ first-loss=at-chance+ gradient-size=zero,vanishing++ gradient-size=small+ "
        "condition:at_chance=found++ opening=still++ rate-height=usual+ gap=alike++ "
        "noise=silent,faint++ validation-accuracy=chance+ training-accuracy=chance+ weights=constant+ "
        "first-loss=above,far-above-- first-loss-exact=exact+ first-loss-exact=off-- chance-exact=exact++ "
        "validation-way=frozen--- "
        "who-fell=neither+ explained=none++ validation-drop=none+ noise=faint++ who-learnt=neither++ validation-skill=none++ metric-way=flat,frozen+ validation-way=flat+ validation-noise=still+",
        often=0.4,
        evidence=(
            "first-loss-exact=exact",
            "gradient-size=zero",
            "gradient-size=vanishing",
            "gradient-size=small",
            "OPT009=found",
            "OPT009=remark",
            "weights=constant",
            "updates=zero",
        ),
    ),
    CauseKind(
        name="dead-units",
        meaning="the hidden units are never active, so they pass nothing on and get no gradient",
        test="count on one batch the units of each layer that are zero for every sample: under a tenth is usual",
        fix="lower the learning rate, take biases back to zero, use LeakyReLU or GELU, add normalisation",
        signs="dead-units=many++ dead-units=all+++ gradient-size=vanishing,zero,small++ skill=none++ drop=none,slight+ "
        "validation-accuracy=chance+ condition:at_chance=found++ gap=alike+ rate-height=usual+ "
        "condition:collapsed=found+ motion=frozen,freezes+ opening=still,creeps+ noise=quiet+ kept=all-lost+ "
        "chance-exact=exact+ first-loss-exact=near+ "
        "who-fell=neither+ explained=none++ noise=faint++ gradient-size=modest+ who-learnt=neither++ validation-skill=none++ metric-way=flat,frozen+ validation-way=flat+ validation-noise=still+ "
        "validation-way=frozen--",
        often=0.5,
        evidence=(
            "dead-units=many",
            "dead-units=all",
            "gradient-size=zero",
            "gradient-size=vanishing",
            "gradient-size=small",
            "OPT009=found",
            "OPT009=remark",
        ),
    ),
    CauseKind(
        name="model-too-small",
        meaning="the model cannot represent the answer, however long it trains",
        test="train a model of four times the width on one batch: if it reaches a loss near zero where this one does not, this is it",
        fix="widen or deepen the model, or give it the features that the answer needs",
        signs="late=flat++ gap=alike++ skill=little,some++ drop=slight,part+ condition:plateau=found++ half-way=at-once,usual+ rate-height=usual+ kept=kept++ gradient-size=usual,small+ "
        "condition:overfit=found-- drop=explodes-- not-finite=early,late,at-start-- training-accuracy=little,some+",
        often=0.7,
    ),
    CauseKind(
        name="precision-overflow",
        meaning="numbers leave the range of half precision",
        test="train 200 steps in float32 or bfloat16: NaN and skipped steps must vanish",
        fix="use bfloat16, or a dynamic loss scale with losses and norms in float32; clip after unscaling",
        signs="loss-scale=falls+++ loss-scale=runaway+++ told-precision=half++ not-finite=early,late,scattered++ before-not-finite=calm+ "
        "condition:nan=found++ told-precision=full,wide-half-- not-finite=no- "
        "gradient-bursts=some,large+ before-not-finite=exploding- not-finite=at-start-",
        often=1.2,
    ),
)
