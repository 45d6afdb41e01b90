"""Causes that lie in the loss: which one, over what, and with which numbers."""

from __future__ import annotations

from traindx.causes.kind import CauseKind

CAUSES: tuple[CauseKind, ...] = (
    CauseKind(
        name="wrong-loss-for-head",
        meaning="the loss expects another output than the model's last layer gives (a softmax before a loss that takes logits)",
        test="`print(model(x)[0].sum())`: rows that sum to 1 are probabilities, and cross-entropy wants logits",
        fix="give logits to cross-entropy and binary cross-entropy with logits; remove the last softmax or sigmoid",
        signs="softmax-twice=at+++ softmax-twice=near+ accuracy-beside-loss=higher++ late=flat+ gap=alike++ "
        "validation-accuracy=much,some,all+ skill=little,some+ first-loss=at-chance+ "
        "gradient-size=small,vanishing+ softmax-twice=below-- level=below-zero+ drop=slight,part+ skill=all,much-- "
        "rate-height=usual+ noise=quiet,faint+",
        only=("classes", "language_model", "segmentation", "detection"),
    ),
    CauseKind(
        name="sum-reduction",
        meaning="the loss is summed over a batch (or pixels, or tokens) where its mean was meant",
        test="double the batch size: a mean loss stays, a sum doubles",
        fix="use `reduction='mean'`, or divide the loss by the number of items",
        signs="first-loss-times-batch=times-batch+++ first-loss-times-batch=other-- first-loss=absurd++ "
        "first-loss=far-above+ first-size=large,huge++ condition:scale=found++ "
        "told-reduction=sum+++ told-reduction=mean-- gradient-size=large,huge++ clipped=all,most+ "
        "first-loss=at-chance-- gap=worlds-above- "
        "skill=all--- skill=much-- best-skill=all--- level=nearly-zero-- accuracy-beside-loss=higher++ variance=of-batch+++ variance=unit-- gap=alike+ gradient-way=falls-far-",
    ),
    CauseKind(
        name="padding-counted",
        meaning="padding counts in the loss, which makes it look better than it is",
        test="compute the loss of one batch with and without its padding: the two must be equal",
        fix="mask padding (`ignore_index`), and divide by the number of real items",
        signs="first-loss=below,far-below+ opening=plunges++ half-way=at-once++ skill=much,all+ drop=nearly-all,most+ accuracy-beside-loss=agree+ gap=alike+ late=flat+ training-accuracy=much,all+ validation-accuracy=some,much+",
        only=("language_model", "transcription", "sequence", "classes", "regression"),
        often=0.7,
    ),
    CauseKind(
        name="labels-masked-out",
        meaning="the mask hides every label that matters, so that nothing is left to learn from",
        test="`(labels != -100).float().mean()` on one batch: a share well above zero",
        fix="build the mask from the positions that must be predicted, and check it after truncation",
        signs="level=zero,nearly-zero++ first-loss=near-nothing,far-below++ not-finite=at-start++ nothing-finite=all++ gradient-size=zero,vanishing++ metric-way=frozen,flat++ motion=frozen,freezes+ loss-and-metric=loss-only,neither++ "
        "validation-accuracy=chance+ accuracy-beside-loss=lower++ half-way=at-once+ who-learnt=training-only++ gap=far-above,worlds-above+ "
        "validation-way=frozen+",
        only=("language_model", "classes", "transcription", "preference", "sequence"),
        often=0.8,
    ),
    CauseKind(
        name="unstable-loss-arithmetic",
        meaning="the loss takes the logarithm, root or quotient of a number that rounds to zero",
        test="`torch.autograd.set_detect_anomaly(True)`: it names the operation that gives the first NaN",
        fix="use the fused form (`log_softmax`, `binary_cross_entropy_with_logits`, `logsumexp`) or a bound under the logarithm",
        signs="not-finite=early,late,scattered++ before-not-finite=calm++ before-not-finite=exploding- condition:nan=found++ gradient-size=usual+ skill=much,all+ rate-height=usual+ told-precision=full+ "
        "not-finite=no-- loss-scale=falls-- not-finite=at-start-",
    ),
    CauseKind(
        name="temperature-wrong",
        meaning="the temperature of the softmax makes the task too soft or too sharp to learn",
        test="train 200 steps each at temperature 0.05, 0.1 and 0.2: one of them must fall further",
        fix="start at 0.07 and let it be learnt, bounded by 1/100",
        signs="temperature=too-sharp,too-soft+++ temperature=usual-- late=flat+ skill=little,none,some,far-worse+ "
        "first-loss=above,far-above+ first-loss=absurd++ first-size=large,huge+ gap=alike+ training-accuracy=much,some+ accuracy-beside-loss=higher++ "
        "noise=silent,faint+",
        only=("contrastive", "retrieval", "preference", "distillation"),
        often=0.7,
    ),
    CauseKind(
        name="representation-collapse",
        meaning="the encoder maps everything to one point",
        test="print the standard deviation of the normalised embeddings over one batch: near 1/sqrt(dimensions), not 0",
        fix="lower the learning rate and warm up; check stop-gradient, predictor, centring or the negatives",
        signs="embeddings=collapse+++ embeddings=shrink+ embeddings=spread-- skill=none++ drop=none,slight+ "
        "motion=frozen,freezes+ noise=silent++ condition:at_chance=found++ condition:collapsed=found++ "
        " kept=all-lost+ metric-way=frozen,flat+ gradient-size=zero,vanishing+ gap=alike+ "
        "chance-exact=exact,near++ "
        "noise=faint++ who-learnt=neither+ condition:plateau=found+ metric-way=flat+ kept=nothing-gained+ gradient-way=falls,falls-far+ shift=lasts+",
        only=("contrastive", "retrieval", "self_supervised", "mixture"),
        often=2.0,
    ),
    CauseKind(
        name="one-candidate-contrastive",
        meaning="the softmax of the contrastive loss has a single candidate: it is always right",
        test="`print(logits.shape)`: the second number must be the batch size, not 1",
        fix="compare with all items of a batch, and use a batch of many items on each device",
        signs="level=zero,nearly-zero++ candidates=one+++ candidates=many-- told-batch=one+++ motion=frozen++ "
        "gradient-size=zero++ metric-way=flat,frozen+ skill=none-- training-accuracy=all+ "
        "first-loss=near-nothing++ level=above-zero--",
        only=("contrastive", "retrieval"),
        often=0.5,
    ),
)
