"""DET003: the held-out loss of a detector is next to nothing: there is nothing to find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import METRICS, TASKS, TRAIN_LOSS, VAL_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta

_PROBE = "print(sum(len(t['boxes']) == 0 for _, t in val_set), 'of', len(val_set), 'pictures have no object')"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyGroundTruth(Rule):
    """The validation loss of a detector or segmenter is thousands of times below what training ever cost.

    ## What it looks at
    The last level of the one, the first and last of the other, and whether anything is found at all on held-out data.

    ## Why it matters
    Without objects only "nothing here" has to be answered, and that costs almost nothing. The annotations were not found, were
    filtered out, or belong to other pictures. The number says nothing of the model.

    ## What to try
    - Count the objects per held-out picture as the loss gets them.
    - Compare file names in annotations and folder; look for a filter by class or size.

    ## When it is wrong
    Where training adds many terms and layers that evaluation leaves out; that makes a factor of ten or forty, not a thousand.
    """

    meta: ClassVar = RuleMeta(
        code="DET003", name="empty-ground-truth", since="0.1", summary="held-out pictures seem to hold no objects"
    )
    needs: ClassVar = (VAL_LOSS, TRAIN_LOSS, TASKS)
    may_use: ClassVar = (METRICS,)
    condition: ClassVar = "suspicious_val"
    explained_by: ClassVar = ("NAN001", "NAN002")

    factor: float = 1_000.0
    """Auxiliary layers and one-to-many matching multiply a training loss by forty at most."""

    right: float = 0.1

    def check(self, case: Case) -> Iterator[Finding]:
        val, train = case[VAL_LOSS], case[TRAIN_LOSS]
        if not case[TASKS] & {"detection", "segmentation"} or val.curve is None or train.curve is None:
            return
        low, high = val.curve.end.value, max(train.curve.start.value, train.curve.end.value)
        if not (0 <= low < high / self.factor and high > 0) or self._finds(case):
            return
        yield self.finding(
            f"{val.name} is {low:.2g} where {train.name} was {high:.4g}: nothing has to be found on held-out data",
            Evidence(
                label=f"{val.name} / {train.name}",
                measured=low / high,
                expected=1 / self.factor,
                formula="terms that only training has make a factor of forty at most",
                span=case.span(val.series),
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="without objects only 'nothing here' has to be answered, which costs almost nothing: annotations are missing",
            do=(
                "count the objects per held-out picture as the loss gets them",
                "compare file names of annotations and pictures; look for a filter by class or size",
            ),
            check=_PROBE,
            rank=62,
        )

    def _finds(self, case: Case) -> bool:
        """Whether held-out objects are found: then the annotations are there."""
        found: list[Reading] = [
            r for r in plain(case.get(METRICS) or (), "map", "dice", "iou", "recall") if r.role.split != "train"
        ]
        return any(float(np.max(r.series.finite().values)) > self.right * r.full for r in found)
