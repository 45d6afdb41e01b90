"""The keys of the live view and its layout: tables, apart from what they do."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

WIDEST: Final = 400  # columns of a terminal that a bar is made for
KEY_BAR: Final = " q quit  ? keys  Enter open  e explain  / filter  n series  y log  s smooth"

KEYS: Final[list[BindingType]] = [
    Binding("q,ctrl+c", "quit_view", "quit"),
    Binding("question_mark,h", "help", "help"),
    Binding("slash", "filter", "filter"),
    Binding("escape", "clear", "clear"),
    Binding("j,down", "move(1)", "down"),
    Binding("k,up", "move(-1)", "up"),
    Binding("enter", "open", "open"),
    Binding("g", "ends(False)", "first"),
    Binding("G", "ends(True)", "last"),
    Binding("n,pagedown", "series(1)", "next series"),
    Binding("N,pageup", "series(-1)", "previous series"),
    Binding("right_square_bracket", "run(1)", "next run"),
    Binding("left_square_bracket", "run(-1)", "previous run"),
    Binding("y", "log", "log"),
    Binding("x", "axis", "axis"),
    Binding("s", "smooth", "smooth"),
    Binding("b", "baselines", "baselines"),
    Binding("e", "explain", "explain"),
    Binding("f", "follow", "follow"),
    Binding("r", "reload", "reload"),
    *(Binding(str(place), f"jump({place})", show=False) for place in range(1, 10)),
]

LAYOUT: Final = """
Screen { layout: vertical; overflow: hidden; }
Static { height: auto; width: 100%; }
#title, #keys { height: 1; }
#title, #keys { text-style: reverse; }
#verdict { max-height: 7; }
#title, #keys { text-wrap: nowrap; }
#ruler { max-height: 5; }
#findings { height: auto; max-height: 6; border: none; padding: 0; background: transparent; }
#findings > .option-list--option { padding: 0; }
#chart { height: 1fr; min-height: 4; }
#chart:focus { text-style: bold; }
#forecast { max-height: 2; }
#query { height: 1; border: none; padding: 0; display: none; }
"""
