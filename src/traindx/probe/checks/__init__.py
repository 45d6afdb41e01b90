"""What is asked of what the experiments found, in the order of the codes."""

from __future__ import annotations

from typing import Final

from traindx.probe.checks.answer_leaks import AnswerLeaks
from traindx.probe.checks.batch_not_finite import BatchNotFinite
from traindx.probe.checks.batch_not_learnt import BatchNotLearnt
from traindx.probe.checks.batch_seen_at_evaluation import BatchSeenAtEvaluation
from traindx.probe.checks.boxes_or_masks_broken import BoxesOrMasksBroken
from traindx.probe.checks.evaluation_random import EvaluationRandom
from traindx.probe.checks.gradients_vanish import GradientsVanish
from traindx.probe.checks.half_precision_breaks import HalfPrecisionBreaks
from traindx.probe.checks.input_not_used import InputNotUsed
from traindx.probe.checks.inputs_not_scaled import InputsNotScaled
from traindx.probe.checks.labels_out_of_range import LabelsOutOfRange
from traindx.probe.checks.learning_rate_out_of_range import LearningRateOutOfRange
from traindx.probe.checks.loss_fails import LossFails
from traindx.probe.checks.loss_follows_batch_size import LossFollowsBatchSize
from traindx.probe.checks.loss_negated import LossNegated
from traindx.probe.checks.loss_not_finite import LossNotFinite
from traindx.probe.checks.no_gradient_reaches import NoGradientReaches
from traindx.probe.checks.optimizer_elsewhere import OptimizerElsewhere
from traindx.probe.checks.padding_counted import PaddingCounted
from traindx.probe.checks.parameters_frozen import ParametersFrozen
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.samples_repeat import SamplesRepeat
from traindx.probe.checks.shapes_broadcast import ShapesBroadcast
from traindx.probe.checks.softmax_over_the_batch import SoftmaxOverTheBatch
from traindx.probe.checks.softmax_twice import SoftmaxTwice
from traindx.probe.checks.starts_above_theory import StartsAboveTheory
from traindx.probe.checks.targets_not_scaled import TargetsNotScaled
from traindx.probe.checks.terms_out_of_balance import TermsOutOfBalance
from traindx.probe.checks.tokens_misaligned import TokensMisaligned
from traindx.probe.checks.units_alike import UnitsAlike
from traindx.probe.checks.units_dead import UnitsDead
from traindx.probe.checks.weights_do_not_move import WeightsDoNotMove

PROBE_CHECKS: Final[tuple[type[ProbeCheck], ...]] = (
    LossFails,
    BatchNotFinite,
    InputsNotScaled,
    TargetsNotScaled,
    LabelsOutOfRange,
    SamplesRepeat,
    BoxesOrMasksBroken,
    LossNotFinite,
    StartsAboveTheory,
    LossNegated,
    SoftmaxTwice,
    SoftmaxOverTheBatch,
    LossFollowsBatchSize,
    ShapesBroadcast,
    PaddingCounted,
    TermsOutOfBalance,
    NoGradientReaches,
    ParametersFrozen,
    GradientsVanish,
    UnitsDead,
    UnitsAlike,
    OptimizerElsewhere,
    WeightsDoNotMove,
    LearningRateOutOfRange,
    HalfPrecisionBreaks,
    BatchSeenAtEvaluation,
    EvaluationRandom,
    BatchNotLearnt,
    InputNotUsed,
    AnswerLeaks,
    TokensMisaligned,
)

__all__ = ["PROBE_CHECKS", "ProbeCheck"]
