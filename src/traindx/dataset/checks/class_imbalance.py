"""AUD010: some classes are far more frequent than others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.baselines import prior_cross_entropy
from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import n, share
from traindx.dataset.counts import ValueCounts
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClassImbalance(DataCheck):
    """Some classes are far more frequent than others.

    ## What it looks at
    How often each label occurs: the ratio of the most frequent to the least frequent class, the entropy of the frequencies, and the number of
    examples of the rarest class.

    ## Why it matters
    Answering the most frequent class always is then right that often, and answering the frequencies costs their entropy, not ln C: an accuracy of
    92 % or a loss of 0.33 can be knowing nothing. And a class of ten examples is learnt, and measured, on ten examples.

    ## What to try
    - Judge by balanced accuracy, recall of each class, or the loss over the entropy of the frequencies.
    - `traindx data PATH --baselines-out FILE`, and `traindx check RUN --data-baselines FILE`: runs are then held against these levels.
    - Weighted sampling or logit adjustment where the rare classes matter.

    ## When it is wrong
    Where the frequencies are those of use, and errors count alike: then nothing has to be balanced, but the levels stay as they are.
    """

    meta: ClassVar = RuleMeta(
        code="AUD010", name="class-imbalance", since="0.1", summary="some classes are far more frequent than others"
    )
    needs: ClassVar = "labels"

    ratio: float = 10.0
    """Tenfold is where balanced and plain accuracy part visibly: in two classes at 10 to 1, guessing is right in 91 %."""

    luck: float = 4.0
    """Standard errors that the counts must be apart, so that small balanced sets stay quiet."""

    most_share: float = 0.9
    """From here on, guessing looks like success."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each array of labels."""
        for labels in subject.class_labels:
            known = labels.classes(subject.num_classes)
            if len(known.counts) >= 2 and labels.complete:
                yield from self._judged(known, known.counts.tolist())

    def _judged(self, labels: ValueCounts, counts: list[int]) -> Iterator[Finding]:
        most, least, total = max(counts), min(counts), sum(counts)
        gap = (most - least) / max(2 * total / len(counts), 1) ** 0.5
        if not (most > self.ratio * least and gap > self.luck):
            return
        entropy, uniform = prior_cross_entropy(counts), float(np.log(len(counts)))
        common, rare = labels.values[int(np.argmax(labels.counts))], labels.values[int(np.argmin(labels.counts))]
        yield self.finding(
            f"always answering class {labels.label(int(common))} is right in {share(most / total)}: {n(most / least)} times as many examples as of class {labels.label(int(rare))}",
            Evidence(
                label="accuracy of the most frequent class",
                measured=most / total,
                expected=1 / len(counts),
                formula=f"1/{len(counts)}, balanced classes",
            ),
            Evidence(
                label="loss of knowing the frequencies alone",
                measured=entropy.value,
                expected=uniform,
                formula=f"ln {len(counts)}",
                unit="nats",
            ),
            Evidence(label="examples of the rarest class", measured=float(least)),
            severity=Severity.WARNING if most / total >= self.most_share or least < 10 else Severity.INFO,
            confidence=0.95,
            why=f"a model that ignores its input scores {n(entropy.value)} nats and {share(most / total)} accuracy here: only what is better has learnt",
            do=(
                "judge by balanced accuracy or the recall of each class",
                "hand these levels to traindx check with --data-baselines",
            ),
            check=f"compare the accuracy with {share(most / total)}, and the recall of class {labels.label(int(rare))} with 0",
            decided_by="data",
            rank=35,
        )
