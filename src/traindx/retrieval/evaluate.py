"""Judge embeddings by the ranks they give: numbers, what luck would reach, findings, and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from traindx.errors import UsageError
from traindx.retrieval.batch import BatchBound, batch_bound
from traindx.retrieval.ceiling import Ceiling
from traindx.retrieval.checks import Retrieval
from traindx.retrieval.clusters import of_ranked, shared_items, told_clusters
from traindx.retrieval.examination import Sides, asked, examined, sides_of
from traindx.retrieval.exclusion import Excluded
from traindx.retrieval.judgement import Reading, direction_of
from traindx.retrieval.metrics import check_ks
from traindx.retrieval.other_sizes import AtSize, first_rivals, recall_at_size
from traindx.retrieval.rank import Right, Table, rank
from traindx.retrieval.ranking import Ranking, Similarity, Ties
from traindx.retrieval.report import Direction, RetrievalReport
from traindx.retrieval.words import counted

Labels = NDArray[np.int64]
_FEW = 100  # queries below which an interval is wider than most differences that people ask about


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
    sides = sides_of(queries, gallery, relevant, similarity, duplicates=duplicates)
    how = _How(similarity, both, backend, threads, exclude)
    rankings = _ranked(queries, gallery, sides, how)
    labels = shared_items(sides.relevance) if clusters is None else told_clusters(clusters, sides.relevance)
    tops = sides.ceilings(cuts) if examine else None
    reading = Reading(ks=cuts, ties=ties, confidence=confidence)
    there, back = _directions(rankings, reading, names, sides, labels, tops)
    report = RetrievalReport(
        name=name,
        similarity=similarity,
        ties=ties,
        confidence=confidence,
        dimension=sides.queries.dim,
        forward=there,
        backward=back,
        verdict=there.sentence,
        batch=None if batch is None else _bound(there, ties, batch),
        other_size=None if gallery_size is None else _at(there, ties, gallery_size),
    )
    return _judged(
        report, sides, None if tops is None else tops[0], labelled=labels is not None or clusters is not None
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


def _ranked(queries: Table, gallery: Table, sides: Sides, how: _How) -> tuple[Ranking, Ranking | None]:
    given = (queries, gallery, sides.relevance)  # as they were given: tensors on a device are ranked there
    similarity, backend, threads, exclude = how.similarity, how.backend, how.threads, how.exclude
    if how.both:
        return rank(*given, similarity=similarity, both=True, backend=backend, threads=threads, exclude=exclude)
    alone = rank(*given, similarity=similarity, both=False, backend=backend, threads=threads, exclude=exclude)
    return alone, None


def _directions(
    rankings: tuple[Ranking, Ranking | None],
    reading: Reading,
    names: tuple[str, str],
    sides: Sides,
    labels: tuple[Labels, Labels] | None,
    tops: tuple[Ceiling, Ceiling] | None,
) -> tuple[Direction, Direction | None]:
    """There, and back where it was asked for."""
    totals = (sides.relevance.queries, sides.relevance.items)
    found: list[Direction | None] = []
    for side, (ranking, total) in enumerate(zip(rankings, totals, strict=True)):
        if ranking is None:
            found.append(None)
            continue
        rows = np.arange(ranking.queries, dtype=np.int64) if ranking.query_rows is None else ranking.query_rows
        own = replace(
            reading,
            clusters=None if labels is None else of_ranked(labels[side], rows),
            ceiling=None if tops is None else tops[side],
            without=total - ranking.queries,
        )
        found.append(direction_of(ranking, f"{names[side]} to {names[1 - side]}", own))
    there, back = found
    assert there is not None
    return there, back


def _rivals(way: Direction, ties: Ties) -> Labels:
    """How many items beat the first right one of each query, in the middle of its ties."""
    least, most = first_rivals(way.ranking, ties)
    return (least + most) // 2


def _bound(way: Direction, ties: Ties, batch: BatchLoss) -> BatchBound:
    return batch_bound(
        _rivals(way, ties), way.gallery_size, loss=batch.loss, batch_size=batch.batch_size, clusters=way.clusters
    )


def _at(way: Direction, ties: Ties, size: int) -> AtSize:
    if size < 1:
        raise UsageError(f"a gallery of {size} items is none")
    return recall_at_size(_rivals(way, ties), way.gallery_size, size, way.clusters)


def _judged(report: RetrievalReport, sides: Sides, top: Ceiling | None, *, labelled: bool) -> RetrievalReport:
    """The report with the findings; without a ceiling, with those on the ranks alone."""
    ranks = Retrieval(
        similarity=report.similarity,
        forward=report.forward,
        backward=report.backward,
        ceiling=top,
        batch=report.batch,
    )
    findings, passed = asked(ranks if top is None else examined(ranks, sides))
    limits = tuple(_limits(report.forward, labelled=labelled, examine=top is not None))
    return replace(report, findings=findings, passed=passed, limits=limits)


def _limits(way: Direction, *, labelled: bool, examine: bool) -> list[str]:
    limits = [note for note in way.ranking.notes if "no right item" not in note]
    if not labelled and way.positives > 1:
        limits.append(
            "right items tie most queries together: intervals take queries as independent, and are too narrow"
        )
    if way.queries < _FEW:
        limits.append(
            f"{counted(way.queries, 'query leaves', 'queries leave')} wide intervals: 1,000 narrow them to about 3 points"
        )
    if not examine:
        limits.append("the embeddings themselves were not examined")
    return limits
