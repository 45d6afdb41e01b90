"""The look of terminal output, from flags, environment and stream."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from traindx.render import carries_drawings, encoding_of, wants_colour, width_of

if TYPE_CHECKING:
    from traindx.render import Look
    from traindx.render.look import Colours


def look_for(*, colour: bool | None = None, plain: bool = False, output: Path | None = None) -> Look:
    """Return the look for standard output, or for a file: 80 columns, UTF-8 and no colour unless asked for."""
    from traindx.render import Look

    terminal = output is None and sys.stdout.isatty()
    coloured = wants_colour(colour, os.environ if output is None else {}, terminal=terminal)
    return Look(
        width=width_of(os.environ, sys.stdout, terminal=terminal),
        colours=_depth() if coloured else None,
        unicode=output is not None or carries_drawings(encoding_of(sys.stdout)),
        plain=plain,
    )


def _depth() -> Colours:
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "truecolor"
    return "256" if "256" in os.environ.get("TERM", "") else "standard"
