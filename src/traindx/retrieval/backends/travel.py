"""What goes to another process: a path costs nothing, an array its bytes."""

from __future__ import annotations

import pickle

from traindx.arrays import ArraySource


def travels_light(source: ArraySource) -> bool:
    """Return whether a source is sent without its rows: it holds no array, only the way to one.

    The source is written as it would be sent, arrays aside and not copied; nothing is ever loaded.
    """
    held: list[pickle.PickleBuffer] = []
    light = pickle.dumps(source, protocol=5, buffer_callback=held.append)
    return not held and len(light) < source.row_bytes * len(source)
