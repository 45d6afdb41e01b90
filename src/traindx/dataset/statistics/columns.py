"""What is to be measured of which array, and the state that measures it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource, has_numba
from traindx.dataset.statistics.images import ImageState
from traindx.dataset.statistics.numbers import features_of
from traindx.dataset.statistics.numeric import NumberState
from traindx.dataset.statistics.plan import Plan
from traindx.dataset.statistics.texts import TextState
from traindx.dataset.statistics.tokens import TokenState
from traindx.errors import UsageError

State = NumberState | TextState | TokenState | ImageState
FEATURES_KEPT: Final = 1 << 17
"""Features that are measured one by one: 12 MB of state in each block. An array of more is measured as one."""
_OBJECT_BYTES: Final = {"text": 256, "bytes": 256, "list": 4096, "image": 1 << 19}  # what a row may take, roughly


@final
@dataclass(frozen=True, slots=True)
class Column:
    """An array to be measured: with histograms where it has a ``plan``, under the mask, and by so many ``groups`` (0: not)."""

    source: ArraySource
    plan: Plan | None = None
    masked: bool = False
    groups: int = 0
    by_machine_code: bool = True
    """Worth it where there is so much to measure that compiling it (seconds, once an installation) pays."""

    @property
    def features(self) -> int:
        """How many features are told apart."""
        features = features_of(self.source.shape)
        return features if features <= FEATURES_KEPT else 1

    @property
    def row_bytes(self) -> int:
        """How much memory a row takes; a guess for rows that are objects."""
        return max(1, _OBJECT_BYTES.get(self.source.kind, self.source.row_bytes))

    def new_state(self) -> State:
        """Return the state of no rows."""
        if self.source.kind == "number":
            return NumberState(
                self.features, plan=self.plan, groups=self.groups, use_numba=has_numba() and self.by_machine_code
            )
        if self.source.kind == "list":
            return TokenState()
        return ImageState() if self.source.kind == "image" else TextState()

    def update(
        self,
        state: State,
        block: NDArray[Any],
        mask: NDArray[np.bool_] | None,
        ids: NDArray[np.int64] | None,
        start: int,
    ) -> None:
        """Let ``state`` take in a block that begins with row ``start``."""
        if isinstance(state, NumberState):
            tall = block if features_of(block.shape) == self.features else block.reshape(*block.shape, 1)
            state.update(tall, mask, ids, start=start)
        else:
            state.update(block, mask)

    def restored(self, data: bytes) -> State:
        """Return the state that such a state's ``to_bytes`` wrote."""
        return type(self.new_state()).from_bytes(data)


def merge_into(state: State, other: State) -> None:
    """Let ``state`` take in what ``other`` saw of later rows of the same column."""
    if type(state) is not type(other):
        raise UsageError("states of two kinds do not merge")
    cast("Any", state).merge(other)
