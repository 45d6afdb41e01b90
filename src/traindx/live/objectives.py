"""What a run is trained on, as facts: told once, and judged by from the first step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from traindx.context import FactValue


class Objective(ABC):
    """A loss and what its theory needs to know. ``facts()`` are those of ``traindx.diagnose(..., facts=...)``."""

    __slots__ = ()

    @abstractmethod
    def facts(self) -> Mapping[str, FactValue]:
        """Return the facts that this objective tells."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class InfoNCE(Objective):
    """Contrastive cross-entropy among ``negatives`` candidates, the right one included: guessing costs ln(negatives)."""

    negatives: int

    def facts(self) -> Mapping[str, FactValue]:
        return {"loss": "info_nce", "negatives": self.negatives}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEntropy(Objective):
    """Cross-entropy over ``num_classes``: guessing costs ln(num_classes)."""

    num_classes: int

    def facts(self) -> Mapping[str, FactValue]:
        return {"loss": "cross_entropy", "num_classes": self.num_classes}
