"""BAS004: the task metric stays at what knowing nothing scores."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import (
    FACTS,
    GALLERY_SIZE,
    JUDGED_LOSS,
    METRICS,
    NUM_CLASSES,
    REFERENCES,
    TASKS,
    VAL_LOSS,
    VAL_REFERENCES,
    Case,
    Reading,
    has_task,
)
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta

# Metrics that are 0 for a model that gets nothing right, and at chance for a random one on any real task.
_NOTHING_RIGHT = frozenset(
    {
        "dice",
        "iou",
        "map",
        "average_precision",
        "f1",
        "bleu",
        "rouge",
        "exact_match",
        "recall",
        "precision",
        "mcc",
        "kappa",
    }
)
_ALL_WRONG = frozenset({"wer", "cer"})
# Shares of the variance or of the order that are 0 for a model that ignores its input, and may be below.
_UNRELATED = {
    "r2": "no better than always answering the mean",
    "pearson": "unrelated to the target",
    "spearman": "unrelated to the target",
}

_RELATED = 0.02


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAtChance(Rule):
    """The task metric stays at what a model without knowledge scores.

    ## What it looks at
    Accuracy against one over the number of classes, recall@k against k over the gallery, word error rate against 100 %, Dice,
    IoU, mAP, F1, BLEU, R² and correlations against zero, AUROC against one half: over the last half of at least two evaluations.
    Held-out values are judged by themselves where the held-out loss, too, is no better than guessing: training may be known by heart.

    ## Why it matters
    A loss can fall by learning frequencies, silence or background, while nothing that the task asks for is learnt.

    ## What to try
    - Look at ten predictions. All alike: the model ignores its input.
    - Check that labels of training and evaluation use the same ids, character set and box format.

    ## When it is wrong
    Early in detection and speech training, where these metrics stay at zero for a while; rare classes.
    """

    meta: ClassVar = RuleMeta(
        code="BAS004", name="metric-at-chance", since="0.1", summary="the task metric stays at the level of guessing"
    )
    needs: ClassVar = (METRICS,)
    may_use: ClassVar = (JUDGED_LOSS, VAL_LOSS, REFERENCES, VAL_REFERENCES, TASKS, FACTS, NUM_CLASSES, GALLERY_SIZE)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("DIV002", "SEQ001")

    near: float = 0.005
    """Half a per cent of the scale: below what a single lucky batch or class shows."""

    moving_loss_share: float = 0.10
    """While the loss has come down by more than a tenth, an early metric may still lag behind it."""

    late_evaluations: int = 8
    late_epochs: float = 8.0
    """By eight evaluations or epochs a metric that lagged behind the loss has left its floor."""

    idle_epochs: float = 3.0
    """Three epochs in which the loss gained nothing either are enough, however few evaluations there were."""

    idle_share: float = 0.05
    """A twentieth of the level of guessing is what the frequencies of slightly uneven answers give without any input."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, {"reinforcement"}):
            return
        readings = [r for r in case[METRICS] if not (_within_one_epoch(r) and self._loss_moved(case))]
        stuck = [
            (r, level)
            for r in readings
            if (level := self._level(r, case)) is not None and self._stays(case, r, level[0])
        ]
        groups = {r.role.kind: [s for s in stuck if s[0].role.kind == r.role.kind] for r, _ in stuck}
        for kind, members in groups.items():
            peers = [r for r in readings if r.role.kind == kind]
            yield self._describe(case, members, peers)

    def _level(self, reading: Reading, case: Case) -> tuple[float, str, str] | None:
        """(value of knowing nothing in the units of the series, formula, meaning), or None where theory has none."""
        kind, values = reading.role.kind, reading.series.finite().values
        if not len(values):
            return None
        full = 1.0 if kind == "bleu" else reading.full
        if kind in _ALL_WRONG:
            full = 100.0 if float(np.median(values)) > 10 else 1.0
            return full, "every word wrong", "empty or constant output"
        if kind in _NOTHING_RIGHT:
            return 0.0, "nothing right", "a model that finds nothing"
        if kind in _UNRELATED:
            return 0.0, "0", _UNRELATED[kind]
        if kind == "auroc":
            return 0.5 * full, "1/2", "random ranking"
        classes, gallery = case.get(NUM_CLASSES), case.get(GALLERY_SIZE)
        if kind == "accuracy" and not reading.role.component:
            k = reading.role.k or 1
            return (
                (full * k / classes, f"{k}/{classes}", "guessing a class")
                if classes
                else (0.005 * full, "under 1 %", "hardly any answer right")
            )
        if kind in ("recall_at_k", "hit_rate") and gallery and reading.role.k:
            return full * reading.role.k / gallery, f"{reading.role.k}/{gallery}", "a random ranking"
        return None

    def _stays(self, case: Case, reading: Reading, level: float) -> bool:
        values = reading.series.values[np.isfinite(reading.series.values)]
        if not len(values) or (len(values) < 2 and _epochs(reading, case) < self.idle_epochs) or _rising(reading):
            return False
        if reading.role.kind in _UNRELATED:  # what overfitting took away again had been related
            return bool(np.max(values) <= _RELATED)
        late = values[len(values) // 2 :] if len(values) > 3 else values
        percent = level > 1.5 or (reading.in_percent and reading.role.kind not in _ALL_WRONG)
        scale = 100.0 if percent else 1.0
        width = self.near * scale + (0.2 * level if 0 < level < 0.9 * scale else 0.0)
        gallery = case.get(GALLERY_SIZE)
        if reading.role.kind == "recall_at_k" and gallery and 0 < level < 0.5 * scale:  # one query for each item
            width = max(width, 2 * scale * math.sqrt(level / scale / gallery))
        width = 0.02 * scale if reading.role.kind in _ALL_WRONG or reading.role.kind == "auroc" else width
        if (
            reading.role.kind == "auroc" and len(late) >= 20
        ):  # of single batches: scattered about one half, on both sides
            above = float(np.mean(late > level))
            return 0.25 <= above <= 0.75 and abs(float(np.median(late)) - level) <= 0.5 * width
        return bool(
            (np.abs(late - level) <= width).all()
            or (reading.role.direction == "higher" and (late <= level + width).all())
        )

    def _describe(
        self, case: Case, members: list[tuple[Reading, tuple[float, str, str]]], peers: list[Reading]
    ) -> Finding:
        reading, (level, formula, meaning) = members[0]
        series = reading.series
        last = float(series.values[np.isfinite(series.values)][-1])
        of, certain = len(peers), self._certain(case, [r for r, _ in members], peers)
        names = reading.name if len(members) == 1 else f"{len(members)} of {of} {reading.role.kind} series"
        verb = "stays" if len(members) == 1 else "stay"
        return self.finding(
            f"{names} {verb} at {last:.4g} over {len(series)} evaluations: {meaning}",
            Evidence(
                label=f"last {reading.name}",
                measured=last,
                expected=level,
                formula=formula,
                span=case.span(series, len(series) // 2, -1),
            ),
            severity=Severity.ERROR if certain else Severity.WARNING,
            confidence=0.9 if certain else 0.7,
            why="the loss may fall by learning frequencies or background; the task itself is not being learnt",
            do=(
                "look at ten raw predictions beside their targets",
                "check that evaluation uses the label ids, character set or box format of training",
                "overfit ten examples: the metric must become perfect on them",
            ),
            check="score the targets against themselves: the metric must be perfect, else it is the metric that is broken",
            decided_by="log",
            rank=65,
        )

    def _certain(self, case: Case, stuck: list[Reading], peers: list[Reading]) -> bool:
        """Whether the whole kind stays at its guess for long; or all that is held out, and the held-out loss no better than one."""
        reading = stuck[0]
        late = self._late(reading, case) or not self._loss_moved(case)
        if len(stuck) == len(peers) and late and self._enough(case, reading):
            return True
        held = [r for r in peers if r.held_out]
        alone = bool(held) and all(r in stuck for r in held) and self._held_out_is_idle(case)
        long = self._late(reading, case) or _epochs(reading, case) >= self.idle_epochs
        return alone and long and (come_far(reading) or _uncounted(reading))

    def _held_out_is_idle(self, case: Case) -> bool:
        """Whether the held-out loss has come down neither from its start nor below guessing: memorised training has done so at most."""
        loss = case.get(VAL_LOSS)
        if loss is None or loss.curve is None or loss.curve.count < 3:
            return False
        guesses = [
            ref.value
            for ref in case.get(VAL_REFERENCES) or case.get(REFERENCES) or ()
            if ref.kind == "chance" and ref.origin != "constant"
        ]
        start = min([float(loss.series.finite().values[0]), *guesses])
        return loss.curve.best.value > (1 - self.idle_share) * start > 0

    def _late(self, reading: Reading, case: Case) -> bool:
        return len(reading.series) >= self.late_evaluations or _epochs(reading, case) >= self.late_epochs

    def _enough(self, case: Case, reading: Reading) -> bool:
        idle = _epochs(reading, case) >= self.idle_epochs and not self._loss_moved(case)
        far = come_far(reading) or (self._late(reading, case) and _uncounted(reading))
        return (len(reading.series) >= 3 or self._late(reading, case) or idle) and far

    def _loss_moved(self, case: Case) -> bool:
        loss = case.get(JUDGED_LOSS)
        curve = loss.curve if loss is not None else None
        return curve is not None and curve.gained > self.moving_loss_share * max(abs(curve.start.value), math.ulp(1.0))


def _epochs(reading: Reading, case: Case) -> float:
    """How many epochs had passed at the last point, by its own count or that of the loss; 0 where none are counted."""
    loss = case.get(JUDGED_LOSS)
    counted = [reading.series.epochs, *([loss.series.epochs] if loss is not None else [])]
    return max(float(np.fmax.reduce(epochs, initial=0.0)) for epochs in counted)


def _within_one_epoch(reading: Reading) -> bool:
    """Whether these are batches of training inside one counted epoch: no evaluations yet, however many."""
    epochs = reading.series.epochs
    known = epochs[np.isfinite(epochs)]
    return not reading.held_out and len(known) > 1 and float(np.ptp(known)) == 0.0


def _rising(reading: Reading) -> bool:
    """Whether a metric that starts from nothing has grown tenfold its error and doubled: low, but it does not stay there."""
    curve = reading.curve
    if curve is None or curve.count < 20 or reading.role.kind not in _NOTHING_RIGHT:
        return False
    values = reading.series.finite().values
    third = len(values) // 3
    first, last = float(np.median(values[:third])), float(np.median(values[-third:]))
    return last > 2 * first and curve.gained > 10 * curve.error and curve.lost <= 0.25 * curve.gained


def _uncounted(reading: Reading) -> bool:
    """Whether nothing counts the evaluations: then each stands for an epoch, the most usual distance."""
    return not reading.series.has_steps and not bool(np.isfinite(reading.series.epochs).any())
