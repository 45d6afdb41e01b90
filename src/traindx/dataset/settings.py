"""What a person may tell about a dataset before it is audited."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """What is told of a dataset; whatever is empty is worked out from names and values, or not judged.

    ``group`` names the array or column that tells groups apart, ``mask`` the array that is 1 where data are and 0 where padding is, ``targets``
    what the model learns to answer, ``labels`` the arrays of class labels, ``pairs`` arrays whose rows belong together; ``batch_size`` is that of a
    contrastive training, 0 where it is not known.
    """

    group: str = ""
    mask: str = ""
    targets: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    vocab_size: int | None = None
    num_classes: int | None = None
    pairs: tuple[tuple[str, str], ...] = field(default=())
    batch_size: int = 0
