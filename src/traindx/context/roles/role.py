"""What a series means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

Split = Literal["train", "val", "test"]
Direction = Literal["lower", "higher"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a series means.

    - ``kind``: the quantity (``loss``, ``accuracy``, ``recall_at_k``, ``learning_rate``, ``grad_norm``, ...; the list is
      ``KINDS``), or ``unknown``.
    - ``split``: where it was measured; None where the name does not say.
    - ``part``: the name of one of several evaluation sets or parameter groups ("" where there is one).
    - ``component``: the term of a weighted sum or the class it belongs to; None for the whole.
    - ``family``: for losses, the loss family that the name tells (``info_nce``, ``cross_entropy``, ...), else None.
    - ``direction``: whether lower or higher is better; None where neither (a learning rate) or unknown.
    - ``k``: for metrics at a cut-off.
    - ``unit``: ``percent``, ``fraction``, ``nats``, ``bits``, ``seconds``, ... where the *name* tells, else None.
    - ``statistic``: what the name says of averaging (``mean``, ``median``, ``smoothed``, ``max``, ``min``, ``std``), else None.
    - ``weighted``: True or False where the name says that a component is or is not multiplied by its weight.
    - ``confidence``: 1.0 where the name leaves no doubt, lower for guesses.
    """

    kind: str
    split: Split | None = None
    part: str = ""
    component: str | None = None
    family: str | None = None
    direction: Direction | None = None
    k: int | None = None
    unit: str | None = None
    statistic: str | None = None
    weighted: bool | None = None
    confidence: float = 1.0
