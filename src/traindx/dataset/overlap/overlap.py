"""What two splits share, and what one repeats, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

from traindx.dataset.drift import Drift

NearKind = Literal["text", "image", "embedding"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EqualRows:
    """One group of rows with equal content: how many there are in each split, and the first few row numbers, from 0."""

    train_count: int
    other_count: int
    train_rows: tuple[int, ...]
    other_rows: tuple[int, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Equality:
    """Rows that are equal in the columns ``what``, within each split and between the two.

    ``twins`` are rows that some other row of their own split equals, ``copies`` are rows beyond the first of their kind; ``leaked`` are rows of the other split that
    stand in the training split as well, ``leaked_train`` the training rows that they equal, ``shared`` the different contents among them.
    ``contrasted`` says of an item whether pairs are made of it: texts to be read, images, embeddings. ``labelled`` says whether labels were compared as well, ``conflicts`` are training rows whose label is not the commonest of their content, ``conflict_examples`` pairs of equal rows with different labels;
    ``coincidences`` is about how many pairs of training rows are equal because the columns are coarse. ``train_sizes`` says how many groups of each size (two or more) the training split has. ``largest`` are the largest groups, ``examples`` pairs of equal rows.
    """

    what: str
    train_rows: int
    other_rows: int
    train_twins: int = 0
    train_copies: int = 0
    other_twins: int = 0
    other_copies: int = 0
    leaked: int = 0
    leaked_train: int = 0
    shared: int = 0
    train_sizes: tuple[tuple[int, int], ...] = ()
    largest: tuple[EqualRows, ...] = ()
    examples: tuple[tuple[int, int], ...] = ()
    coincidences: float = 0.0
    conflicts: int = 0
    labelled: bool = False
    conflict_examples: tuple[tuple[int, int], ...] = ()
    contrasted: bool = True

    @property
    def leaked_share(self) -> float:
        """The share of the other split that stands in the training split."""
        return self.leaked / self.other_rows if self.other_rows else float("nan")

    @property
    def twin_share(self) -> float:
        """The share of training rows that some other training row equals.

        It estimates how much of a fresh sample from the same source would be found in the training split by coincidence
        (I. J. Good, 1953: the mass of what was seen is one minus the share of singletons).
        """
        return self.train_twins / self.train_rows if self.train_rows else float("nan")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """Rows of the other split that nearly equal a training row, in the column ``what``.

    ``close`` of ``other_rows`` that were compared reach ``threshold`` of ``measure`` with a training row, the equal ones
    left out. Of ``train_compared`` training rows ``train_close`` nearly equal another training row. ``background`` is the share of random pairs that reach the threshold as
    well (NaN: not measured). ``examples`` are (training row, other row, similarity), the closest first.
    """

    kind: NearKind
    what: str
    measure: str
    threshold: float
    train_rows: int
    other_rows: int
    close: int
    train_close: int = 0
    train_compared: int = 0
    background: float = float("nan")
    examples: tuple[tuple[int, int, float], ...] = ()

    @property
    def share(self) -> float:
        """The share of the other split's rows that nearly equal a training row."""
        return self.close / self.other_rows if self.other_rows else float("nan")

    @property
    def twin_share(self) -> float:
        """The share of training rows that nearly equal another one: what a fresh sample from the same source would show by coincidence."""
        return self.train_close / self.train_compared if self.train_compared else float("nan")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SharedGroups:
    """Groups (games, patients, trajectories) of the column ``what`` that have rows in both splits."""

    what: str
    shared: int
    other_groups: int
    train_groups: int
    other_rows_affected: int
    other_rows: int
    train_rows_affected: int
    train_rows: int
    examples: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TargetLeak:
    """One feature that tells the label by itself.

    ``strength`` is the area under the ROC curve (``auc``, of label ``label_value`` against all others, or turned round), the absolute correlation, or the share of rows whose label is
    the commonest one of the other rows with the same value (``purity``). ``low`` is its lower 95 % bound, ``expected`` what a feature without information has.
    """

    feature: str
    label: str
    measure: Literal["auc", "correlation", "purity"]
    strength: float
    low: float
    expected: float
    rows: int
    label_value: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What was measured of two splits beside each other, or of one (``other`` is then empty); what was not measured is None or empty, and ``limits`` say why.

    ``rows`` compares whole rows, ``items`` each column by itself that may repeat although rows do not (captions, images), ``drift`` the distributions; ``sizes`` are the rows of each.
    ``columns_left_out`` number the rows rather than describe them.
    """

    train: str
    other: str
    rows: Equality | None = None
    items: tuple[Equality, ...] = ()
    near: tuple[Nearness, ...] = ()
    groups: SharedGroups | None = None
    targets: tuple[TargetLeak, ...] = ()
    drift: Drift | None = None
    sizes: tuple[int, int] = (0, 0)
    batch_size: int = 0
    columns_left_out: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
