"""All numbers of many lines of one form at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from traindx.readers.text.grammar import shape_of
from traindx.readers.text.lexer import NUMBER_PIECES
from traindx.readers.text.shape import Shape
from traindx.run import Floats

NUMERIC: Final = b"0123456789.+-eE"
_TO_SPACE: Final = bytes(byte if byte in NUMERIC else 32 for byte in range(256))
_TO_ZERO: Final = bytes(48 if 48 <= byte < 58 else byte for byte in range(256))
_HAZARD: Final = re.compile(rb"[0-9.+\-eE]")
_HARMLESS: Final = re.compile(rb"[^0-9.+\-eE]")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A line template: the text between its numbers, what it says, and what stands before its message.

    ``cut`` is where the message begins, in bytes; ``leading`` are the places of the numbers before it.
    """

    literals: tuple[bytes, ...]
    shape: Shape
    prefix: bytes
    leading: tuple[tuple[int, int], ...]


def form_of(raw: bytes) -> Form:
    """Return the form of one line."""
    pieces = NUMBER_PIECES.split(raw)
    text = raw.decode("utf-8", "replace")
    shape = shape_of(text)
    cut = len(text[: shape.start].encode("utf-8", "replace")) if shape.clock else 0
    spans: list[tuple[int, int]] = []
    at = 0
    for index, piece in enumerate(pieces):
        if index % 2 and at < cut:
            spans.append((at, at + len(piece)))
            cut = max(cut, at + len(piece))  # a prefix never ends inside a number
        at += len(piece)
    return Form(tuple(pieces[::2]), shape, raw[:cut], tuple(spans))


def fast_columns(raws: Sequence[bytes], form: Form, needed: Sequence[int]) -> dict[int, Floats] | None:
    """Blank everything but the numbers, and read them all; None where that is not certain to give the same numbers."""
    lead = len(form.leading)
    width = len(form.literals) - 1 - lead
    head = _clock_columns(raws, form, [column for column in needed if column < lead]) if form.prefix else {}
    if head is None or width == 0:
        return head
    tokens = _tokens(raws, form, lead)
    if tokens is None or len(tokens) != width * len(raws):
        return None
    try:
        return head | {column: _array(tokens[column - lead :: width]) for column in needed if column >= lead}
    except ValueError:
        return None


def _tokens(raws: Sequence[bytes], form: Form, lead: int) -> list[bytes] | None:
    cut = len(form.prefix)
    first = b"".join(_interleaved(form, lead))[cut:]
    between = [*form.literals[lead + 1 : -1], form.literals[-1] + b"\n" + first]
    hazards = sorted({piece for piece in between if _HAZARD.search(piece)}, key=len, reverse=True)
    if any(_HARMLESS.search(piece) is None for piece in hazards):
        return None
    body = b"\n".join([raw[cut:] for raw in raws]) if cut else b"\n".join(raws)
    joined = b"".join((form.literals[-1], b"\n", body, b"\n", first))
    for piece in hazards:
        joined = joined.replace(piece, b" ")
    return joined.translate(_TO_SPACE).split()


def _interleaved(form: Form, lead: int) -> list[bytes]:
    """The text up to the first number of the message, with the numbers before it as they stand in the prefix."""
    pieces: list[bytes] = []
    for index in range(lead):
        start, end = form.leading[index]
        pieces += [form.literals[index], b"0" * (end - start)]
    return [*pieces, form.literals[lead]]


def _clock_columns(raws: Sequence[bytes], form: Form, needed: Sequence[int]) -> dict[int, Floats] | None:
    """Read the clock by fixed places, where all prefixes agree but in their digits."""
    cut = len(form.prefix)
    block = b"".join([raw[:cut] for raw in raws])
    if block.translate(_TO_ZERO) != form.prefix.translate(_TO_ZERO) * len(raws):
        return None
    letters = np.frombuffer(block, dtype=np.uint8).reshape(len(raws), cut)
    fixed = _named_digits(form)  # [rank0] and [rank1] differ in what is no number
    if fixed and bool((letters[:, fixed] != np.frombuffer(form.prefix, dtype=np.uint8)[fixed]).any()):
        return None
    return {column: _digits(letters, form.prefix, form.leading[column]) for column in needed}


def _named_digits(form: Form) -> list[int]:
    """The places of the prefix whose digits belong to a name, not to a number."""
    numbers = {at for span in form.leading for at in range(*span)}
    return [at for at, letter in enumerate(form.prefix) if 48 <= letter < 58 and at not in numbers]


def _digits(letters: np.ndarray, prefix: bytes, span: tuple[int, int]) -> Floats:
    value = np.zeros(len(letters))
    places, fraction = 0, False
    for at in range(*span):
        if 48 <= prefix[at] < 58:
            value = value * 10 + (letters[:, at] - 48.0)
            places += fraction
        fraction = fraction or prefix[at] == 46
    return value / 10.0**places


def _array(tokens: list[bytes]) -> Floats:
    return np.fromiter(map(float, tokens), dtype=np.float64, count=len(tokens))
