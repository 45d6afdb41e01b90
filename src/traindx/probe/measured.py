"""What the experiments found, as plain numbers: checks look at nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, final

from traindx.probe.batch import Batch
from traindx.probe.candidates import Candidate
from traindx.probe.subject import Computed, Descent, Layer, Moved, Parameter, Rates, Slope
from traindx.probe.told import Levels, Told


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The loss at the very first step: as computed, what it was recognised as, or how it failed.

    ``classes`` is over how many the model chooses, where outputs and labels show it.
    """

    computed: Computed | None = None
    recognised: Candidate | None = None
    failure: str = ""
    classes: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TermSlopes:
    """How long the gradient of each term is, before its weight."""

    norms: tuple[tuple[str, float], ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Parameters of one layer that no gradient reached, at first and after a few steps.

    ``moved`` is by how much the loss changed when they were nudged: if it did, they matter and are cut off.
    """

    layer: str
    names: tuple[str, ...]
    share: float
    moved: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Gradients at the start and after ``steps`` small steps, and the parameters that they never reached."""

    first: tuple[Slope, ...]
    later: tuple[Slope, ...]
    silent: tuple[Silent, ...]
    parameters: tuple[Parameter, ...]
    equal_rows: tuple[str, ...]
    steps: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Doubling:
    """The loss of the batch, that of the batch with every sample twice, and by how much either moves by luck alone."""

    once: float
    twice: float
    noise: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """Training against evaluation: losses, whether evaluation repeats itself, and whether samples see each other there.

    ``apart`` is the largest difference between a sample's outputs alone with half of the batch and in the whole of it, in units of their
    spread; None where outputs were not seen. ``borrowing`` are layers that use the batch's statistics at evaluation.
    """

    training: float
    evaluation: float
    repeated: float
    reseeded: float
    apart: float | None
    borrowing: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Padding:
    """The loss before and after the contents of padded positions were changed.

    ``what`` was changed, ``share`` of the positions are padding, ``known`` says whether a mask tells so or the values do.
    """

    what: str
    share: float
    before: float
    after: float
    known: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """The loss and the number of parameters with a gradient that is no number, in one half-precision format."""

    kind: str
    full: float
    half: float
    broken: tuple[str, ...]
    told: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """The first real steps of the optimiser: the descent, what the first one did to each parameter, and which had a gradient."""

    rates: Rates
    descent: Descent
    moved: tuple[Moved, ...]
    sloping: frozenset[str]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One batch learnt by heart, then looked at.

    ``descent`` is the best of several learning rates, ``rate``. ``evaluated`` is the loss afterwards in evaluation mode, ``mismatched`` that with every
    sample given another one's target (None where there are no targets), ``again`` what the loss was recognised as then.
    """

    descent: Descent
    rate: float
    end: float
    evaluated: float
    mismatched: float | None
    different: float
    again: Candidate | None
    levels: Levels
    rushed: bool
    layers: tuple[Layer, ...] | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """The same fit with nothing to see: constant inputs. What is reached then is what knowing nothing of the input is worth.

    ``single`` says whether every sample has one target of its own: then the trivial level is the best that can be reached.
    """

    descent: Descent
    end: float
    single: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """A model of tokens trained on a chain whose entropy is known for every distance.

    ``reached`` is where the loss ended, ``levels`` what predicting 1, 2, 3 tokens ahead costs at best.
    """

    reached: float
    start: float
    falling: float
    levels: tuple[float, ...]
    steps: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A learning rate that grows from step to step: rates, losses, and the range that is worth using."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    low: float
    high: float
    diverges: float | None
    own: bool


Field = Literal[
    "batch",
    "start",
    "levels",
    "layers",
    "flow",
    "term_slopes",
    "rates",
    "doubling",
    "modes",
    "padding",
    "precision",
    "movement",
    "fit",
    "blank",
    "alignment",
    "sweep",
]


@final
@dataclass(slots=True, kw_only=True)
class Measured:
    """Everything that is known so far. An experiment that was left out leaves None."""

    batch: Batch
    told: Told
    parameters: tuple[Parameter, ...] = ()
    start: Start | None = None
    levels: Levels | None = None
    layers: tuple[Layer, ...] | None = None
    flow: Flow | None = None
    term_slopes: TermSlopes | None = None
    rates: Rates | None = None
    doubling: Doubling | None = None
    modes: Modes | None = None
    padding: Padding | None = None
    precision: tuple[Precision, ...] | None = None
    movement: Movement | None = None
    fit: Fit | None = None
    blank: Blank | None = None
    alignment: Alignment | None = None
    sweep: Sweep | None = None
    seconds: dict[str, float] = field(default_factory=dict[str, float])
