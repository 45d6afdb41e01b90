"""From the name of a metric to words: camelCase, snake_case, paths, units, brackets and glued words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, final

from traindx.context.roles.components import NEUTRAL
from traindx.context.roles.lexicon import VOCABULARY
from traindx.context.roles.translations import to_english

LONGEST_NAME: Final = 300  # characters; what comes later in a longer name is a path or an accident
_LONGEST_GLUED: Final = 32
_SHORT_PIECES: Final = frozenset({"lr", "ep", "kl", "vf", "pg", "tr", "fg", "wd"})

_ADDED_SUFFIX: Final = re.compile(r" \[([^\[\]]*)\](?: \(\d+\))?$")
_RATE: Final = re.compile(r"(?i)/\s?(s|sec|secs|second|seconds|gpu|device)(?![A-Za-z0-9_])")
_REWRITES: Final = (
    (re.compile(r"(?i)\b(s|sec|secs|ms|seconds)/(it|iter|step|batch)\b"), r" step time \1 "),
    (re.compile(r"['’]s\b"), " "),
    (re.compile(r"%"), " percent "),
    (re.compile(r"@"), " at "),
    (re.compile(r"(?i)R²|R\^2"), " r2 "),
    (re.compile(r"(?i)\(B\)$"), ""),
    (re.compile(r"(?i)\(M\)$"), " mask"),
    (re.compile(r"(?i)\(P\)$"), " pose"),
    (re.compile(r"(?i) vs\.? .*$"), " "),
)
_SEGMENT: Final = re.compile(r"[/\\|>]|(?<=[A-Za-z0-9_)])\.(?=[A-Za-z_])|::")
_WORD: Final = re.compile(r"\d*\.\d+|\d+|[^\W\d_]+(?:\d+[^\W\d_]*)*")
_CAMEL: Final = re.compile(r"(?<=[a-z]{2})(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_NUMBERED: Final = re.compile(r"([^\W\d_]+)(\d+)([^\W\d_]*)")


@final
@dataclass(frozen=True, slots=True)
class Token:
    """One word in lower case; ``glued`` where nothing stood between it and the word before."""

    text: str
    glued: bool = False

    @property
    def is_number(self) -> bool:
        """Whether the token is a number, whole or decimal."""
        return self.text.replace(".", "", 1).isdecimal()


Segment = tuple[Token, ...]


@final
@dataclass(frozen=True, slots=True)
class Words:
    """A name as words: ``segments`` between slashes and dots, the last one first in meaning, and the added suffix."""

    segments: tuple[Segment, ...]
    suffix: str

    @property
    def key(self) -> str:
        """The name in one spelling: words joined by ``_``, segments by ``/``."""
        return "/".join(joined(segment) for segment in self.segments)


def tokenise(name: str) -> Words:
    """Return the words of ``name``; never raises, whatever the text."""
    text, suffix = _without_suffix(name[:LONGEST_NAME].strip())
    text = to_english(unicodedata.normalize("NFKC", text))
    text = _RATE.sub(lambda rate: " per device" if rate[1].lower() in {"gpu", "device"} else " per sec", text)
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    segments = (tuple(_tokens(part)) for part in _SEGMENT.split(text))
    return Words(tuple(segment for segment in segments if segment), suffix)


def joined(tokens: tuple[Token, ...]) -> str:
    """Return the words joined by ``_``, glued ones without it: ``pg0`` stays ``pg0``."""
    return "".join(("" if token.glued or not i else "_") + token.text for i, token in enumerate(tokens))


def _without_suffix(name: str) -> tuple[str, str]:
    """Take off what was added to tell two series of one name apart: ``loss [train.log]``."""
    found = _ADDED_SUFFIX.search(name)
    return (name[: found.start()], found[1]) if found else (name, "")


def _tokens(segment: str) -> Iterator[Token]:
    end = -1
    for found in _WORD.finditer(segment):
        touches = found.start() == end and _is_number(found[0])
        for i, piece in enumerate(_CAMEL.split(found[0])):
            yield from _parts(piece.lower(), glued=touches or i > 0)
        end = found.end()


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _parts(word: str, *, glued: bool) -> Iterator[Token]:
    numbered = None if word in VOCABULARY else _NUMBERED.fullmatch(word)
    if numbered is None or (numbered[3] and numbered[1] not in VOCABULARY):
        pieces = unglued(word)
    else:
        pieces = tuple(filter(None, (*unglued(numbered[1]), numbered[2], numbered[3])))
    for i, piece in enumerate(pieces):
        yield Token(piece, glued or i > 0)


def unglued(word: str) -> tuple[str, ...]:
    """Split a word written without a border, such as ``eprewmean``, where all of its pieces are known."""
    if word in VOCABULARY or not word.isascii() or not 4 < len(word) <= _LONGEST_GLUED:
        return (word,)
    if word.endswith("s") and word[:-1] in VOCABULARY:
        return (word[:-1],)
    if word.endswith("loss"):
        return (*unglued(word[:-4]), "loss")
    return _pieces(word) or (word,)


@cache
def _pieces_known() -> frozenset[str]:
    """Words that a glued name may consist of: telling ones, and of those with two letters only the usual."""
    return frozenset(word for word in VOCABULARY - NEUTRAL if len(word) > 2) | _SHORT_PIECES


@cache
def _sizes() -> tuple[int, ...]:
    return tuple(sorted({len(known) for known in _pieces_known() if known.isalpha()}, reverse=True))


def _pieces(word: str) -> tuple[str, ...] | None:
    """Return the fewest known words that make up ``word``; at most one of them may have only two letters."""
    best: list[tuple[str, ...] | None] = [None] * (len(word) + 1)
    best[0] = ()
    for end in range(2, len(word) + 1):
        for size in _sizes():
            before = best[end - size] if size <= end else None
            piece = word[end - size : end] if size <= end else ""
            if before is None or piece not in _pieces_known():
                continue
            candidate = (*before, piece)
            short = sum(len(one) == 2 for one in candidate)
            if short <= 1 and (best[end] is None or len(candidate) < len(best[end] or ())):
                best[end] = candidate
    return best[len(word)]
