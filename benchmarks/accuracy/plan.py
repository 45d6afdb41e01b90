"""What one training run is to be: its program, its fault or healthy kind, and how it is varied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """One run to be made.

    Either ``fault`` or ``healthy`` is set, never both; "plain" is the healthy kind that every program has. ``rate`` multiplies
    the program's good learning rate, ``length`` its usual number of steps. ``form`` names the log that is written.
    """

    program: str
    fault: str = ""
    healthy: str = ""
    seed: int = 0
    rate: float = 1.0
    length: float = 1.0
    form: str = "jsonl"

    @property
    def identity(self) -> str:
        """A name for files, stable from one version to the next: everything that the run depends on.

        >>> Plan("digits_mlp", fault="labels-shuffled", seed=2).identity
        'digits_mlp-labels_shuffled-s2-r1-l1-jsonl'
        """
        what = (self.fault or self.healthy or "plain").replace("-", "_")
        form = self.form.replace("-", "_")
        return f"{self.program}-{what}-s{self.seed}-r{self.rate:g}-l{self.length:g}-{form}"

    @property
    def twin(self) -> Plan:
        """The healthy run that differs in nothing but the fault."""
        return replace(self, fault="", healthy="plain")
