"""AUD012: most labels are ignored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import n, share
from traindx.dataset.counts import ignored_in
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredLabels(DataCheck):
    """Nearly all labels are ones that losses ignore.

    ## What it looks at
    The share of labels that are -100, -1 or 255: what losses and label masks leave out by default.

    ## Why it matters
    Ignored labels teach nothing. A batch with none but ignored labels has a mean loss of 0/0, which is NaN; and where batches hold few of the
    others, the mean over batches weighs those few heavily.

    ## What to try
    - Average the loss over the labels of the whole update, not over each batch.
    - Look at the masking: a prompt that is longer than the context leaves no answer.

    ## When it is wrong
    Fine-tuning on short answers to long prompts, where a few per cent are right.
    """

    meta: ClassVar = RuleMeta(
        code="AUD012", name="ignored-labels", since="0.1", summary="nearly all labels are ones that losses ignore"
    )
    needs: ClassVar = "labels"

    most: float = 0.95
    """Under one label in twenty that counts, batches without any become common."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each array of labels that is nearly all ignored."""
        for labels in subject.labels:
            marks = np.isin(labels.values, list(ignored_in(labels, subject.num_classes)))
            ignored, total = int(labels.counts[marks].sum()), labels.total
            if not total or not ignored / total > self.most:
                continue
            kept = total - ignored
            yield self.finding(
                f"{share(ignored / total)} of {labels.name or 'the labels'} are ignored by the loss, and {kept:,} of {total:,} count",
                Evidence(label="share of ignored labels", measured=ignored / total, note="labels -100, -1 or 255"),
                severity=Severity.ERROR if kept == 0 else Severity.WARNING,
                confidence=0.9,
                why="a batch of ignored labels alone has a mean loss of 0/0, which is NaN"
                + (
                    f"; one of 64 labels is one with probability {n((ignored / total) ** 64)}"
                    if kept
                    else ": every batch"
                ),
                do=(
                    "look at the masking: prompts longer than the context leave no answer",
                    "average over the labels of the whole update",
                ),
                check="print how many labels of a batch count",
                decided_by="data",
                rank=82,
            )
