"""How terminal text is to look: width, colour, glyphs. Decided outside, so that renderers stay pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

Colours = Literal["standard", "256", "truecolor"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """The signs of one character set."""

    error: str
    warning: str
    info: str
    ok: str
    unsure: str
    line: str
    left: str
    right: str
    tick: str
    leader: str
    now: str
    best: str
    dot: str
    dash: str
    cut: str
    gap: str


UNICODE = Glyphs(
    error="✖",
    warning="▲",
    info="●",
    ok="✔",
    unsure="?",
    line="─",
    left="├",
    right="┤",
    tick="┼",
    leader="│",
    now="●",
    best="◆",
    dot="·",
    dash="–",
    cut="…",
    gap="┄",
)
ASCII = Glyphs(
    error="x",
    warning="!",
    info="i",
    ok="ok",
    unsure="?",
    line="-",
    left="|",
    right="|",
    tick="+",
    leader="|",
    now="o",
    best="*",
    dot="-",
    dash="-",
    cut="...",
    gap=".",
)

# Signs that findings use, for streams that cannot carry them; whatever remains becomes "?".
TO_ASCII = str.maketrans(
    {
        "…": "...",
        "–": "-",
        "—": "-",
        "−": "-",
        "·": "-",
        "×": "x",
        "±": "+-",
        "→": "->",
        "←": "<-",
        "≈": "~",
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "²": "^2",
        "√": "sqrt ",
        "σ": "sigma",
        "µ": "u",
        "\N{REPLACEMENT CHARACTER}": "?",
    }
)

# Okabe and Ito's palette: told apart by every kind of colour vision. Meaning never rests on colour alone.
STYLES = {
    "error": "bold #D55E00",
    "warning": "bold #E69F00",
    "info": "bold #56B4E9",
    "ok": "bold #009E73",
    "unsure": "bold #CC79A7",
    "heading": "bold",
    "quiet": "dim",
    "code": "bold",
    "command": "#56B4E9",
    "now": "bold #56B4E9",
    "best": "#009E73",
    "plain": "",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a report is to look in a terminal.

    ``colours`` is None for none; ``unicode`` is False where the stream can carry only ASCII for sure; ``plain`` leaves
    out drawings, for screen readers. ``explain`` are prefixes of rule codes whose findings are told in full.
    """

    width: int = 80
    colours: Colours | None = None
    unicode: bool = True
    plain: bool = False
    show_evidence: bool = False
    show_why: bool = False
    max_findings: int = 5
    explain: tuple[str, ...] = ()
    detail: int = 0

    @property
    def glyphs(self) -> Glyphs:
        """The signs to draw with."""
        return UNICODE if self.unicode else ASCII
