"""A language of our own: short words by a small grammar, so that a model of a few thousand weights can learn it."""

from __future__ import annotations

import random
from functools import lru_cache

import torch
from torch import Tensor

_WHO = [
    "the cat",
    "a small dog",
    "the old teacher",
    "my sister",
    "every student",
    "the red robot",
    "one quiet bird",
    "the model",
]
_DOES = ["sees", "follows", "draws", "forgets", "trains", "remembers", "paints", "counts"]
_WHAT = ["a house", "the curve", "seven stars", "its own loss", "a river", "the long road", "nothing", "an apple"]
_HOW = ["slowly", "again", "at night", "with care", "in the rain", "for years"]
ALPHABET = " abcdefghijklmnopqrstuvwxyz.,\n"
VOCABULARY = len(ALPHABET)


@lru_cache(maxsize=4)
def tokens(size: int, seed: int) -> Tensor:
    """Return ``size`` tokens of text as numbers below ``VOCABULARY``."""
    chance, parts, length = random.Random(seed), [], 0
    while length < size:
        sentence = f"{chance.choice(_WHO)} {chance.choice(_DOES)} {chance.choice(_WHAT)}"
        sentence += f" {chance.choice(_HOW)}" if chance.random() < 0.5 else ""
        sentence += ", and " if chance.random() < 0.25 else ".\n" if chance.random() < 0.2 else ". "
        parts.append(sentence)
        length += len(sentence)
    return torch.tensor([ALPHABET.index(letter) for letter in "".join(parts)[:size]])


def unigram_entropy(stream: Tensor) -> float:
    """Return the loss of the best model that knows only how often each letter comes, in nats."""
    shares = torch.bincount(stream, minlength=VOCABULARY).float() / len(stream)
    return float(-(shares[shares > 0] * shares[shares > 0].log()).sum())
