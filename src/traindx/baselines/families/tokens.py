"""Families of losses over tokens and sequences."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines import language_models, sequence, softmax, softmax_floors
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import SMOOTHING, VOCAB, required
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.errors import UsageError


def _language_model(o: Options) -> Sequence[Baseline]:
    vocab, smoothing = o.whole("vocab_size"), o.maybe_number("label_smoothing")
    floor = softmax_floors.label_smoothing_floor(vocab, smoothing) if smoothing else softmax_floors.zero_cross_entropy()
    levels = [_unigram(o, vocab), softmax.uniform_cross_entropy(vocab)]
    return [floor, *_reference(o), *levels, *_start(o, vocab)]


def _unigram(o: Options, vocab: int) -> Baseline:
    """The entropy of the token frequencies as counted, or that of Zipf's law where nobody counted."""
    counted = o.maybe_number("unigram_entropy")
    return softmax.zipf_cross_entropy(vocab) if counted is None else softmax.unigram_cross_entropy(counted)


def _reference(o: Options) -> list[Baseline]:
    parameters, tokens = o.maybe_number("num_parameters"), o.maybe_number("num_tokens")
    return [language_models.scaling_law_loss(parameters, tokens)] if parameters and tokens else []


def _start(o: Options, vocab: int) -> list[Baseline]:
    dim = o.maybe_whole("dim")
    if dim is None:
        return []
    return [softmax.initial_cross_entropy(vocab, softmax.head_logit_std(dim, o.number("init_std")))]


def _masked(o: Options) -> Sequence[Baseline]:
    vocab = o.whole("vocab_size")
    chance = language_models.masked_language_chance(vocab, next_sentence=o.flag("next_sentence"))
    return [softmax_floors.zero_cross_entropy(), softmax.zipf_cross_entropy(vocab), chance]


def _mixture(o: Options) -> Sequence[Baseline]:
    sizes, shares = o.numbers("sizes"), o.numbers("shares")
    if len(shares) not in (0, len(sizes)) or not sizes:
        raise UsageError("multitoken needs one share per size", hint="for example sizes=8192,256 shares=0.8,0.2")
    mixture: dict[int, float] = {}
    for size, share in zip(sizes, shares or (1.0,) * len(sizes), strict=True):
        mixture[int(size)] = mixture.get(int(size), 0.0) + share
    return [softmax_floors.zero_cross_entropy(), softmax.mixture_cross_entropy(mixture)]


def _z_loss(o: Options) -> Sequence[Baseline]:
    return [softmax_floors.softmax_z_loss(o.whole("vocab_size"), o.number("coefficient"))]


def _ctc(o: Options) -> Sequence[Baseline]:
    sizes = (o.whole("frames"), o.whole("labels"), o.whole("vocab_size"), o.whole("repeats"))
    return [sequence.ctc_blank_plateau(*sizes), sequence.ctc_uniform(*sizes)]


def _transducer(o: Options) -> Sequence[Baseline]:
    sizes = (o.whole("frames"), o.whole("labels"), o.whole("vocab_size"))
    return [sequence.transducer_blank_plateau(*sizes), sequence.transducer_uniform(*sizes)]


FRAMES = Parameter(
    name="frames", type="int", meaning="frames of the input", required=True, aliases=("t",), example="500"
)
LABELS = Parameter(
    name="labels", type="int", meaning="labels of the target", required=True, aliases=("l", "u"), example="60"
)
SYMBOLS = Parameter(
    name="vocab_size",
    type="int",
    meaning="symbols with blank",
    required=True,
    aliases=("symbols", "vocab", "classes", "c"),
    example="29",
)

TOKEN_FAMILIES = (
    Family(
        name="ctc",
        summary="connectionist temporal classification, per sequence",
        parameters=(
            FRAMES,
            LABELS,
            SYMBOLS,
            Parameter(name="repeats", type="int", meaning="equal neighbours in the target", default=0),
        ),
        build=_ctc,
    ),
    Family(
        name="lm",
        aliases=("language_model", "next_token", "causal_lm"),
        summary="next-token cross-entropy of a language model",
        parameters=(
            required(VOCAB),
            SMOOTHING,
            Parameter(name="dim", type="int", meaning="width of the model", aliases=("d", "hidden_size", "n_embd")),
            Parameter(name="init_std", type="float", meaning="deviation of the head's first weights", default=0.02),
            Parameter(
                name="num_parameters", type="float", meaning="parameters of the model", aliases=("parameters", "params")
            ),
            Parameter(name="num_tokens", type="float", meaning="training tokens", aliases=("tokens",)),
            Parameter(name="unigram_entropy", type="float", meaning="entropy of the token frequencies, in nats"),
        ),
        build=_language_model,
    ),
    Family(
        name="mlm",
        aliases=("masked_lm", "masked_language_model"),
        summary="masked-token cross-entropy",
        parameters=(
            required(VOCAB),
            Parameter(
                name="next_sentence",
                type="bool",
                meaning="next-sentence prediction is added",
                default=False,
                aliases=("nsp",),
            ),
        ),
        build=_masked,
    ),
    Family(
        name="multitoken",
        aliases=("mixture", "token_mixture"),
        summary="cross-entropy over tokens of several kinds, each with its own set",
        parameters=(
            Parameter(name="sizes", type="floats", meaning="choices of each kind", required=True, example="8192,256"),
            Parameter(name="shares", type="floats", meaning="share of each kind among the tokens", example="0.8,0.2"),
        ),
        build=_mixture,
    ),
    Family(
        name="rnnt",
        aliases=("rnn_t", "transducer"),
        summary="transducer loss, per sequence",
        parameters=(FRAMES, LABELS, SYMBOLS),
        build=_transducer,
    ),
    Family(
        name="z_loss",
        aliases=("zloss",),
        summary="squared log normaliser of the logits",
        parameters=(
            required(VOCAB),
            Parameter(name="coefficient", type="float", meaning="its weight", default=1e-4, aliases=("coef",)),
        ),
        build=_z_loss,
    ),
)
