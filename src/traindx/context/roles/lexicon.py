"""Every phrase that the tables know, and what it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, final

from traindx.context.roles.components import NEUTRAL, TERMS, TOTALS
from traindx.context.roles.families import FAMILY_PHRASES, LONE_TERMS
from traindx.context.roles.kinds import KINDS
from traindx.context.roles.splits import DIRECTIONS, SETS, SPLITS, STATISTICS, UNITS, WEIGHTED

Sort = Literal["kind", "term", "split", "statistic", "weighted", "unit", "direction", "neutral", "cut", "set"]


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase stands for: ``value`` is the kind, the split, the statistic, ... that ``sort`` says."""

    sort: Sort
    value: str


def _entries() -> Iterator[tuple[str, Entry]]:
    """Yield phrases, the later ones overruling the earlier."""
    yield from ((word, Entry("neutral", word)) for word in NEUTRAL)
    yield from ((phrase, Entry("unit", unit)) for phrase, unit in UNITS.items())
    yield from ((phrase, Entry("term", term)) for phrase, term in LONE_TERMS.items())
    for kind in KINDS.values():
        yield from ((phrase, Entry("kind", kind.name)) for phrase in kind.phrases.split("|") if phrase)
    yield from ((phrase, Entry("statistic", statistic)) for phrase, statistic in STATISTICS.items())
    yield from ((phrase, Entry("weighted", str(weighted))) for phrase, weighted in WEIGHTED.items())
    yield from ((phrase, Entry("direction", way)) for phrase, way in DIRECTIONS.items())
    yield from ((word, Entry("split", split)) for word, split in SPLITS.items())
    yield from ((phrase, Entry("set", name)) for phrase, name in SETS.items())
    yield from (("at #", Entry("cut", "")), ("top #", Entry("cut", "accuracy")))


LEXICON: Final[Mapping[tuple[str, ...], Entry]] = MappingProxyType(
    {tuple(phrase.split()): entry for phrase, entry in _entries()}
)

LONGEST: Final = max(map(len, LEXICON))

VOCABULARY: Final[frozenset[str]] = frozenset(
    # Words, for splitting what was written without a border.
    word
    for phrase in (*LEXICON, *FAMILY_PHRASES, *((term,) for term in (*TERMS, *TOTALS)))
    for word in phrase
    if word != "#" and len(word) > 1
)
