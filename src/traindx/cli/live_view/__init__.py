"""The live view of a run in a terminal. Importing it needs textual."""

from traindx.cli.live_view.app import LiveView, show

__all__ = ["LiveView", "show"]
