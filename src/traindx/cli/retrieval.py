"""``traindx retrieval``: judge embeddings by how queries rank a gallery, and compare encoders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, final

import click

from traindx import __version__
from traindx.cli.looks import look_for
from traindx.cli.options import PATH, Configured, look_options
from traindx.cli.request import FAIL_ON
from traindx.cli.streams import write_bytes, write_text
from traindx.errors import UsageError

if TYPE_CHECKING:
    from traindx.retrieval import BatchLoss, EncoderComparison, RetrievalReport, Similarity, Ties

_FORMATS = ("text", "json", "md", "csv")
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
    color: bool | None
    plain: bool
    verbose: int


@click.command(cls=Configured)
@click.argument("queries", required=False)
@click.argument("gallery", required=False)
@click.option(
    "--encoder",
    "encoders",
    multiple=True,
    metavar="NAME=QUERIES,GALLERY",
    help="One of several encoders to compare; repeat it.",
)
@click.option("--relevant", metavar="FILE", help="Which items are right: pairs of rows, or JSON lists.")
@click.option("--key-queries", default="", metavar="NAME", help="The array to take from the file of queries.")
@click.option("--key-gallery", default="", metavar="NAME", help="The array to take from the file of the gallery.")
@click.option(
    "--similarity",
    type=click.Choice(("cosine", "dot")),
    default="cosine",
    show_default=True,
    help="How rows are compared.",
)
@click.option("--k", "cutoffs", default="1,5,10", show_default=True, metavar="K,...", help="Cut-offs.")
@click.option(
    "--ties",
    type=click.Choice(("mean", "optimistic", "pessimistic")),
    default="mean",
    show_default=True,
    help="Where a level score puts the right item.",
)
@click.option("--clusters", metavar="FILE", help="An id for each query: those of one id count as one draw.")
@click.option(
    "--names", default="query,item", show_default=True, metavar="ONE,OTHER", help="What to call the two sides."
)
@click.option("--backward", is_flag=True, help="Compare encoders in the other direction.")
@click.option(
    "--gallery-size",
    type=click.IntRange(min=1),
    metavar="N",
    help="Tell R@1 for a gallery of N items; compare encoders there.",
)
@click.option(
    "--batch-loss", type=float, metavar="L", help="A logged contrastive loss to hold against the ranks, in nats."
)
@click.option("--batch-size", type=click.IntRange(min=2), metavar="B", help="Among how many items that loss was taken.")
@click.option("--backend", default="auto", show_default=True, help="What computes the scores.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="How many threads to use (all cores).")
@click.option(
    "--confidence", type=click.FloatRange(0.5, 0.999), default=0.95, show_default=True, help="Of the intervals."
)
@click.option("--save-ranks", type=PATH, metavar="FILE", help="Write each query's rank, for traindx compare --ranks.")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), help="How to answer (text, or by the ending of --output)."
)
@click.option("-o", "--output", type=PATH, help="Write the answer to a file.")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="warning", show_default=True, help="Exit with 1 from here."
)
@click.option("--config", metavar="FILE", help="Read this configuration file instead of the nearest.")
@click.option("--no-config", is_flag=True, help="Read no configuration file.")
@look_options
@click.option("-v", "--verbose", count=True, help="Tell all findings in full.")
@click.pass_context
def retrieval(
    ctx: click.Context, /, queries: str | None, gallery: str | None, encoders: tuple[str, ...], **options: object
) -> None:
    """Judge embeddings by how queries rank a gallery: R@K, MRR and ranks beside their chance level, with intervals.

    \b
    traindx retrieval text.npy audio.npy                 row i belongs to row i
    traindx retrieval data.npz::text data.npz::audio     arrays inside a file
    traindx retrieval captions.npy images.npy --relevant pairs.csv
    traindx retrieval --encoder a=qa.npy,ga.npy --encoder b=qb.npy,gb.npy

    QUERIES and GALLERY are files of arrays (NPY, NPZ, safetensors, HDF5, Zarr, Parquet, ...), larger than memory if need be. Exit
    codes: 0 nothing at or above --fail-on, 1 findings, 2 unreadable input or misuse.
    """  # noqa: D301 - click keeps the lines of a paragraph behind a backspace sign
    for name in ("config", "no_config"):
        options.pop(name, None)
    asked = Asked(**options)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sets = _sets(queries, gallery, encoders)
    reports = {name: _judge(name, paths, asked) for name, paths in sets.items()}
    comparison = _compared(reports, asked) if encoders else None
    if asked.save_ranks is not None:
        _save(reports, asked.save_ranks)
    _write(reports, comparison, sets, asked)
    ctx.exit(_code(reports, asked.fail_on))


def _sets(queries: str | None, gallery: str | None, encoders: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """The files of each set of embeddings by its name."""
    if queries is not None and encoders:
        raise UsageError(
            "QUERIES GALLERY and --encoder exclude each other", hint="give each set as --encoder NAME=QUERIES,GALLERY"
        )
    if queries is not None:
        if gallery is None:
            raise UsageError("a file of queries without one of the gallery", hint="traindx retrieval QUERIES GALLERY")
        return {f"{Path(queries).name} in {Path(gallery).name}": (queries, gallery)}
    found: dict[str, tuple[str, str]] = {}
    for text in encoders:
        name, sign, files = text.partition("=")
        one, comma, other = files.partition(",")
        if not (sign and comma and name.strip() and one.strip() and other.strip()):
            raise UsageError(f"--encoder {text!r} is not of the form NAME=QUERIES,GALLERY")
        if name.strip() in found:
            raise UsageError(f"two encoders are called {name.strip()!r}")
        found[name.strip()] = (one.strip(), other.strip())
    if len(found) < 2:
        raise UsageError(
            "nothing to rank" if not found else "one encoder is nothing to compare",
            hint="traindx retrieval QUERIES GALLERY, or --encoder NAME=QUERIES,GALLERY twice",
        )
    return found


def _judge(name: str, paths: tuple[str, str], asked: Asked) -> RetrievalReport:
    from traindx.arrays import open_array
    from traindx.cli.pair_files import ids_of, relevance_of
    from traindx.retrieval import evaluate

    queries, gallery = open_array(paths[0], asked.key_queries), open_array(paths[1], asked.key_gallery)
    one, _, other = asked.names.partition(",")
    return evaluate(
        queries,
        gallery,
        None if asked.relevant is None else relevance_of(asked.relevant, len(queries), len(gallery)),
        ks=_cutoffs(asked.cutoffs),
        similarity=asked.similarity,
        ties=asked.ties,
        backend=asked.backend,
        threads=asked.threads,
        clusters=None if asked.clusters is None else ids_of(asked.clusters),
        confidence=asked.confidence,
        names=(one.strip() or "query", other.strip() or "item"),
        name=name,
        batch=_batch(asked),
        gallery_size=asked.gallery_size,
    )


def _cutoffs(text: str) -> list[int]:
    found = [
        int(part) for part in text.split(",") if part.strip().isascii() and part.strip().isdecimal() and int(part) > 0
    ]
    if not found or len(found) != len(text.split(",")):
        raise UsageError(f"--k {text!r} is not a list of whole numbers above 0", hint="write --k 1,5,10")
    return found


def _batch(asked: Asked) -> BatchLoss | None:
    from traindx.retrieval import BatchLoss

    if (asked.batch_loss is None) != (asked.batch_size is None):
        raise UsageError("--batch-loss and --batch-size belong together")
    if asked.batch_loss is None or asked.batch_size is None:
        return None
    return BatchLoss(loss=asked.batch_loss, batch_size=asked.batch_size)


def _compared(reports: dict[str, RetrievalReport], asked: Asked) -> EncoderComparison:
    from traindx.retrieval import compare

    cuts = [k for k in _cutoffs(asked.cutoffs) if k <= 5] or _cutoffs(asked.cutoffs)[:2]
    return compare(reports, ks=cuts, gallery_size=asked.gallery_size, backward=asked.backward)


def _save(reports: dict[str, RetrievalReport], path: Path) -> None:
    """Write the rank of each query's first right item; several encoders into a file each, with the name before the ending."""
    from traindx.retrieval import ranks_of

    for name, report in reports.items():
        kept = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in name)
        file = path if len(reports) == 1 else path.with_name(f"{path.stem}-{kept}{path.suffix}")
        ranking = report.forward.ranking
        rows = range(ranking.queries) if ranking.query_rows is None else ranking.query_rows.tolist()
        lines = [f"{row},{rank:.12g}" for row, rank in zip(rows, ranks_of(ranking, report.ties).tolist(), strict=True)]
        write_bytes(("\n".join(["query,rank", *lines]) + "\n").encode(), file)


def _write(
    reports: dict[str, RetrievalReport],
    comparison: EncoderComparison | None,
    sets: dict[str, tuple[str, str]],
    asked: Asked,
) -> None:
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

    look = replace(look_for(colour=asked.color, plain=asked.plain, output=asked.output), detail=asked.verbose)
    if comparison is None:
        ((_, paths), report) = next(iter(sets.items())), next(iter(reports.values()))
        return retrieval_text(report, look, next_commands=_next(paths, report, asked))
    parts = [encoders_text(comparison, look)]
    grave = [report for report in reports.values() if asked.verbose or report.state == "failing"]
    return "\n".join([*parts, *(retrieval_text(report, look) for report in grave)])


def _next(paths: tuple[str, str], report: RetrievalReport, asked: Asked) -> list[str]:
    """At most two further commands that make sense after this answer."""
    import shlex

    files = shlex.join(paths)
    found: list[str] = []
    if asked.gallery_size is None and not report.forward.measures[0].at_chance:
        found.append(f"traindx retrieval {files} --gallery-size {10 * report.forward.gallery_size}")
    if asked.save_ranks is None:
        found.append(f"traindx retrieval {files} --save-ranks ranks.csv")
    return found


def _code(reports: dict[str, RetrievalReport], fail_on: str) -> int:
    grave = {"error": ("error",), "warning": ("error", "warning"), "never": ()}[fail_on]
    return int(any(finding.severity.value in grave for report in reports.values() for finding in report.findings))
