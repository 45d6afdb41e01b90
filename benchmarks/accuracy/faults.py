"""Every fault that a program can be given: its cause, what it counts as when it bites, and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    ``cause`` is the name that a diagnosis should rank first. ``conditions`` are those that the fault itself makes true when it
    bites; conditions that show in the numbers (nan, diverged, collapsed, at_chance, overfit) are measured on the run besides.
    ``in_log`` marks faults that can be seen in the log although the model may be as good as its healthy twin; ``other_loss`` those
    whose logged loss is another quantity than the twin's, so that their levels cannot be compared.
    """

    cause: str
    conditions: tuple[str, ...]
    told: str
    in_log: bool = False
    other_loss: bool = False


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "rate-x30": Fault("learning-rate-too-high", (), "the learning rate is 30 times the good one"),
        "rate-x100": Fault("learning-rate-too-high", (), "the learning rate is 100 times the good one"),
        "rate-x1000": Fault("learning-rate-too-high", (), "the learning rate is 1000 times the good one"),
        "rate-over-300": Fault(
            "learning-rate-too-low", ("undertrained",), "the learning rate is a 300th of the good one"
        ),
        "rate-zero": Fault("learning-rate-zero", ("lr_schedule",), "the learning rate is 0 from the start"),
        "no-warm-up": Fault("missing-warm-up", (), "a rate that needs a warm-up is used from the first step"),
        "schedule-not-stepped": Fault(
            "schedule-not-stepped", ("lr_schedule",), "the schedule is made and never stepped"
        ),
        "schedule-ends-early": Fault(
            "schedule-ends-early", ("lr_schedule",), "the schedule reaches 0 after a seventh of the run", in_log=True
        ),
        "frozen-parameters": Fault("frozen-parameters", (), "the body's parameters are not in the optimiser"),
        "all-frozen": Fault("frozen-parameters", (), "the optimiser holds the parameters of another copy of the model"),
        "detached-tower": Fault("detached-tower", (), "one tower's output is detached from the graph"),
        "missing-zero-grad": Fault("missing-zero-grad", (), "gradients are never set to zero"),
        "sign-flipped": Fault("gradient-sign-flipped", (), "the loss is maximised"),
        "clip-1e-4": Fault("gradient-clipping-too-strong", ("clipped",), "the gradient norm is clipped to 1e-4"),
        "weight-decay-10": Fault("weight-decay-too-strong", (), "weight decay is 10"),
        "momentum-999": Fault("momentum-too-high", (), "momentum is 0.999"),
        "init-x10": Fault("bad-initialisation", (), "all initial weights are ten times too large"),
        "init-zero": Fault("zero-initialisation", (), "all weights start at zero"),
        "dead-units": Fault("dead-units", (), "biases of -10 before the ReLUs: no unit is ever active"),
        "labels-shuffled": Fault("labels-shuffled", (), "labels are permuted against their inputs"),
        "labels-shifted": Fault("labels-shifted", (), "targets are shifted by one sample or token"),
        "label-noise-40": Fault("label-noise", (), "40 % of the training labels are random"),
        "imbalance-99": Fault("class-imbalance", (), "one class has 99 % of the training samples"),
        "softmax-twice": Fault(
            "wrong-loss-for-head", (), "softmax is applied before a loss that applies it again", other_loss=True
        ),
        "inputs-x255": Fault("unnormalised-inputs", (), "inputs are 255 times too large"),
        "targets-raw": Fault("unnormalised-targets", ("scale",), "targets are not normalised", other_loss=True),
        "sum-reduction": Fault(
            "sum-reduction", ("scale",), "the loss is summed over the batch instead of averaged", other_loss=True
        ),
        "padding-counted": Fault("padding-counted", (), "padding counts in the loss", other_loss=True),
        "target-leak": Fault("target-leak", (), "the answer is visible in the input", in_log=True),
        "no-shuffling": Fault("no-shuffling", (), "samples come sorted by label, the same way in every epoch"),
        "bad-shard": Fault("bad-shard", (), "a part of every epoch is garbage"),
        "train-as-validation": Fault("train-validation-overlap", (), "training data is used for validation"),
        "validation-mismatch": Fault(
            "validation-mismatch", (), "validation data is preprocessed differently", in_log=True
        ),
        "train-mode-at-evaluation": Fault(
            "train-mode-at-evaluation", (), "dropout or batch statistics stay active at evaluation", in_log=True
        ),
        "overfitting": Fault("overfitting", ("overfit",), "60 samples and many passes"),
        "resume-without-optimiser": Fault(
            "resume-without-optimizer-state", ("restarted",), "resumed without the optimiser's state", in_log=True
        ),
        "precision-overflow": Fault(
            "precision-overflow", (), "half precision overflows: the loss scale halves, then NaN", in_log=True
        ),
        "nan-in-data": Fault("nan-in-data", (), "one input is NaN"),
        "log-of-zero": Fault("unstable-loss-arithmetic", (), "the loss takes the logarithm of a rounded softmax"),
        "metric-bug": Fault(
            "metric-reduction-bug", ("metric_arithmetic",), "the logged metric is reduced wrongly", in_log=True
        ),
        "mixed-streams": Fault(
            "mixed-streams-in-log",
            ("mixed_streams",),
            "two runs or two losses write under one name",
            in_log=True,
            other_loss=True,
        ),
        "duplicates-in-batch": Fault("duplicates-in-batch", (), "a batch holds each sample several times"),
        "temperature-wrong": Fault("temperature-wrong", (), "the temperature is far from a good one", other_loss=True),
        "collapse": Fault("representation-collapse", (), "all embeddings become one point"),
        "one-candidate": Fault(
            "one-candidate-contrastive",
            (),
            "a batch of one: the softmax has a single candidate",
            in_log=True,
            other_loss=True,
        ),
        "model-too-small": Fault("model-too-small", (), "the model cannot represent the answer"),
        "stopped-early": Fault("stopped-too-early", ("undertrained",), "the run was ended in full descent"),
        "validation-tiny": Fault("validation-set-too-small", (), "8 validation samples", in_log=True),
        "posterior-collapse": Fault("posterior-collapse", (), "the KL term wins: the latent code says nothing"),
        "discriminator-too-strong": Fault("discriminator-too-strong", (), "the discriminator wins at once"),
        "codebook-collapse": Fault("codebook-collapse", (), "one code is used for everything"),
        "empty-ground-truth": Fault("empty-ground-truth", ("at_chance",), "no image has an object", other_loss=True),
        "boxes-in-pixels": Fault(
            "boxes-in-pixels", ("scale",), "boxes are in pixels instead of shares", other_loss=True
        ),
        "no-reward-signal": Fault("no-reward-signal", ("at_chance",), "the reward is the same whatever is done"),
        "policy-collapse": Fault("policy-collapse", (), "the policy loses its entropy on a bad action"),
        "reference-mismatch": Fault(
            "reference-mismatch", (), "the reference model is not the one that training started from", in_log=True
        ),
        "labels-masked-out": Fault("labels-masked-out", (), "the mask hides every label that matters", other_loss=True),
        "boxes-as-corners": Fault(
            "boxes-in-pixels", (), "boxes are given as corners where centres and sizes are meant"
        ),
        "labels-inverted": Fault("labels-shifted", (), "foreground and background are exchanged in the masks"),
        "beta-x40": Fault("posterior-collapse", (), "the KL term has 40 times its weight"),
        "pixels-averaged": Fault(
            "posterior-collapse", (), "the reconstruction is averaged over pixels, the KL term is summed"
        ),
        "pairs-swapped": Fault("labels-shuffled", (), "chosen and rejected are exchanged in the training pairs"),
        "reward-negated": Fault(
            "gradient-sign-flipped", (), "advantages have the wrong sign: the policy unlearns what pays"
        ),
        "entropy-penalised": Fault("policy-collapse", (), "the entropy bonus has the wrong sign and is large"),
        "generator-detached": Fault("detached-tower", (), "the fake samples are detached in the generator's loss too"),
        "experts-collapse": Fault(
            "representation-collapse",
            (),
            "the router sends everything to one expert, with nothing to balance it",
            in_log=True,
        ),
        "loader-starved": Fault("data-loader-starved", (), "each step waits for its data", in_log=True),
        "memory-leak": Fault("memory-leak", (), "memory grows with every step", in_log=True),
    }
)


def causes_of(*names: str) -> dict[str, str]:
    """Return the causes of some faults, for a program's table."""
    return {name: FAULTS[name].cause for name in names}
