"""What the head of a model says about its classes: a classifier over texts does not range over its vocabulary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from traindx.context.keys import Fact
from traindx.run import Setting

_CLASSIFIER: Final = re.compile(
    r"[A-Za-z0-9]{0,60}For(?:Sequence|Token|Image|Audio|AudioFrame|Video|NextSentence)(?:Classification|Prediction)"
)
_POINTER: Final = re.compile(r"[A-Za-z0-9]{0,60}For(?:MultipleChoice|QuestionAnswering)")
_LABEL: Final = re.compile(r"(?P<owner>(?:[A-Za-z0-9_]{1,40}\.){0,4})id2label\.\d{1,9}")
_TASKS: Final = frozenset({"single_label_classification", "multi_label_classification", "regression"})
# A Transformers configuration writes its labels down only where they differ from the two that it assumes.
_ASSUMED_LABELS: Final = 2


def with_head(facts: tuple[Fact, ...], settings: Sequence[Setting]) -> tuple[Fact, ...]:
    """Return the facts without a vocabulary that the loss does not range over, and with the labels that it does.

    Where the configuration names a classifier (``architectures``, ``problem_type``), the size of the embedding table says
    nothing of the loss: its softmax ranges over ``id2label``. Where no head is named, nothing changes.
    """
    heads = [s for s in settings if re.fullmatch(r"(?:.{0,120}\.)?architectures(?:\.0)?", s.name)]
    tasks = [s for s in settings if s.name.rpartition(".")[2] == "problem_type" and str(s.value) in _TASKS]
    classifier = tasks or [s for s in heads if _CLASSIFIER.fullmatch(str(s.value))]
    if not classifier and not any(_POINTER.fullmatch(str(s.value)) for s in heads):
        return facts
    kept = tuple(fact for fact in facts if fact.key != "vocab_size")
    one_label = any(str(s.value) == "single_label_classification" for s in tasks) or not tasks
    if not classifier or not one_label or any(fact.key == "num_classes" for fact in kept):
        return kept
    owners = [found["owner"] for s in settings if (found := _LABEL.fullmatch(s.name))]
    labels = owners.count(owners[0]) if owners else _ASSUMED_LABELS if tasks else 0
    return (*kept, Fact("num_classes", labels, "read", classifier[0].source)) if labels >= 2 else kept
