"""Losses over tokens and sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from traindx.live.objectives.objective import FamilyObjective, Numbers


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel(FamilyObjective):
    """Next-token cross-entropy: guessing costs ln(vocab_size), knowing only how often each token comes ``unigram_entropy`` nats.

    ``num_parameters`` and ``num_tokens`` give what models of that size reach; ``hidden_size`` and ``init_std`` the first loss.
    """

    family: ClassVar = "lm"

    vocab_size: int
    label_smoothing: float | None = None
    unigram_entropy: float | None = None
    hidden_size: int | None = None
    init_std: float | None = None
    num_parameters: float | None = None
    num_tokens: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedLanguageModel(FamilyObjective):
    """Masked-token cross-entropy over ``vocab_size``, with the next-sentence task added where ``next_sentence``."""

    family: ClassVar = "mlm"

    vocab_size: int
    next_sentence: bool | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMixture(FamilyObjective):
    """Cross-entropy over tokens of several kinds: ``sizes`` are the choices of each kind, ``shares`` its share of the tokens."""

    family: ClassVar = "multitoken"

    sizes: Numbers
    shares: Numbers | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ZLoss(FamilyObjective):
    """Squared log normaliser of the logits over ``vocab_size``, times ``coefficient``."""

    family: ClassVar = "z_loss"

    vocab_size: int
    coefficient: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CTC(FamilyObjective):
    """Connectionist temporal classification, summed over one sequence of ``frames`` with ``labels`` targets out of ``vocab_size``.

    ``vocab_size`` counts the blank; ``repeats`` are equal neighbours in the target.
    """

    family: ClassVar = "ctc"

    frames: int
    labels: int
    vocab_size: int
    repeats: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Transducer(FamilyObjective):
    """Transducer loss, summed over one sequence of ``frames`` with ``labels`` targets out of ``vocab_size``, blank included."""

    family: ClassVar = "rnnt"

    frames: int
    labels: int
    vocab_size: int
