"""What the phrases in one segment of a name mean, and which of them is its head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

from traindx.context.roles.kinds import KINDS
from traindx.context.roles.lexicon import LEXICON, LONGEST, Entry, Sort
from traindx.context.roles.tokenise import Segment, Token

_AFTER_LOSS: Final = frozenset(
    # "loss_weight" is no loss, "weight_loss" is one.
    {
        "loss_weight",
        "wall_time",
        "step_time",
        "count",
        "throughput",
        "memory",
        "version",
        "patience",
        "perplexity",
        "loss_scale",
        "loss_change",
    }
)


@final
@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found at the tokens ``start`` to ``end`` (exclusive), and the number in it."""

    start: int
    end: int
    entry: Entry
    number: float | None = None


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """One segment with its phrases; ``head`` is the phrase that says which kind it is."""

    tokens: Segment
    matches: tuple[Match, ...]
    head: Match | None

    @property
    def kind(self) -> str | None:
        """The kind that the head stands for: a lone term of a loss is a loss."""
        if self.head is None:
            return None
        return "loss" if self.head.entry.sort == "term" else self.head.entry.value

    def of(self, sort: Sort) -> list[Match]:
        """Return the phrases of one sort, in the order of the name."""
        return [match for match in self.matches if match.entry.sort == sort]


def read_segment(tokens: Segment) -> Reading:
    """Find the phrases of a segment, the longest first from the left, and its head."""
    matches = tuple(_matches(tokens))
    return Reading(tokens, matches, _head(matches))


def _matches(tokens: Segment) -> Iterator[Match]:
    start = 0
    while start < len(tokens):
        match = _longest(tokens, start)
        if match:
            yield match
        start = match.end if match else start + 1


def _longest(tokens: Segment, start: int) -> Match | None:
    for end in range(min(len(tokens), start + LONGEST), start, -1):
        words = tokens[start:end]
        if entry := LEXICON.get(tuple(word.text for word in words)):
            return Match(start, end, entry)
        numbers = [word for word in words if word.is_number]
        if numbers and (entry := LEXICON.get(tuple("#" if word.is_number else word.text for word in words))):
            return Match(start, end, entry, _number(numbers[0]))
    return None


def _number(token: Token) -> float:
    return float(token.text)


def _head(matches: tuple[Match, ...]) -> Match | None:
    kinds = [match for match in matches if match.entry.sort == "kind"]
    losses = [match for match in kinds if match.entry.value == "loss"]
    if losses:
        after = [match for match in kinds if match.start > losses[-1].start and match.entry.value in _AFTER_LOSS]
        return after[-1] if after else losses[-1]
    if kinds and kinds[0].entry.value == "count" and _opens(kinds[0], matches):
        return kinds[0]
    normal = [match for match in kinds if KINDS[match.entry.value].strength == "normal"]
    terms = [match for match in matches if match.entry.sort == "term"]
    cuts = [match for match in matches if match.entry.sort == "cut" and match.entry.value]
    return next((group[-1] for group in (normal, terms, kinds, cuts) if group), None)


def _opens(match: Match, matches: tuple[Match, ...]) -> bool:
    """Whether nothing but splits and empty words stand before: ``num_correct`` is a count, ``reward_count`` too."""
    return all(other.entry.sort in {"split", "neutral"} for other in matches if other.start < match.start)
