"""BAS003: the first losses are worse than a uniform guess."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import Baseline
from traindx.context import FACTS, LADDER, LOSS_FAMILY, LOSSES, READINGS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import Curve, exponential

# Families whose chance level is the log of a number of candidates: only there "uniform" means anything.
_SOFTMAX = frozenset({"cross_entropy", "info_nce", "masked_lm", "bce", "supcon", "dino"})
_CONTRASTIVE = frozenset({"info_nce", "supcon"})
_LARGEST_LOGARITHM = math.log(100) + 0.1


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StartsAboveUniform(Rule):
    """The first losses are worse than guessing every answer equally.

    ## What it looks at
    The level of the first training losses against the log of the number of answers.

    ## Why it matters
    With small random logits the first loss is the log of the number of answers plus half the variance of the logits: a
    few tenths. More means logits of a wrong scale at the start, targets outside the table, shifted labels, a
    summed loss, or pretrained weights that were not loaded. Contrastive losses are different: embeddings of D numbers that
    point anywhere, with similarities multiplied by s, start about s²/2D above the log of the batch. Where s and D are known,
    that much is allowed; where not, a start that was left far below guessing is a remark.

    ## What to try
    - Scale down, or zero, the weights of the last layer at initialisation.
    - For a pretrained model: check vocabulary, label shift and that the weights were loaded.

    ## When it is wrong
    Auxiliary losses, label smoothing and class weights move the starting point; a pretrained model on foreign data can
    start confidently wrong.
    """

    meta: ClassVar = RuleMeta(
        code="BAS003", name="starts-above-uniform", since="0.1", summary="first losses are worse than a uniform guess"
    )
    needs: ClassVar = (TRAIN_LOSS, LADDER, LOSS_FAMILY)
    may_use: ClassVar = (LOSSES, FACTS, READINGS)
    condition: ClassVar = "scale"
    explained_by: ClassVar = ("SCL001",)

    tolerance: float = 0.10
    least_excess_nats: float = 0.5
    """Logits of unit variance add 0.5 nats to a uniform start; larger ones are no ordinary initialisation."""

    learnt: float = 0.8
    """A contrastive loss that came down to four fifths of guessing has forgotten how its untrained embeddings pointed."""

    mild_factor: float = 1.5
    """Pretrained models whose output scale does not suit the loss start up to half above uniform, and soon forget it."""

    long_run: int = 50
    """Over this many points, a start that was left behind is history; before, it may still explain what is seen."""

    def check(self, case: Case) -> Iterator[Finding]:
        chance = case[LADDER].rung("chance")
        if chance is None or not chance.value > 0 or case[LOSS_FAMILY] not in _SOFTMAX:
            return
        others = [r for r in case.get(LOSSES) or () if not r.held_out and r.role.family == case[LOSS_FAMILY]]
        for reading in dict.fromkeys((case[TRAIN_LOSS], *others)):
            if reading.curve is None or not reading.curve.start.value > self._limit(chance):
                continue
            if reading.curve.end.value < chance.value and reading.curve.start.value <= self._usual_start(case, chance):
                continue
            yield self._describe(case, reading, chance)
            return

    def _describe(self, case: Case, reading: Reading, chance: Baseline) -> Finding:
        assert reading.curve is not None
        curve, limit = reading.curve, self._limit(chance)
        stays = curve.end.value > limit
        factor = curve.start.value / chance.value
        return self.finding(
            f"{reading.name} starts at {curve.start.value:.4g}, worse than a uniform guess ({chance.formula} = {chance.value:.4g})",
            at_level(
                case,
                reading,
                curve.start,
                f"first level of {reading.name}",
                expected=chance.value,
                formula=chance.formula,
                unit=chance.unit,
            ),
            *(
                (
                    at_level(
                        case,
                        reading,
                        curve.end,
                        f"last level of {reading.name}",
                        expected=chance.value,
                        formula=chance.formula,
                    ),
                )
                if stays
                else ()
            ),
            severity=self._severity(curve, chance, stays=stays, contrastive=case[LOSS_FAMILY] in _CONTRASTIVE),
            confidence=0.95 if factor > 1.3 else 0.85,
            why="a model that knows nothing but is unsure scores the uniform level; this one is confidently wrong",
            do=(
                "print the logits of the first batch: their standard deviation should be near or below 1",
                "check labels: shift, padding, ids outside the table, a tokenizer that is not the model's",
                "check the reduction: a loss summed over tokens or layers is a multiple of the mean",
            ),
            check="evaluate with all logits set to zero: the loss must be exactly the uniform level",
            decided_by="facts",
            rank=60,
        )

    def _severity(self, curve: Curve, chance: Baseline, *, stays: bool, contrastive: bool) -> Severity:
        """A start that was soon left far behind cost a few steps, no more."""
        if stays and curve.count >= 3:
            return Severity.ERROR
        if contrastive and curve.end.value < self.learnt * chance.value:
            return Severity.INFO
        mild = curve.start.value < self.mild_factor * chance.value and curve.end.value < 0.5 * chance.value
        return Severity.INFO if mild and curve.count >= self.long_run else Severity.WARNING

    def _usual_start(self, case: Case, chance: Baseline) -> float:
        """Where embeddings that point anywhere start, with a tenth to spare; NaN where it is not known."""
        dim, scale = (case.get(FACTS) or {}).get("embedding_dim"), _scale(case)
        if case[LOSS_FAMILY] not in _CONTRASTIVE or dim is None or scale is None or not 1e-3 < scale < 1e3:
            return float("nan")
        return chance.value + 1.1 * _excess(float(scale), max(1.0, float(dim.value)), chance.value)

    def _limit(self, chance: Baseline) -> float:
        return max(chance.value * (1 + self.tolerance), chance.value + self.least_excess_nats)


def _excess(scale: float, dim: float, log_candidates: float) -> float:
    """How far above ln N the loss of random directions lies: half the variance s²/D of its logits, until the largest alone decides.

    Source: the free energy of independent Gaussian levels (random energy model): beyond a variance of 2 ln N the sum of
    exponentials is its largest term, exp(sqrt(2 v ln N)). Simulated unit vectors (8 to 512 numbers, 32 to 1,024 of them) start
    at 70 to 110 % of it, because no cosine exceeds 1.

    >>> round(_excess(14.3, 512, 5.545), 2), round(_excess(14.0, 16, 3.466), 2)
    (0.2, 5.75)
    """
    variance = scale * scale / dim
    if variance <= 2 * log_candidates:
        return variance / 2
    return math.sqrt(2 * variance * log_candidates) - log_candidates


def _scale(case: Case) -> float | None:
    """The factor of the similarities at the start: as logged, else from the facts."""
    for kind in ("temperature", "logit_scale"):
        logged = next((r.curve for r in case.get(READINGS) or () if r.role.kind == kind and r.curve is not None), None)
        if logged is not None and logged.start.value > 0:
            return 1 / logged.start.value if kind == "temperature" else _multiplied(logged.start.value)
    known = case.get(FACTS) or {}
    told = known.get("logit_scale") or known.get("temperature")
    if told is None or not float(told.value) > 0:
        return None
    return float(told.value) if told is known.get("logit_scale") else 1 / float(told.value)


def _multiplied(logged: float) -> float:
    """The factor itself: values up to ln 100 are logged as its logarithm."""
    return exponential(logged) if logged <= _LARGEST_LOGARITHM else logged
