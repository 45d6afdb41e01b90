"""Causes that only one kind of training can have."""

from __future__ import annotations

from traindx.causes.kind import CauseKind

CAUSES: tuple[CauseKind, ...] = (
    CauseKind(
        name="posterior-collapse",
        meaning="the decoder ignores the latent code, which has become the prior",
        test="decode codes drawn from the prior and codes of data: if both give the same outputs, this is it",
        fix="raise the weight of the divergence slowly from zero, allow a few free nats, weaken the decoder",
        signs="latent=nothing+++ latent=little+ latent=much-- late=flat++ kept=kept+ gap=alike+ condition:plateau=found+",
        only=("variational",),
        often=1.5,
    ),
    CauseKind(
        name="discriminator-too-strong",
        meaning="the discriminator is always right, and the generator gets no usable gradient",
        test="train the discriminator at a quarter of its learning rate: its loss must rise above 0.3",
        fix="lower the discriminator's learning rate, add a gradient penalty or noise to its inputs",
        signs="adversary=wins++ adversary=leads+ adversary=even--",
        only=("gan",),
        often=1.5,
    ),
    CauseKind(
        name="codebook-collapse",
        meaning="hardly any code of the codebook is used",
        test="count the different codes in a thousand samples",
        fix="reset unused codes to encoder outputs, update the codebook by moving averages, lower its size",
        signs="codes=few+++ codes=some+ codes=many-- late=flat+",
        only=("variational", "quantised"),
        often=1.5,
    ),
    CauseKind(
        name="empty-ground-truth",
        meaning="no sample has an object, so that answering nothing is right",
        test="count the objects per sample in the loader: it must be above zero",
        fix="check the paths and the format of the annotations, and the class filter",
        signs="level=zero,nearly-zero++ metric-level=zero++ metric-way=frozen++ loss-and-metric=loss-only++ half-way=at-once+ opening=plunges+ drop=nearly-all++ metric-level=between-- "
        "validation-way=frozen++ noise=silent++ gradient-size=zero+ condition:at_chance=found+",
        only=("detection", "segmentation"),
    ),
    CauseKind(
        name="boxes-in-pixels",
        meaning="boxes are given in pixels where shares of the picture are expected",
        test="print the largest coordinate of one batch of targets: it must not exceed 1",
        fix="divide boxes by the width and height of the picture, in the format (corners or centre) that the loss takes",
        signs="first-size=huge,large,absurd++ condition:scale=found++ metric-level=zero++ metric-way=frozen,flat+ gradient-size=large,huge++ first-loss=absurd,far-above+ first-size=usual,tiny-- "
        "loss-and-metric=loss-only++ box-term=in-pixels+++ box-term=in-shares-- condition:at_chance=found+",
        only=("detection",),
        often=1.2,
    ),
    CauseKind(
        name="no-reward-signal",
        meaning="every action earns the same, so that nothing can be learnt",
        test="print the rewards of one batch: they must differ",
        fix="check the reward function; begin with an easier task or a denser reward",
        signs="reward=constant+++ reward=flat+ reward-spread=none++ reward-spread=dies-- reward=rises,falls-- entropy=collapses- gradient-size=zero,vanishing+ "
        "critic=nothing+ entropy=holds+ metric-way=frozen,flat+",
        only=("reinforcement", "preference"),
        often=1.5,
    ),
    CauseKind(
        name="policy-collapse",
        meaning="the policy has become certain of a bad action and no longer tries others",
        test="count the actions of one episode: if one is nearly always taken while the reward is low, this is it",
        fix="raise the entropy bonus, lower the learning rate, limit the divergence of each update",
        signs="entropy=collapses+++ entropy=falls+ entropy=holds,rises-- reward=falls,flat+ reward=rises-- "
        "divergence=large,huge+ condition:collapsed=found+ reward-spread=dies++",
        only=("reinforcement",),
        often=1.2,
    ),
    CauseKind(
        name="reference-mismatch",
        meaning="the reference model is not the one that training started from",
        test="compute the loss before the first step: a preference loss must be ln 2 = 0.6931, a divergence 0",
        fix="load both models from the same checkpoint, in evaluation mode and in the same precision",
        signs="first-loss=above,below,far-above,far-below++ first-loss=at-chance-- divergence=large,huge++ preferences=inverted+",
        only=("preference", "reinforcement"),
    ),
)
