"""Judge embeddings by the ranks they give: numbers, what luck would reach, findings, and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from traindx.diagnosis import Finding, Severity
from traindx.errors import UsageError
from traindx.retrieval.batch import BatchBound, batch_bound
from traindx.retrieval.ceiling import Ceiling, ceiling
from traindx.retrieval.checks import EMBEDDING_CHECKS, Agreement, Retrieval
from traindx.retrieval.clusters import of_ranked, shared_items, told_clusters
from traindx.retrieval.embeddings import Embeddings, embeddings
from traindx.retrieval.exclusion import Excluded
from traindx.retrieval.geometry import gap, geometry, sample
from traindx.retrieval.hubs import hubs
from traindx.retrieval.identical import identical_groups, with_identical_items
from traindx.retrieval.judgement import Reading, direction_of
from traindx.retrieval.metrics import check_ks
from traindx.retrieval.nearest import Shift, nearest, shift
from traindx.retrieval.other_sizes import AtSize, first_rivals, recall_at_size
from traindx.retrieval.rank import Right, Table, rank, relevance_of
from traindx.retrieval.ranking import Ranking, Similarity, Ties
from traindx.retrieval.relevance import Relevance
from traindx.retrieval.report import Direction, RetrievalReport

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_LEVEL_SPREAD = 1e-3  # lengths that differ by less cannot reorder what cosines part


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLoss:
    """A contrastive loss as it was logged: mean cross-entropy in nats, among ``batch_size`` items."""

    loss: float
    batch_size: int


def evaluate(
    queries: Table,
    gallery: Table,
    relevant: Right | None = None,
    *,
    ks: Sequence[int] = (1, 5, 10),
    similarity: Similarity = "cosine",
    both: bool = True,
    ties: Ties = "mean",
    backend: str = "auto",
    threads: int | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
    names: tuple[str, str] = ("query", "item"),
    name: str = "",
    batch: BatchLoss | None = None,
    gallery_size: int | None = None,
    exclude: Excluded = None,
    duplicates: bool = False,
    examine: bool = True,
) -> RetrievalReport:
    """Rank a gallery for every query, and say what the ranks mean.

    ``queries`` (N, D) and ``gallery`` (M, D) are arrays, tensors or sources; row i is right for row i unless ``relevant`` says otherwise (a ``Relevance``, pairs, or
    a list of right items for each query). Every metric comes with the level of a random ranking of this gallery, an interval at ``confidence`` and a sentence. Queries that share an
    item are taken as one draw in intervals, as are those of one id in ``clusters`` (an id for each query). ``batch`` is a logged loss to be held against the ranks,
    ``gallery_size`` another size to tell R@1 for. ``names`` call the two sides. ``exclude`` and ``duplicates`` are those of ``rank``. ``examine=False`` leaves out the findings on the embeddings themselves,
    and what they cost (about a second). Raises ``UsageError`` for rows that cannot be ranked, by number.

    >>> rows = np.random.default_rng(0).normal(size=(200, 16))
    >>> report = evaluate(rows, rows + 0.5)
    >>> report.forward["R@1"].value > 0.9, report.forward["R@1"].chance
    (True, 0.005)
    """
    cuts = check_ks(ks)
    if not 0 < confidence < 1:
        raise UsageError(f"a confidence of {confidence:g} is no share", hint="write 95 % as 0.95")
    left, right = embeddings(queries, similarity, what="queries"), embeddings(gallery, similarity, what="gallery")
    relevance = relevance_of(relevant, len(left), len(right))
    if duplicates:
        wider = with_identical_items(relevance, right)
        relevance = with_identical_items(wider.turned(), left).turned()
    how = _How(similarity, both, backend, threads, exclude)
    forward, backward = _ranked(left, right, relevance, how)
    labels = shared_items(relevance) if clusters is None else told_clusters(clusters, relevance)
    same = (identical_groups(left), identical_groups(right)) if examine else None
    tops = _ceilings(same, relevance, cuts)
    ways = (f"{names[0]} to {names[1]}", f"{names[1]} to {names[0]}")
    there = direction_of(
        forward, ways[0], _reading(forward, cuts, ties, confidence, labels, tops, 0, relevance.queries)
    )
    back = (
        None
        if backward is None
        else direction_of(
            backward, ways[1], _reading(backward, cuts, ties, confidence, labels, tops, 1, relevance.items)
        )
    )
    rivals = first_rivals(forward, ties)
    middle = (rivals[0] + rivals[1]) // 2
    bound = None if batch is None else _bound(middle, there, batch)
    subject = _subject(left, right, relevance, there, back, similarity, tops, bound, examine=examine)
    findings, passed = asked(subject)
    return RetrievalReport(
        name=name,
        similarity=similarity,
        ties=ties,
        confidence=confidence,
        dimension=left.dim,
        forward=there,
        backward=back,
        verdict=there.sentence,
        findings=findings,
        passed=passed,
        limits=tuple(_limits(forward, there, labels, clusters, examine=examine)),
        batch=bound,
        other_size=None if gallery_size is None else _at(middle, there, gallery_size),
    )


@final
@dataclass(frozen=True, slots=True)
class _How:
    """What ``rank`` is told besides the rows."""

    similarity: Similarity
    both: bool
    backend: str
    threads: int | None
    exclude: Excluded


def _ranked(left: Embeddings, right: Embeddings, relevance: Relevance, how: _How) -> tuple[Ranking, Ranking | None]:
    sides = (left.source, right.source, relevance)
    similarity, backend, threads, exclude = how.similarity, how.backend, how.threads, how.exclude
    if how.both:
        return rank(*sides, similarity=similarity, both=True, backend=backend, threads=threads, exclude=exclude)
    alone = rank(*sides, similarity=similarity, both=False, backend=backend, threads=threads, exclude=exclude)
    return alone, None


def _ceilings(
    same: tuple[NDArray[np.int64], NDArray[np.int64]] | None, relevance: Relevance, cuts: tuple[int, ...]
) -> tuple[Ceiling | None, Ceiling | None]:
    if same is None:
        return None, None
    there = ceiling(same[0], same[1], relevance.query, relevance.item, cuts)
    return there, ceiling(same[1], same[0], relevance.item, relevance.query, cuts)


def _reading(
    ranking: Ranking,
    cuts: tuple[int, ...],
    ties: Ties,
    confidence: float,
    labels: tuple[NDArray[np.int64], NDArray[np.int64]] | None,
    tops: tuple[Ceiling | None, Ceiling | None],
    side: int,
    total: int,
) -> Reading:
    rows = np.arange(ranking.queries) if ranking.query_rows is None else ranking.query_rows
    return Reading(
        ks=cuts,
        ties=ties,
        confidence=confidence,
        clusters=None if labels is None else of_ranked(labels[side], rows),
        ceiling=tops[side],
        without=total - ranking.queries,
    )


def _bound(rivals: NDArray[np.int64], way: Direction, batch: BatchLoss) -> BatchBound:
    return batch_bound(rivals, way.gallery_size, loss=batch.loss, batch_size=batch.batch_size, clusters=way.clusters)


def _at(rivals: NDArray[np.int64], way: Direction, size: int) -> AtSize:
    if size < 1:
        raise UsageError(f"a gallery of {size} items is none")
    return recall_at_size(rivals, way.gallery_size, size, way.clusters)


def _subject(
    left: Embeddings,
    right: Embeddings,
    relevance: Relevance,
    there: Direction,
    back: Direction | None,
    similarity: Similarity,
    tops: tuple[Ceiling | None, Ceiling | None],
    bound: BatchBound | None,
    *,
    examine: bool,
) -> Retrieval:
    if not examine:
        return Retrieval(similarity=similarity, forward=there, backward=back, batch=bound)
    (_, queries), (_, items) = sample(left), sample(right)
    offset, agreement = _looked_up(left, right, relevance)
    return Retrieval(
        similarity=similarity,
        forward=there,
        backward=back,
        queries=geometry(left, queries),
        items=geometry(right, items),
        gap=gap(queries, items),
        hubs=hubs(queries[:1024], items),
        shift=offset,
        agreement=agreement,
        ceiling=tops[0],
        batch=bound,
    )


def _looked_up(left: Embeddings, right: Embeddings, relevance: Relevance) -> tuple[Shift | None, Agreement | None]:
    """What a sample of queries puts first: how far from its own row, and how right by either similarity."""
    found = nearest(left, right)
    keys = relevance.query * relevance.items + relevance.item
    by_cosine, by_dot = (np.isin(found.queries * relevance.items + first, keys) for first in (found.cosine, found.dot))
    by_row = np.array_equal(relevance.query, relevance.item) and relevance.queries == relevance.items
    offset = shift(found.queries, found.cosine) if by_row else None
    level = all(float(side.lengths.std() / side.lengths.mean()) < _LEVEL_SPREAD for side in (left, right))
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


def _limits(
    ranking: Ranking,
    way: Direction,
    labels: tuple[NDArray[np.int64], NDArray[np.int64]] | None,
    told: ArrayLike | None,
    *,
    examine: bool,
) -> list[str]:
    limits = [note for note in ranking.notes if "no right item" not in note]
    if labels is None and told is None and way.positives > 1:
        limits.append(
            "right items tie most queries together: intervals take queries as independent, and are too narrow"
        )
    if way.queries < 100:
        limits.append(f"{way.queries} queries leave wide intervals: 1,000 narrow them to about 3 points")
    if not examine:
        limits.append("the embeddings themselves were not examined")
    return limits
