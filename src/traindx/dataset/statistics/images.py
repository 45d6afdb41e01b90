"""What is measured of a column of images: their sizes, and the pixels of each channel."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.features import column_summaries
from traindx.dataset.statistics.fields import Floats
from traindx.dataset.statistics.moments import Moments
from traindx.dataset.statistics.numbers import measured_type, observations
from traindx.dataset.statistics.tiles import merge
from traindx.dataset.statistics.wire import from_array, pack, to_array, unpack
from traindx.dataset.summary import ImageSummary

_SIZES: Final = (
    4096  # different sizes that are told apart; the images of further sizes are counted under (0, 0, channels)
)
_CHANNELS: Final = 16  # as many channels as an image may have whose pixels are measured


@final
class ImageState:
    """Sizes, and pixel moments for each number of channels that occurs."""

    __slots__ = ("images", "pixels", "sizes")

    def __init__(self) -> None:
        self.images = 0
        self.sizes: Counter[tuple[int, int, int]] = Counter()
        self.pixels: dict[int, Floats] = {}

    def update(self, block: NDArray[Any], mask: NDArray[np.bool_] | None = None) -> None:
        """Take in rows that each hold an image (height, width) or (height, width, channels)."""
        pixels: dict[int, list[NDArray[Any]]] = {}
        for row in block if mask is None else block[mask]:
            image = np.asarray(row)
            if image.ndim not in {2, 3} or not measured_type(image.dtype):
                continue
            image = image[:, :, None] if image.ndim == 2 else image
            height, width, channels = image.shape
            self.images += 1
            self._add(Counter({(height, width, channels): 1}))
            if image.size and channels <= _CHANNELS:
                pixels.setdefault(channels, []).append(observations(image))
        for channels, rows in pixels.items():
            moments = Moments(channels, use_numba=False)
            moments.update(np.concatenate(rows))
            self._add_pixels(moments.state())

    def merge(self, other: ImageState) -> None:
        """Take in what another state saw of later rows."""
        self.images += other.images
        self._add(other.sizes)
        for state in other.pixels.values():
            self._add_pixels(state)

    def state(self) -> Floats | None:
        """Return the pixel moments (fields, channels) of the images that have as many channels as most do."""
        return self.pixels.get(self._usual())

    def summary(self) -> ImageSummary:
        """Return what was measured as plain values."""
        state, usual = self.state(), self._usual()
        return ImageSummary(
            images=self.images,
            sizes=tuple(sorted(self.sizes.items(), key=lambda one: (-one[1], one[0]))),
            channels=() if state is None else column_summaries(state),
            other_channels=sum(count for size, count in self.sizes.items() if size[2] != usual),
        )

    def to_bytes(self) -> bytes:
        """Return the state as bytes."""
        return pack(
            {
                "what": "images",
                "images": self.images,
                "sizes": [[*size, count] for size, count in self.sizes.items()],
                "pixels": [[channels, from_array(state)] for channels, state in self.pixels.items()],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> ImageState:
        """Return the state that ``to_bytes`` wrote."""
        found, state = unpack(data, "images"), cls()
        state.images = int(found["images"])
        state.sizes = Counter({(height, width, channels): count for height, width, channels, count in found["sizes"]})
        state.pixels = {channels: to_array(pixels) for channels, pixels in found["pixels"]}
        return state

    def _usual(self) -> int:
        by_channels: Counter[int] = Counter()
        for size, count in self.sizes.items():
            by_channels[size[2]] += count
        return max(by_channels, key=lambda channels: (by_channels[channels], -channels), default=0)

    def _add_pixels(self, state: Floats) -> None:
        channels = state.shape[1]
        known = self.pixels.get(channels)
        self.pixels[channels] = state if known is None else merge(known[None], state[None])[0]

    def _add(self, sizes: Counter[tuple[int, int, int]]) -> None:
        for size, count in sizes.items():
            known = size if size in self.sizes or len(self.sizes) < _SIZES else (0, 0, size[2])
            self.sizes[known] += count
