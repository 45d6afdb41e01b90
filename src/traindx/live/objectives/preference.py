"""Losses that learn from preferences: all start at a level that theory gives exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from traindx.live.objectives.objective import FamilyObjective


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DPO(FamilyObjective):
    """Direct preference optimisation: the reference itself costs ln 2."""

    family: ClassVar = "dpo"

    label_smoothing: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IPO(FamilyObjective):
    """Identity preference optimisation: the reference itself costs 1 / (4 beta squared)."""

    family: ClassVar = "ipo"

    beta: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class KTO(FamilyObjective):
    """Kahneman-Tversky optimisation: the reference itself costs half the ``weight``."""

    family: ClassVar = "kto"

    weight: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ORPO(FamilyObjective):
    """Odds-ratio preference optimisation: ``nll`` of the chosen answers plus ``weight`` times ln 2."""

    family: ClassVar = "orpo"

    nll: float
    weight: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SimPO(FamilyObjective):
    """Simple preference optimisation with the target margin ``gamma``."""

    family: ClassVar = "simpo"

    gamma: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RewardModel(FamilyObjective):
    """Reward model on pairs: guessing costs ln 2."""

    family: ClassVar = "reward_model"
