"""What was measured of a retrieval model, as plain values: each number beside its chance level, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from traindx.diagnosis import Finding, Severity, State
from traindx.retrieval.batch import BatchBound
from traindx.retrieval.other_sizes import AtSize
from traindx.retrieval.ranking import Ranking, Similarity, Ties

Kind = Literal["hit_rate", "recall", "mrr", "median_rank", "mean_rank", "map", "ndcg"]

SIGNIFICANT = (
    0.01  # luck in one case of a hundred: several cut-offs are looked at, and a wrong "it learns" costs a training
)
REVERSED = 1e-4
"""So rarely does luck do as badly where ranks are called worse than guessing: that points to a fault of its own, a reversed sign."""
RANKS: tuple[Kind, ...] = ("median_rank", "mean_rank")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One metric of one direction.

    ``value`` lies between ``low`` and ``high`` at the report's confidence (``interval`` names the method); a random ranking of this gallery gives
    ``chance`` (by ``formula``), does as well with probability ``p_value`` and as badly with ``p_worse`` (None where they are not known). ``ceiling`` is the best value that identical items and
    queries allow. Shares are fractions, ranks are counted from 1. ``meaning`` is a sentence.
    """

    name: str
    kind: Kind
    value: float
    low: float
    high: float
    interval: str
    chance: float
    formula: str
    p_value: float | None
    meaning: str
    ceiling: float | None = None
    k: int | None = None
    p_worse: float | None = None

    @property
    def higher_is_better(self) -> bool:
        """Whether more is better: of all but ranks."""
        return self.kind not in RANKS

    @property
    def times_chance(self) -> float:
        """How many times better than a random ranking: value over chance, of ranks chance over value."""
        one, other = (self.value, self.chance) if self.higher_is_better else (self.chance, self.value)
        return one / other if other > 0 else float("nan")

    @property
    def at_chance(self) -> bool:
        """Whether luck would do as well too often to tell the two apart; False where the probability is not known."""
        return self.p_value is not None and not self.p_value < SIGNIFICANT

    @property
    def certain(self) -> bool:
        """Whether every order of the gallery gives the best value, as a cut-off that takes in all of it."""
        return self.chance >= 1 if self.higher_is_better else self.chance <= 1

    @property
    def below_chance(self) -> bool:
        """Whether luck would hardly ever do as badly: what was learnt is used the wrong way round."""
        return self.p_worse is not None and self.p_worse < REVERSED


@final
@dataclass(frozen=True, slots=True)
class Bin:
    """How many queries have the first right item between two ranks, both inside, and how many a random ranking would have."""

    first: int
    last: int
    count: float
    expected: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """One direction of a retrieval: ``queries`` queries, each ranked against ``gallery_size`` items.

    ``positives`` is the mean number of right items of a query, ``without`` counts queries that have none and were left out of every mean.
    ``ranking`` holds the counts behind all numbers; ``clusters`` labels queries that share an item (None: each is its own).
    """

    name: str
    queries: int
    gallery_size: int
    positives: float
    without: int
    measures: tuple[Measure, ...]
    histogram: tuple[Bin, ...]
    sentence: str
    ranking: Ranking
    clusters: NDArray[np.int64] | None = None

    @property
    def at_chance(self) -> bool:
        """Whether no metric can be told from a random ranking."""
        return all(m.at_chance for m in self.measures if m.p_value is not None)

    def __getitem__(self, name: str) -> Measure:
        """Return the metric of that name, as ``R@1`` or ``MRR``."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise KeyError(name)

    def get(self, name: str) -> Measure | None:
        """Return the metric of that name, or None."""
        return next((measure for measure in self.measures if measure.name == name), None)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalReport:
    """How well queries find their items: numbers with chance levels and intervals, findings, and what they mean.

    ``forward`` ranks the gallery for each query, ``backward`` the queries for each item (None where it was not asked for).
    ``verdict`` is the sentence to read first. ``passed`` are the codes of checks that found nothing; ``limits`` say what could not be judged.
    """

    name: str
    similarity: Similarity
    ties: Ties
    confidence: float
    dimension: int
    forward: Direction
    backward: Direction | None
    verdict: str
    findings: tuple[Finding, ...] = ()
    passed: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    batch: BatchBound | None = None
    other_size: AtSize | None = None

    @property
    def state(self) -> State:
        """What a check of a run would be called: failing with an error, attention with a warning, inconclusive at chance with few queries."""
        severities = {finding.severity for finding in self.findings}
        if Severity.ERROR in severities:
            return "failing"
        if self.forward.at_chance:
            return "inconclusive"
        return "attention" if Severity.WARNING in severities else "healthy"

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions that were measured."""
        return (self.forward,) if self.backward is None else (self.forward, self.backward)
