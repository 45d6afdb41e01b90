"""What was asked of ``traindx retrieval``, and the answer in the format asked for."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, final

from traindx import __version__
from traindx.cli.looks import look_for
from traindx.cli.streams import write_bytes, write_text

if TYPE_CHECKING:
    from traindx.retrieval import EncoderComparison, RetrievalReport, Similarity, Ties

_SUFFIXES = {".json": "json", ".md": "md", ".markdown": "md", ".csv": "csv"}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of the command."""

    relevant: str | None
    key_queries: str
    key_gallery: str
    similarity: Similarity
    cutoffs: str
    ties: Ties
    clusters: str | None
    names: str
    baseline: str | None
    backward: bool
    gallery_size: int | None
    batch_loss: float | None
    batch_size: int | None
    backend: str
    threads: int | None
    confidence: float
    save_ranks: Path | None
    form: Literal["text", "json", "md", "csv"] | None
    output: Path | None
    fail_on: str
    max_findings: int
    same_rows: bool
    duplicates: bool
    color: bool | None
    plain: bool
    verbose: int


def save_ranks(reports: dict[str, RetrievalReport], path: Path) -> None:
    """Write the rank of each query's first right item; several encoders into a file each, with the name before the ending."""
    from traindx.retrieval import ranks_of

    for name, report in reports.items():
        kept = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in name)
        file = path if len(reports) == 1 else path.with_name(f"{path.stem}-{kept}{path.suffix}")
        ranking = report.forward.ranking
        rows = range(ranking.queries) if ranking.query_rows is None else ranking.query_rows.tolist()
        lines = [f"{row},{rank:.12g}" for row, rank in zip(rows, ranks_of(ranking, report.ties).tolist(), strict=True)]
        write_bytes(("\n".join(["query,rank", *lines]) + "\n").encode(), file)


def answer(
    reports: dict[str, RetrievalReport],
    comparison: EncoderComparison | None,
    sets: dict[str, tuple[str, str]],
    asked: Asked,
) -> None:
    """Write the answer in the format asked for."""
    from traindx.render import (
        encoders_csv,
        encoders_markdown,
        retrieval_csv,
        retrieval_markdown,
        retrievals_json,
    )

    form = asked.form or (_SUFFIXES.get(asked.output.suffix.lower()) if asked.output else None) or "text"
    if form == "text":
        write_text(_text(reports, comparison, sets, asked), asked.output)
        return
    if form == "json":
        told = retrievals_json(list(reports.values()), comparison, version=__version__)
    elif form == "csv":
        told = encoders_csv(comparison) if comparison else "".join(map(retrieval_csv, reports.values()))
    else:
        told = "\n".join(
            [*([encoders_markdown(comparison)] if comparison else []), *map(retrieval_markdown, reports.values())]
        )
    write_bytes(told.encode(), asked.output)


def _text(
    reports: dict[str, RetrievalReport],
    comparison: EncoderComparison | None,
    sets: dict[str, tuple[str, str]],
    asked: Asked,
) -> str:
    from traindx.render import encoders_text, retrieval_text

    look = replace(
        look_for(colour=asked.color, plain=asked.plain, output=asked.output),
        detail=asked.verbose,
        max_findings=asked.max_findings,
    )
    if comparison is None:
        ((_, paths), report) = next(iter(sets.items())), next(iter(reports.values()))
        return retrieval_text(report, look, next_commands=_next(paths, report, asked))
    parts = [encoders_text(comparison, look)]
    grave = [report for report in reports.values() if asked.verbose or report.state == "failing"]
    return "\n".join([*parts, *(retrieval_text(report, look) for report in grave)])


def _next(paths: tuple[str, str], report: RetrievalReport, asked: Asked) -> list[str]:
    """At most two further commands that make sense after this answer, about the same ranking."""
    same = shlex.join([*paths, *_ranked_by(asked)])
    found: list[str] = []
    if asked.gallery_size is None and not report.forward.measures[0].at_chance:
        found.append(f"traindx retrieval {same} --gallery-size {10 * report.forward.gallery_size}")
    if asked.save_ranks is None:
        found.append(f"traindx retrieval {same} --save-ranks ranks.csv")
    return found


def _ranked_by(asked: Asked) -> list[str]:
    """The options without which the same files give other ranks, or none."""
    values = {
        "--key-queries": asked.key_queries,
        "--key-gallery": asked.key_gallery,
        "--relevant": asked.relevant,
        "--similarity": "" if asked.similarity == "cosine" else asked.similarity,
        "--ties": "" if asked.ties == "mean" else asked.ties,
        "--clusters": asked.clusters,
    }
    flags = {"--same-rows": asked.same_rows, "--duplicates": asked.duplicates}
    told = [part for name, value in values.items() if value for part in (name, value)]
    return told + [name for name, given in flags.items() if given]
