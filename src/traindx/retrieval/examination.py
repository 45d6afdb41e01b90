"""What is measured of the embeddings themselves, and the answers of all checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.diagnosis import Finding, Severity
from traindx.retrieval.ceiling import Ceiling, ceiling
from traindx.retrieval.checks import EMBEDDING_CHECKS, Agreement, Retrieval
from traindx.retrieval.embeddings import Embeddings, embeddings
from traindx.retrieval.geometry import gap, geometry, sample
from traindx.retrieval.hubs import hubs
from traindx.retrieval.identical import identical_groups, with_identical_items
from traindx.retrieval.nearest import Shift, nearest, shift
from traindx.retrieval.rank import Right, Table, relevance_of
from traindx.retrieval.ranking import Similarity
from traindx.retrieval.relevance import Relevance

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_LEVEL_SPREAD = 1e-3  # lengths that differ by less cannot reorder what cosines part
_HUB_QUERIES = 1024
_HANDFUL = 4


@final
@dataclass(frozen=True, slots=True)
class Sides:
    """Queries and gallery, looked at, and which rows belong together."""

    queries: Embeddings
    items: Embeddings
    relevance: Relevance

    def ceilings(self, cuts: tuple[int, ...]) -> tuple[Ceiling, Ceiling]:
        """Return what identical rows allow at best, there and back."""
        one, other = _repeated(self.queries), _repeated(self.items)
        query, item = self.relevance.query, self.relevance.item
        return ceiling(one, other, query, item, cuts), ceiling(other, one, item, query, cuts)


def _repeated(side: Embeddings) -> NDArray[np.int64]:
    """Labels of identical rows; every row its own where most are one row, which is a collapse of the encoder and no ceiling of the data."""
    labels = identical_groups(side)
    collapsed = 2 * int(np.bincount(labels).max()) > len(side) > _HANDFUL
    return np.arange(len(side), dtype=np.int64) if collapsed else labels


def sides_of(
    queries: Table, gallery: Table, relevant: Right | None, similarity: Similarity, *, duplicates: bool
) -> Sides:
    """Return both sides; with ``duplicates``, rows identical to a right one are right too, on either side."""
    left, right = embeddings(queries, similarity, what="queries"), embeddings(gallery, similarity, what="gallery")
    relevance = relevance_of(relevant, len(left), len(right))
    if duplicates:
        wider = with_identical_items(relevance, right)
        relevance = with_identical_items(wider.turned(), left).turned()
    return Sides(left, right, relevance)


def examined(ranks: Retrieval, sides: Sides) -> Retrieval:
    """Return the ranks with everything that samples of both sides say of the embeddings."""
    (_, queries), (_, items) = sample(sides.queries), sample(sides.items)
    offset, agreement = _looked_up(sides)
    return replace(
        ranks,
        queries=geometry(sides.queries, queries),
        items=geometry(sides.items, items),
        gap=gap(queries, items),
        hubs=hubs(queries[:_HUB_QUERIES], items),
        shift=offset,
        agreement=agreement,
    )


def _looked_up(sides: Sides) -> tuple[Shift | None, Agreement | None]:
    """What a sample of queries puts first: how far from its own row, and how right by either similarity."""
    found, relevance = nearest(sides.queries, sides.items), sides.relevance
    keys = relevance.query * relevance.items + relevance.item
    by_cosine, by_dot = (np.isin(found.queries * relevance.items + first, keys) for first in (found.cosine, found.dot))
    by_row = np.array_equal(relevance.query, relevance.item) and relevance.queries == relevance.items
    offset = shift(found.queries, found.cosine) if by_row else None
    level = all(
        float(side.lengths.std() / side.lengths.mean()) < _LEVEL_SPREAD for side in (sides.queries, sides.items)
    )
    if level:
        return offset, None
    return offset, Agreement(
        queries=len(found.queries),
        cosine=int(by_cosine.sum()),
        dot=int(by_dot.sum()),
        only_cosine=int(np.sum(by_cosine & ~by_dot)),
        only_dot=int(np.sum(by_dot & ~by_cosine)),
    )


def asked(subject: Retrieval) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return the findings of all checks, the gravest and deepest first, and the codes of those that found nothing."""
    answers = {kind.meta.code: tuple(kind().check(subject)) for kind in EMBEDDING_CHECKS}
    found = [finding for each in answers.values() for finding in each]
    found.sort(key=lambda f: (_ORDER[f.severity], -f.rank, f.code))
    return tuple(found), tuple(code for code, each in answers.items() if not each)
