"""Language models: scaling-law references and masked-language chance. All values in nats per token."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, positive, shown
from traindx.baselines.baseline import Baseline

# E, A, B, alpha, beta of L = E + A/N^alpha + B/D^beta.
HOFFMANN = (1.69, 406.4, 410.7, 0.34, 0.28)
BESIROGLU = (1.8172, 482.01, 2085.43, 0.3478, 0.3658)


def _law(parameters: float, tokens: float, fit: tuple[float, ...]) -> float:
    e, a, b, alpha, beta = fit
    return e + a * math.pow(parameters, -alpha) + b * math.pow(tokens, -beta)


def scaling_law_loss(parameters: float, tokens: float) -> Baseline:
    """Return what a model of N parameters reaches on D tokens: E + A/N^a + B/D^b, constants as refitted in 2024.

    >>> round(scaling_law_loss(1e9, 20e9).value, 2), round(scaling_law_loss(7e9, 2e12).value, 2)
    (2.53, 2.06)
    """
    positive(parameters=parameters, tokens=tokens)
    original = _law(parameters, tokens, HOFFMANN)
    return Baseline(
        rung="typical",
        value=_law(parameters, tokens, BESIROGLU),
        unit="nats per token",
        formula=f"1.8172 + 482.01/{parameters:.3g}^0.3478 + 2085.43/{tokens:.3g}^0.3658",
        meaning="a well-trained transformer of that size on that many tokens",
        source="Besiroglu et al. 2024, Chinchilla Scaling: A replication attempt",
        conditions=f"that paper's corpus and tokenizer: ± 0.1 to 0.3 elsewhere; the first fit gives {original:.3f}",
    )


def next_sentence_chance() -> Baseline:
    """Return the chance level of a next-sentence or other yes-no term: ln 2.

    >>> round(next_sentence_chance().value, 4)
    0.6931
    """
    return Baseline(
        rung="chance",
        value=math.log(2.0),
        unit="nats",
        formula="ln 2",
        meaning="guessing whether the second sentence follows",
        source="definition",
    )


def masked_language_chance(vocab_size: int, *, next_sentence: bool = False) -> Baseline:
    """Return chance of masked-token prediction: ln V on the masked tokens, plus ln 2 with next-sentence prediction.

    >>> round(masked_language_chance(30522).value, 3), round(masked_language_chance(30522, next_sentence=True).value, 2)
    (10.326, 11.02)
    """
    at_least(1, vocab_size=vocab_size)
    extra = " + ln 2" if next_sentence else ""
    return Baseline(
        rung="chance",
        value=math.log(vocab_size) + (math.log(2.0) if next_sentence else 0.0),
        unit="nats per masked token",
        formula=f"ln {shown(vocab_size)}{extra}",
        meaning="guessing every masked token" + (" and whether the second sentence follows" if next_sentence else ""),
        source="Devlin et al. 2019, BERT, section 3.1",
        conditions="mean over masked tokens only",
    )
