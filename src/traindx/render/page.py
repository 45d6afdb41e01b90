"""A page of terminal text: lines of styled text, wrapped with hanging indents, turned into one string at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import final

from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.text import Text

from traindx.render.look import STYLES, TO_ASCII, Colours, Glyphs, Look
from traindx.render.untrusted import clean, shorten

_GOES_ON = 4
_GLUE = "\ufdd0"  # a space at which no line ends: Unicode keeps this sign out of all text
_UNIT = re.compile(r"(?<=\d) (?=[%×](?:\W|$))")
Piece = tuple[str, str]  # text that may come from a log, and the name of a style


@final
@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of text at a column, with the style it wants."""

    column: int
    text: str
    style: str

    @property
    def end(self) -> int:
        """The first column after the text."""
        return self.column + cell_len(self.text)


@cache
def _style(name: str, colours: Colours | None) -> str:
    """Return a style in the colours of one kind of terminal.

    rich keeps how a style was first written and shares it between consoles: one that is told in the colours of its own terminal
    is never written in those of another.
    """
    words = STYLES.get(name, "").split()
    if colours not in ("standard", "256"):
        return " ".join(words)
    system = ColorSystem.STANDARD if colours == "standard" else ColorSystem.EIGHT_BIT
    nearest = [f"color({Color.parse(word).downgrade(system).number})" if word[0] == "#" else word for word in words]
    return " ".join(nearest)


@final
class Page:
    """Collects lines and renders them for one look. All text is cleaned on its way in; none is read as markup."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.glyphs: Glyphs = look.glyphs
        self._lines: list[Text] = []
        self._console = Console(
            file=StringIO(),
            width=max(look.width, 20),
            color_system=look.colours,
            force_terminal=look.colours is not None,
            no_color=look.colours is None,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
            _environ={},
        )

    def text(self, *pieces: Piece) -> Text:
        """Return styled text of cleaned pieces."""
        made = Text()
        for words, style in pieces:
            shown = clean(words)
            made.append(shown if self.look.unicode else shown.translate(TO_ASCII), _style(style, self.look.colours))
        return made

    def blank(self) -> None:
        """Add an empty line, never two."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Text())

    def whole(self, *pieces: Piece) -> None:
        """Add one line that stays one line however long it is, for programs that read lines."""
        self._lines.append(self.text(*pieces))

    def row(self, *pieces: Piece) -> None:
        """Add one line; where it is too long it goes on in lines indented by four."""
        line = self.text(*pieces)
        if line.cell_len <= self._console.width:
            self._lines.append(line)
            return
        first, *rest = self._wrapped(line, self._console.width - _GOES_ON)
        self._lines += [first, *(Text(" " * _GOES_ON) + part for part in rest)]

    def _wrapped(self, text: Text, width: int) -> list[Text]:
        """Lines of words, with a number and its sign of per cent or of times never parted."""
        text.plain = _UNIT.sub(_GLUE, text.plain)
        lines = list(text.wrap(self._console, width))
        for line in lines:
            line.plain = line.plain.replace(_GLUE, " ")
        return lines

    def placed(self, row: Sequence[Placed], *, indent: int) -> None:
        """Add pieces that know their columns, in order, all moved right by ``indent``."""
        pieces: list[Piece] = []
        at = -indent
        for one in row:
            pieces += [(" " * (one.column - at), ""), (one.text, one.style)]
            at = one.end
        self.row(*pieces)

    def hang(self, lead: tuple[Piece, ...], *body: Piece, indent: int, right: str = "") -> None:
        """Add ``body`` wrapped beside ``lead``, later lines indented; ``right`` stands at the first line's far end."""
        width = max(self._console.width - indent - (cell_len(right) + 2 if right else 0), 12)
        wrapped = self._wrapped(self.text(*body), width)
        first = self.text(*lead)
        first.append(" " * max(indent - first.cell_len, 0))
        for position, line in enumerate(wrapped or [Text()]):
            line.rstrip()
            self._lines.append((first if position == 0 else Text(" " * indent)) + line)
        if right:
            self._to_the_right(self._lines[-max(len(wrapped), 1)], right)

    def _to_the_right(self, line: Text, right: str) -> None:
        line.append(" " * max(self._console.width - line.cell_len - cell_len(right), 2))
        line.append(right, _style("quiet", self.look.colours))

    def heading(self, title: str, right: str = "") -> None:
        """Add a heading: a ruled line, or a plain line with a colon where drawings are not wanted."""
        self.blank()
        if self.look.plain:
            self.row((title + (f" ({right})" if right else "") + ":", "heading"))
            return
        line, width = self.glyphs.line, self._console.width
        right = shorten(right, max(width - len(title) - 9, 0), self.glyphs.cut)
        start = self.text((line * 2 + " ", "quiet"), (title, "heading"), (" ", ""))
        end = self.text((f" {right} " if right else "", ""), (line * 2, "quiet"))
        start.append(line * max(width - start.cell_len - end.cell_len, 1), _style("quiet", self.look.colours))
        self._lines.append(start + end)

    def string(self) -> str:
        """Return the whole page, ending in a newline."""
        with self._console.capture() as got:
            for line in self._lines:
                line.rstrip()
                self._console.print(line, soft_wrap=True)
        return got.get()
