"""Images as arrays (height, width, channels), decoded by Pillow when they are asked for; none that would swell beyond a limit."""

from __future__ import annotations

import io
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import guarded, library
from traindx.errors import UnreadableDataError

SUFFIXES: Final = frozenset({"jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff", "ppm", "pgm"})
_MOST_PIXELS: Final = 100_000_000  # 300 MB of colour: larger ones are scans, or bombs that were packed into a few kB
_KEPT_MODES: Final = frozenset({"L", "RGB", "RGBA", "I;16", "I", "F"})


def image_of(data: bytes, where: str) -> NDArray[Any]:
    """Return the pixels of an encoded image: uint8 but for deeper ones, at least one channel. Raises ``UnreadableDataError``."""
    pillow = library("PIL.Image", "reading images")
    with (
        _told_shortly(pillow.UnidentifiedImageError, where),
        guarded("is no image that can be decoded", where, pillow.DecompressionBombError),
        warnings.catch_warnings(action="ignore"),
        pillow.open(io.BytesIO(data)) as image,
    ):
        width, height = image.size
        _check_size(width, height, where)
        image.load()
        plain = image if image.mode in _KEPT_MODES else image.convert("RGB")
        pixels = np.asarray(plain)
        return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


@contextmanager
def _told_shortly(unknown: type[Exception], where: str) -> Generator[None]:
    """Say of bytes of no known format only that: Pillow's own words name an object in memory."""
    try:
        yield
    except UnreadableDataError as error:
        if isinstance(error.__cause__, unknown):
            raise UnreadableDataError("is no image of a known format", where=where) from error
        raise


def _check_size(width: int, height: int, where: str) -> None:
    if width * height > _MOST_PIXELS:
        raise UnreadableDataError(
            f"an image of {width:,} by {height:,} pixels, more than {_MOST_PIXELS:,}",
            where=where,
            hint="make it smaller",
        )
