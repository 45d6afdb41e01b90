"""The pages that open over the live view: help, a finding with its evidence, the whole report."""

from __future__ import annotations

from typing import ClassVar, Final, final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

HELP: Final = """\
q, Ctrl-C     quit                       ?, h         this help
j k ↓ ↑       move among the findings    1-9          go to a finding
Enter         open a finding             e            the whole report, explained
Tab           findings, chart            g G          first and last finding
n N PgDn PgUp next and previous series   [ ]          previous and next run
/             filter findings, series    Esc          close; clear the filter
y             logarithmic values         x            over steps, epochs, time
s             smoothing 0, 0.6, 0.9      b            baselines on and off
f             follow, or hold still      r            read everything afresh

Nothing here changes the run or its files."""


@final
class PageScreen(ModalScreen[None]):
    """A text that can be scrolled. Esc, q and Enter close it."""

    CSS = """
    PageScreen { align: center middle; }
    PageScreen > VerticalScroll { width: 100%; height: 100%; border: round $primary; padding: 0 1; }
    PageScreen Static { width: auto; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "close"),
        Binding("j", "scroll(1)", "down"),
        Binding("k", "scroll(-1)", "up"),
        Binding("g", "ends(False)", "top"),
        Binding("G", "ends(True)", "end"),
    ]

    def __init__(self, title: str, text: Text) -> None:
        super().__init__()
        self._heading, self._text = title, text

    def compose(self) -> ComposeResult:
        """Show the text in a frame."""
        frame = VerticalScroll(Static(self._text))
        frame.border_title = self._heading
        frame.border_subtitle = "Esc closes"
        yield frame

    def on_mount(self) -> None:
        """Take the keys that scroll."""
        _ = self.query_one(VerticalScroll).focus()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_ends(self, last: bool) -> None:
        """Go to the first or the last line."""
        frame = self.query_one(VerticalScroll)
        if last:
            frame.scroll_end(animate=False)
        else:
            frame.scroll_home(animate=False)
