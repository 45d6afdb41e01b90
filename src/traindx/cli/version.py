"""``traindx version``."""

from __future__ import annotations

import click

from traindx import __version__
from traindx.cli.streams import write_text


@click.command()
def version() -> None:
    """Print the version."""
    write_text(f"traindx {__version__}\n")
