"""Several encoders or checkpoints on the same queries, as plain values: rows of a table, and differences between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

Outcome = Literal["better", "worse", "tied"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One metric of one encoder. ``tied`` where it cannot be told from the best one of that metric; ``best`` is that one."""

    metric: str
    value: float
    low: float
    high: float
    best: bool
    tied: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderRow:
    """One encoder: its name, how many numbers its embeddings have, and where it stands."""

    name: str
    dimension: int
    gallery_size: int
    standings: tuple[Standing, ...]

    def __getitem__(self, metric: str) -> Standing:
        """Return where the encoder stands by that metric."""
        return {standing.metric: standing for standing in self.standings}[metric]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderDifference:
    """``after`` less ``before`` on the same queries, with its 95 % interval.

    ``p_value`` is that of the paired test ``by``; ``adjusted`` the same by Holm's correction over all pairs of encoders, on which ``outcome`` (of
    ``after``) rests. ``gained`` and ``lost`` count queries that only one of them finds (None for metrics that are no hits).
    """

    metric: str
    before: str
    after: str
    difference: float
    low: float
    high: float
    p_value: float
    adjusted: float
    by: str
    outcome: Outcome
    gained: int | None = None
    lost: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Luck:
    """How much the best of several flatters: ``value`` was measured, of which ``luck`` is expected to be chance."""

    metric: str
    name: str
    candidates: int
    value: float
    luck: float

    @property
    def corrected(self) -> float:
        """What the best one is worth on new queries."""
        return self.value - self.luck


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderComparison:
    """Encoders on the same queries: the table, the differences between pairs, and the luck of the best.

    Intervals are at ``confidence``. ``gallery_size`` is the one that all rows hold for; ``equalised`` where some galleries were larger and their ranks were brought down to it.
    ``sentence`` says who wins and who is tied.
    """

    queries: int
    direction: str
    gallery_size: int
    equalised: bool
    confidence: float
    rows: tuple[EncoderRow, ...]
    differences: tuple[EncoderDifference, ...]
    luck: tuple[Luck, ...]
    sentence: str
    limits: tuple[str, ...] = ()
