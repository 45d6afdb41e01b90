"""Which token does a model of tokens really predict? It is trained on a chain whose entropy is known for every distance.

In the chain a token repeats the one before it with probability p, and is drawn anew otherwise. Predicting one token ahead costs H(q1) at best, two
ahead H(q2), with q_k = 1/K + (1 - 1/K) r^k and r = p; a token that the model can see costs nothing. Fresh chains are drawn for every step, so that
nothing can be learnt by heart: a loss below H(q1) is proof of a look at the answer.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from traindx.probe.batch import Array, Batch, Leaf
from traindx.probe.bench import Bench
from traindx.probe.measured import Alignment

_TOKENS: Final = 8
_REPEAT: Final = 0.9
_STEPS: Final = 240
_LEAST: Final = 60
_RATES: Final = (3e-3, 1e-3)
_TRIAL: Final = 20
_LATE: Final = 12  # fresh chains that the trained model is evaluated on
_WINDOW: Final = 30
_LARGEST_LOSS: Final = 20.0


def levels_ahead(count: int = 4) -> tuple[float, ...]:
    """Return what predicting 1, 2, ... tokens ahead costs at best, in nats.

    >>> [round(level, 3) for level in levels_ahead(3)]
    [0.467, 0.773, 1.009]
    """
    return tuple(_entropy(1 / _TOKENS + (1 - 1 / _TOKENS) * _REPEAT**k) for k in range(1, count + 1))


def _entropy(stay: float) -> float:
    other = (1 - stay) / (_TOKENS - 1)
    return -stay * math.log(stay) - (1 - stay) * math.log(other)


def _luck(tokens: Array) -> float:
    """By how much guessing right one ahead costs more on this chain than on average: it happened to change more often."""
    stay = 1 / _TOKENS + (1 - 1 / _TOKENS) * _REPEAT
    kept = float((tokens[:, 1:] == tokens[:, :-1]).mean())
    return -kept * math.log(stay) - (1 - kept) * math.log((1 - stay) / (_TOKENS - 1)) - _entropy(stay)


def measure_alignment(bench: Bench) -> Alignment | None:
    """Train on chains; None for models that predict no next token."""
    batch = bench.subject.batch
    found = _tokens(batch)
    if found is None:
        return None
    bench.need(_LEAST, 0.5)
    tokens, labels, delay = found
    rng = np.random.default_rng(bench.seed)
    pool = _pool(tokens.values)
    until = bench.part(0.6)
    chains = [_chained(batch, tokens, labels, delay, pool, rng) for _ in range(_STEPS)]
    trials: dict[float, float] = {}
    for rate in _RATES:
        bench.subject.restore()
        trial = bench.subject.descend(chains[:_TRIAL], rate=rate, until=until, seed=bench.seed)
        trials[rate] = float(np.mean(trial.losses[-3:])) if trial.losses and not trial.halted else float("inf")
    rate = min(trials, key=lambda r: trials[r])
    bench.subject.restore()
    descent = bench.subject.descend(chains, rate=rate, until=until, seed=bench.seed)
    losses = np.array(descent.losses)
    if len(losses) < _LEAST or descent.halted or not losses[0] < _LARGEST_LOSS * math.log(max(tokens.values.max(), 3)):
        return None
    luck = np.array([_luck(chain.leaf(tokens.path).values) for chain in chains[: len(losses)]])
    late, before = (losses - luck)[-_WINDOW:], (losses - luck)[-2 * _WINDOW : -_WINDOW]
    fresh = [_chained(batch, tokens, labels, delay, pool, rng) for _ in range(_LATE)]
    reached = float(np.mean([bench.subject.compute(one, training=False, seed=bench.seed).total for one in fresh]))
    if reached > levels_ahead(1)[0] / 2:  # a model that sees the token has no use for luck
        reached -= float(np.mean([_luck(one.leaf(tokens.path).values) for one in fresh]))
    return Alignment(
        reached=reached,
        start=float(losses[0]),
        falling=float(before.mean() - late.mean()),
        levels=levels_ahead(),
        steps=len(losses),
    )


def _tokens(batch: Batch) -> tuple[Leaf, Leaf | None, int] | None:
    """Return the tokens, their labels where those are a part of the batch, and by how many places labels lag behind tokens."""
    for tokens in batch.of_role("input"):
        if not tokens.whole or tokens.values.ndim != 2 or tokens.values.shape[1] < 6 or tokens.values.max() < _TOKENS:
            continue
        labels = [leaf for leaf in batch.of_role("target") if leaf.values.shape == tokens.values.shape and leaf.whole]
        if not batch.of_role("target"):
            return tokens, None, 0
        for leaf in labels:
            delay = _delay(tokens.values, leaf.values)
            if delay is not None:
                return tokens, leaf, delay
    return None


def _delay(tokens: Array, labels: Array) -> int | None:
    """By how many places labels lag behind tokens: 0 where they are the same, -1 where each is the next token. None where they are unlike.

    Several tokens must be labelled in a row: of masked tokens, some are replaced, and their labels say nothing of an order.
    """
    width = tokens.shape[1]
    for delay in (0, -1, 1, -2, 2):
        shifted = np.roll(tokens, delay, axis=1)
        inside = slice(max(delay, 0), width + min(delay, 0))
        known = (labels >= 0)[:, inside]
        same = (shifted == labels)[:, inside]
        if known.mean() > 0.3 and same[known].mean() > 0.9:
            return delay
    return None


def _pool(tokens: Array) -> Array:
    """The tokens that the chain is made of: the commonest of the batch after the most frequent one, which may be padding."""
    values, counts = np.unique(tokens[tokens >= 0], return_counts=True)
    ranked = values[np.argsort(-counts, kind="stable")]
    rest = ranked[1 : _TOKENS + 1]
    return rest if len(rest) == _TOKENS else np.resize(np.arange(_TOKENS), _TOKENS)


def _chained(
    batch: Batch, tokens: Leaf, labels: Leaf | None, delay: int, pool: Array, rng: np.random.Generator
) -> Batch:
    rows, width = tokens.values.shape
    states = np.empty((rows, width + 4), np.int64)
    states[:, 0] = rng.integers(_TOKENS, size=rows)
    for t in range(1, width + 4):
        keep = rng.random(size=(int(rows),)) < _REPEAT
        others = rng.integers(_TOKENS, size=(int(rows),))
        states[:, t] = np.where(keep, states[:, t - 1], others)
    chain = pool[states].astype(tokens.values.dtype)
    fresh: dict[str, Array] = {tokens.path: chain[:, 2 : width + 2]}
    if labels is not None:
        fresh[labels.path] = chain[:, 2 - delay : width + 2 - delay].astype(labels.values.dtype)
    for leaf in batch.of_role("mask"):
        fresh[leaf.path] = np.ones_like(leaf.values)
    return batch.with_values(fresh)
