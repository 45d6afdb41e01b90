"""``traindx retrieval``: judge embeddings by how queries rank a gallery, and compare encoders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from traindx.cli.options import PATH, look_options
from traindx.cli.request import FAIL_ON
from traindx.cli.retrieval_answer import Asked, answer, save_ranks
from traindx.errors import UsageError

if TYPE_CHECKING:
    from traindx.retrieval import BatchLoss, EncoderComparison, RetrievalReport

_FORMATS = ("text", "json", "md", "csv")


@click.command()
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
@click.option("--baseline", metavar="NAME", help="Test the other encoders against this one only.")
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
@click.option("--max-findings", type=click.IntRange(min=0), default=8, show_default=True, help="Show at most so many.")
@click.option("--same-rows", is_flag=True, help="Queries and gallery are the same rows: none finds itself.")
@click.option("--duplicates", is_flag=True, help="Items identical to a right one are right too.")
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
    asked = Asked(**options)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sets = _sets(queries, gallery, encoders)
    reports = {name: _judge(name, paths, asked) for name, paths in sets.items()}
    comparison = _compared(reports, asked) if encoders else None
    if asked.save_ranks is not None:
        save_ranks(reports, asked.save_ranks)
    answer(reports, comparison, sets, asked)
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
    from traindx.cli.id_files import ids_of
    from traindx.retrieval import evaluate, read_relevance

    queries, gallery = open_array(paths[0], asked.key_queries), open_array(paths[1], asked.key_gallery)
    one, _, other = asked.names.partition(",")
    return evaluate(
        queries,
        gallery,
        None if asked.relevant is None else read_relevance(asked.relevant, queries=len(queries), items=len(gallery)),
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
        exclude="self" if asked.same_rows else None,
        duplicates=asked.duplicates,
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
    return compare(reports, baseline=asked.baseline, ks=cuts, gallery_size=asked.gallery_size, backward=asked.backward)


def _code(reports: dict[str, RetrievalReport], fail_on: str) -> int:
    grave = {"error": ("error",), "warning": ("error", "warning"), "never": ()}[fail_on]
    return int(any(finding.severity.value in grave for report in reports.values() for finding in report.findings))
