"""The baselines of a dataset: what a constant, the class frequencies, the unigram frequencies or the last value score on it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from traindx.arrays import ArraySource
from traindx.baselines import (
    Baseline,
    Rung,
    accuracy_trivial,
    balanced_accuracy_chance,
    brier_trivial,
    prior_bce,
    prior_cross_entropy,
    uniform_bce,
    uniform_cross_entropy,
    unigram_cross_entropy,
)
from traindx.dataset.checks.subject import Subject, called
from traindx.dataset.constant_answers import ConstantAnswers, constant_answers
from traindx.dataset.counts import ValueCounts, padding_in
from traindx.dataset.levels import DataBaselines, DataFact, Level, Loss
from traindx.dataset.summary import ArraySummary
from traindx.dataset.tails import second_moment

_ARRAYS: Final = 2  # of values without a known target: each costs a pass
_MOST_CLASSES: Final = 10_000  # counts handed on one by one; beyond, their entropy is
_ORDERED: Final = 0.5  # neighbours so much alike are an order: the last value then beats the mean


def baselines_of(subject: Subject, sources: Mapping[str, ArraySource], mask: str = "") -> DataBaselines:
    """Return what answers that know nothing score on this dataset, and the facts that follow for runs on it.

    Targets come first; where none is known, and no labels, the levels of at most two arrays of values are told, and no fact of a target is.
    """
    levels: list[Level] = []
    facts: list[DataFact] = []
    arrays = [a for a in subject.of_role("values") if subject.is_target(a)] or _possible_targets(subject)
    masked = sources.get(mask)
    for array in arrays:
        source = sources.get(array.name)
        looked = source is not None and not array.unread and subject.is_target(array)  # it costs a pass
        answers = constant_answers(source, array, masked) if source is not None and looked else None
        levels += _of_values(array, answers)
        if subject.is_target(array) and len([a for a in arrays if subject.is_target(a)]) == 1:
            facts += _target_facts(array, answers)
    for labels in subject.class_labels:
        levels += _of_labels(labels, subject.num_classes)
    for tokens in subject.answered_tokens:
        levels += _of_tokens(tokens, subject.vocab_size)
    facts += _label_facts(subject) + _token_facts(subject) + _row_facts(subject)
    return DataBaselines(path=subject.profile.path, levels=tuple(levels), facts=tuple(facts))


def _possible_targets(subject: Subject) -> list[ArraySummary]:
    """The arrays to tell levels of where no target and no labels are known: at most two, and of the columns of a table none."""
    if subject.labels or subject.tokens:
        return []  # those are what is learnt: values beside them are inputs
    arrays = list(subject.of_role("values"))
    return arrays[:_ARRAYS] if len(arrays) <= _ARRAYS or all(len(a.shape) > 1 for a in arrays[:_ARRAYS]) else []


def _of_labels(labels: ValueCounts, num_classes: int | None) -> Iterator[Level]:
    counts = _class_table(labels, num_classes)
    if len(counts) < 2 or not labels.complete:
        return
    yield _level(labels.name, "cross_entropy", "all classes equally", uniform_cross_entropy(len(counts)))
    yield _level(labels.name, "cross_entropy", "the class frequencies", prior_cross_entropy(counts))
    yield _level(labels.name, "accuracy", "the most frequent class", accuracy_trivial(counts))
    yield _level(labels.name, "balanced_accuracy", "any one class", balanced_accuracy_chance(len(counts)))
    if len(counts) == 2:
        positive = counts[1] / sum(counts)
        yield _level(labels.name, "bce", "one half", uniform_bce())
        yield _level(labels.name, "bce", "the share of positives", prior_bce(positive))
        yield _level(labels.name, "brier", "the share of positives", brier_trivial(counts))


def _class_table(labels: ValueCounts, num_classes: int | None) -> list[int]:
    """Counts of the classes 0 to C - 1; where C is not told and ids leave gaps, of those that occur."""
    known = labels.classes(num_classes)
    if num_classes:
        return [int(count) for count in known.within(num_classes)]
    return [int(count) for count in known.counts]


def _of_tokens(tokens: ValueCounts, vocab_size: int | None) -> Iterator[Level]:
    known = tokens.classes()
    if len(known.counts) < 2 or not tokens.complete:
        return
    padding = padding_in(tokens)
    size = vocab_size or int(known.values.max()) + 1
    yield _level(tokens.name, "lm", "all tokens equally", uniform_cross_entropy(size))
    level = unigram(_scored(known, padding))
    if padding is not None:
        level = replace(level, conditions=f"without token {padding}, taken as padding that the loss leaves out")
    yield _level(tokens.name, "lm", "the unigram frequencies", level)


def _scored(tokens: ValueCounts, padding: int | None) -> list[int]:
    """Counts of the tokens that a loss is over: all but padding."""
    return [int(count) for count in tokens.counts[tokens.values != (-1 if padding is None else padding)]]


def unigram(counts: list[int]) -> Baseline:
    """Return the entropy of token counts: what a model scores that has learnt frequencies only.

    >>> round(unigram([2, 1, 1]).value, 4)
    1.0397
    """
    shares = np.array(counts, np.float64) / sum(counts)
    kept = shares[shares > 0]
    found = unigram_cross_entropy(abs(float((kept * np.log(kept)).sum())))
    return replace(found, formula=f"H(counts of {len(kept):,} tokens)", source="counted in the data")


def _of_values(array: ArraySummary, answers: ConstantAnswers | None) -> Iterator[Level]:
    name = called(array)
    read = [c for c in array.features if c.count]
    if not read:
        return
    count = sum(c.count for c in read)
    zero = sum(c.count * second_moment(c) for c in read) / count
    mean = sum(c.m2 for c in read) / count
    yield _level(name, "mse", "zero", _measured("chance", zero, "E[y²]", "always answering zero", "target units²"))
    yield _level(
        name, "mse", "the mean", _measured("trivial", mean, "Var y", "always answering the mean", "target units²")
    )
    if answers is None:
        return
    yield _level(
        name, "l1", "zero", _measured("chance", answers.zero_absolute, "E|y|", "always answering zero", "target units")
    )
    yield _level(
        name,
        "l1",
        "the median",
        _measured("trivial", answers.median_absolute, "E|y - median|", "always answering the median", "target units"),
    )
    yield _level(
        name,
        "huber",
        "the median",
        _measured(
            "trivial", answers.median_huber, "E huber(y - median, 1)", "always answering the median", "target units²"
        ),
    )
    if answers.last_squared < 2 * mean * (1 - _ORDERED):
        where = "the step before in the sequence" if answers.axis else "the row before"
        yield _level(
            name,
            "mse",
            "the last value",
            _measured("trivial", answers.last_squared, "E(y_t - y_(t-1))²", f"repeating {where}", "target units²"),
        )


def _measured(rung: Rung, value: float, formula: str, meaning: str, unit: str) -> Baseline:
    return Baseline(rung=rung, value=value, unit=unit, formula=formula, meaning=meaning, source="measured on the data")


def _level(array: str, loss: Loss, answer: str, baseline: Baseline) -> Level:
    return Level(array=array, loss=loss, answer=answer, baseline=baseline)


def _target_facts(array: ArraySummary, answers: ConstantAnswers | None) -> list[DataFact]:
    """Mean, deviation and variance as a loss sees them: averaged over features, so that they are the loss of answering each one's mean."""
    read = [c for c in array.features if c.count]
    if not read:
        return []
    variance = sum(c.m2 for c in read) / sum(c.count for c in read)
    where = array.where
    found = [
        DataFact("target_variance", variance, where),
        DataFact("target_std", math.sqrt(variance), where),
        DataFact("target_mean", array.whole.mean, where),
    ]
    return [*found, DataFact("target_abs_deviation", answers.median_absolute, where)] if answers else found


def _label_facts(subject: Subject) -> list[DataFact]:
    if len(subject.class_labels) != 1 or not subject.class_labels[0].complete:
        return []
    labels = subject.class_labels[0]
    counts = _class_table(labels, subject.num_classes)
    if len(counts) < 2:
        return []
    found = [DataFact("num_classes", len(counts), labels.where)]
    if len(counts) <= _MOST_CLASSES:
        total = sum(counts)
        found.append(DataFact("class_prior", ", ".join(f"{count / total:.8g}" for count in counts), labels.where))
    if len(counts) == 2:
        found.append(DataFact("positive_rate", counts[1] / sum(counts), labels.where))
    return found


def _token_facts(subject: Subject) -> list[DataFact]:
    if len(subject.answered_tokens) != 1 or not subject.answered_tokens[0].complete:
        return []
    tokens = subject.answered_tokens[0].classes()
    if len(tokens.counts) < 2:
        return []
    scored = _scored(tokens, padding_in(tokens))
    found = [DataFact("unigram_entropy", unigram(scored).value, tokens.where)]
    # the largest id says only how large the table is at least
    return [*found, DataFact("vocab_size", subject.vocab_size, tokens.where)] if subject.vocab_size else found


def _row_facts(subject: Subject) -> list[DataFact]:
    rows = {a.shape[0] for a in subject.of_role("values", "image", "labels", "categories") if a.shape}
    if subject.annotations is not None:
        return [DataFact("num_samples", subject.annotations.images, subject.annotations.path)]
    return (
        [DataFact("num_samples", rows.pop(), subject.profile.path)]
        if len(rows) == 1 and 0 not in rows and not subject.tokens
        else []
    )
