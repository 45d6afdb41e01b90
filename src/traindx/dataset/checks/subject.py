"""What a check of data is asked of: the statistics of a dataset, and what was found out about it besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal, final

from traindx.dataset.annotations import Annotations, BoxShapes
from traindx.dataset.counts import ValueCounts
from traindx.dataset.pairs import Pairing
from traindx.dataset.stored import StoredStatistics
from traindx.dataset.summary import ArraySummary, ColumnSummary, Profile

Role = Literal["values", "image", "labels", "tokens", "mask", "identifier", "categories", "statistics", "boxes"]


@final
@dataclass(frozen=True, slots=True)
class ActiveShare:
    """The share of an array's entries that carry data, the rest being padding; ``how`` says how that is known."""

    share: float
    how: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The statistics of a dataset, and what was found out about it besides.

    ``roles`` says by name what each array of the profile is; ``targets`` names those that are learnt. ``stored`` are statistics that
    the file itself carries. ``active`` tells of padded arrays how much of them is data. ``labels`` and ``tokens`` are counted values;
    ``token_labels`` names the labels that are the tokens to answer, as those of a language model.
    What was not looked for is empty, and what is not known is None: a check then says nothing.
    """

    profile: Profile
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    targets: frozenset[str] = frozenset()
    stored: tuple[StoredStatistics, ...] = ()
    active: Mapping[str, ActiveShare] = field(default_factory=lambda: MappingProxyType({}))
    labels: tuple[ValueCounts, ...] = ()
    tokens: tuple[ValueCounts, ...] = ()
    token_labels: frozenset[str] = frozenset()
    boxes: tuple[BoxShapes, ...] = ()
    annotations: Annotations | None = None
    pairs: tuple[Pairing, ...] = ()
    num_classes: int | None = None
    vocab_size: int | None = None

    def of_role(self, *roles: Role) -> Iterator[ArraySummary]:
        """Yield the arrays that have one of these roles; one whose role is not known holds values."""
        return (array for array in self.profile.arrays if self.roles.get(array.name, "values") in roles)

    @property
    def class_labels(self) -> tuple[ValueCounts, ...]:
        """The labels that are classes, and not the tokens to answer."""
        return tuple(labels for labels in self.labels if labels.name not in self.token_labels)

    @property
    def answered_tokens(self) -> tuple[ValueCounts, ...]:
        """The tokens that a loss is over: the labels where they are tokens, and else the tokens themselves."""
        return tuple(labels for labels in self.labels if labels.name in self.token_labels) or self.tokens

    def is_target(self, array: ArraySummary) -> bool:
        """Whether the array is what the model learns to answer."""
        return array.name in self.targets


def columns(array: ArraySummary) -> tuple[ColumnSummary, ...]:
    """Return the summaries to look at one by one: the features, or the whole where there is one feature only."""
    return array.features if len(array.features) > 1 else (array.whole,)


def compared(array: ArraySummary, stored: StoredStatistics) -> tuple[ColumnSummary, ...]:
    """Return the summaries that stored statistics speak of: the features one by one, or the whole where one pair stands for all."""
    return array.features if max(len(stored.mean), len(stored.deviation)) > 1 else (array.whole,)


def called(array: ArraySummary, column: ColumnSummary | None = None) -> str:
    """Return the name under which a finding speaks of an array, or of one feature of it."""
    name = array.name or PurePath(array.where).name or "the array"
    if column is None or column is array.whole or len(array.features) <= 1:
        return name
    return f"{name}[{column.name}]" if column.name and column.name != array.name else name
