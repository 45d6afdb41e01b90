"""What experiments are made on: a model, its loss, its optimiser and one batch, whatever framework they are of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, final

from traindx.probe.batch import Array, Batch

Half = Literal["", "float16", "bfloat16"]


@final
@dataclass(frozen=True, slots=True)
class Term:
    """One term of the loss before its weight; the weight is None where it is not known."""

    name: str
    value: float
    weight: float | None = 1.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """One evaluation of the loss: the number that is differentiated, its terms, and what the model put out where that was seen."""

    total: float
    terms: tuple[Term, ...] = ()
    outputs: Mapping[str, Array] = field(default_factory=lambda: MappingProxyType({}))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """The gradient of one parameter: ``norm`` is None where none reached it."""

    name: str
    size: int
    norm: float | None
    finite: bool = True

    @property
    def rms(self) -> float:
        """The root of its mean square, 0 where there is none."""
        return 0.0 if self.norm is None else self.norm / max(self.size, 1) ** 0.5


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: its name, shape, root mean square, and whether it is trained."""

    name: str
    shape: tuple[int, ...]
    rms: float
    trainable: bool

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        size = 1
        for side in self.shape:
            size *= side
        return size


@final
@dataclass(frozen=True, slots=True)
class Moved:
    """A parameter after some steps: its root mean square before, that of the change, and the share of its numbers that changed."""

    name: str
    before: float
    change: float
    share: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one layer did with the batch.

    ``dead`` is the share of its units that are exactly 0 for every sample (None where its units may be negative), ``saturated`` the share of values
    at the end of a sigmoid's or tanh's range. ``mean``, ``deviation`` and ``largest`` are of what goes in, where it is the first layer with weights.
    """

    name: str
    units: int
    dead: float | None = None
    saturated: float | None = None
    first: bool = False
    normalises: bool = False
    mean: float = 0.0
    deviation: float = 1.0
    largest: float = 0.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The optimiser as given: learning rates now and at the top of the schedule where that is known, and which parameters it holds."""

    name: str
    rates: tuple[float, ...]
    planned: tuple[float, ...]
    held: frozenset[str]
    foreign: int

    @property
    def rate(self) -> float | None:
        """The learning rate that is meant: the planned one, or the present one."""
        return max(self.planned or self.rates, default=None)


@final
@dataclass(frozen=True, slots=True)
class Descent:
    """The losses before each step, and after the last. ``halted`` where a loss that is no number ended it."""

    losses: tuple[float, ...]
    halted: bool = False


class Subject(ABC):
    """A model, its loss and one batch. What an experiment changes, ``restore`` puts back bit by bit."""

    framework: str = ""
    name: str = ""
    batch: Batch
    without_optimizer: str = ""
    """Why there is no optimiser to look at, in words."""
    seen_outputs: Mapping[str, Array] = MappingProxyType({})
    """What the model put out last, also where the loss then failed."""
    kept_bytes: int = 0
    """What the copy for ``restore`` holds."""

    @abstractmethod
    def learn_roles(self, contrastive: bool) -> None:
        """Tell inputs, targets and masks of the batch apart; where samples are each other's negatives, places name no targets."""

    @abstractmethod
    def compute(self, batch: Batch, *, training: bool = True, seed: int = 0, half: Half = "") -> Computed:
        """Return the loss of a batch, without gradients."""

    @abstractmethod
    def slopes(
        self, batch: Batch, *, seed: int = 0, half: Half = "", term: str = ""
    ) -> tuple[Computed, tuple[Slope, ...]]:
        """Return the loss and its gradient by every trainable parameter; that of one term where it is named."""

    @abstractmethod
    def parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters as they are now, in the order of the model."""

    @abstractmethod
    def weights(self, name: str) -> Array:
        """Return the values of a parameter as they are now."""

    @abstractmethod
    def nudge(self, names: Sequence[str], share: float, seed: int) -> None:
        """Add noise to parameters: ``share`` of their root mean square, and of 1 where they are all 0."""

    @abstractmethod
    def moved(self) -> tuple[Moved, ...]:
        """Return how far each trainable parameter is from where it was given."""

    @abstractmethod
    def descend(
        self, batches: Sequence[Batch], *, rate: float, until: float, seed: int = 0, enough: float = float("-inf")
    ) -> Descent:
        """Train by Adam from here, one step on each batch, until the clock says ``until`` (of time.monotonic) or the loss is ``enough``."""

    @abstractmethod
    def rates(self) -> Rates | None:
        """Return the optimiser as given, or None where none was."""

    @abstractmethod
    def step_as_given(self, batch: Batch, *, steps: int, until: float, seed: int = 0) -> Descent:
        """Train by a copy of the given optimiser from here, as it is."""

    @abstractmethod
    def sweep(self, batch: Batch, rates: Sequence[float], *, until: float, seed: int = 0) -> Descent:
        """Train from here at these learning rates, one a step: by a copy of the given optimiser, or by Adam."""

    def layers(self, batch: Batch) -> tuple[Layer, ...] | None:
        """Return what each layer did with the batch, or None where layers cannot be watched."""
        del batch
        return None

    def borrowing(self, batch: Batch) -> tuple[str, ...] | None:
        """Return the layers that use the statistics of the batch while the model evaluates, or None where that cannot be seen."""
        del batch
        return None

    @abstractmethod
    def restore(self) -> None:
        """Put everything back as it was given, bit by bit."""
