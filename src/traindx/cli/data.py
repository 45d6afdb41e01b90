"""``traindx data``: audit a dataset before it trains."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from traindx import __version__
from traindx.cli.looks import look_for
from traindx.cli.options import PATH, look_options
from traindx.cli.request import FAIL_ON
from traindx.cli.streams import write_bytes, write_text

if TYPE_CHECKING:
    from traindx.dataset import Audit

_FORMATS = ("text", "json", "md")
_SUFFIXES = {".json": "json", ".md": "md", ".markdown": "md"}
_GRAVE = {"error": ("error",), "warning": ("error", "warning"), "never": ()}


@click.command()
@click.argument("path", metavar="PATH")
@click.option("--against", metavar="OTHER", help="Another split or version: what do both hold, and how do they differ?")
@click.option("--group", metavar="NAME", default="", help="The column that tells groups apart, as game_id.")
@click.option("--mask", metavar="NAME", default="", help="The array that is 1 where data are and 0 where padding is.")
@click.option("--target", "targets", metavar="NAME", multiple=True, help="What the model learns to answer.")
@click.option("--labels", metavar="NAME", multiple=True, help="An array of class labels.")
@click.option("--pair", "pairs", metavar="A B", nargs=2, multiple=True, help="Two arrays whose rows belong together.")
@click.option("--vocab-size", type=click.IntRange(min=1), help="How many tokens the embedding table has.")
@click.option("--num-classes", type=click.IntRange(min=1), help="How many classes the model has.")
@click.option(
    "--batch-size", type=click.IntRange(min=2), help="Of a contrastive training: what do copies in a batch cost?"
)
@click.option("--engine", default="threads", show_default=True, help="threads, processes, or dask://HOST:PORT.")
@click.option("--threads", type=click.IntRange(min=1), help="How many threads or processes to use.")
@click.option("--baselines-out", type=PATH, metavar="FILE", help="Write what knowing nothing scores, for check.")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), help="How to answer (text, or by the ending of --output)."
)
@click.option("-o", "--output", type=PATH, help="Write the answer to a file.")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="warning", show_default=True, help="Exit with 1 from here."
)
@click.option("--max-findings", type=click.IntRange(min=0), default=8, show_default=True, help="Show at most so many.")
@click.option("-v", "--verbose", count=True, help="Tell all findings and all columns in full.")
@look_options
@click.pass_context
def data(ctx: click.Context, /, **options: Any) -> None:
    """Audit a dataset before it trains: statistics, faults, and what knowing nothing would score.

    \b
    traindx data train.h5                               arrays, tables, pictures, tokens, COCO annotations
    traindx data train.npz --against val.npz            with leaks and drift between two splits
    traindx data pairs.npz --batch-size 1024            with what copies cost a contrastive loss
    traindx data train.h5 --group system_id             with the scale of every group
    traindx data train.npz --baselines-out data.json    then: traindx check RUN --data-baselines data.json

    Exit codes: 0 nothing found, 1 findings at or above --fail-on, 2 a path, or a part of it, could not be read.
    """  # noqa: D301 - click keeps the lines of a paragraph behind a backspace sign
    audited = _audited(options)
    if options["baselines_out"] is not None:
        from traindx.dataset import baselines_document

        write_bytes(baselines_document(audited.baselines).encode(), options["baselines_out"])
    _write(audited, options)
    ctx.exit(_code(audited, options["fail_on"]))


def _code(audited: Audit, fail_on: str) -> int:
    if any(finding.severity.value in _GRAVE[fail_on] for finding in audited.findings):
        return 1
    return 2 if fail_on != "never" and any(array.unread for array in audited.profile.arrays) else 0


def _audited(options: dict[str, Any]) -> Audit:
    from traindx.dataset import audit

    with _progress() as progress:
        return audit(
            options["path"],
            against=options["against"],
            group=options["group"],
            mask=options["mask"],
            targets=options["targets"],
            labels=options["labels"],
            pairs=options["pairs"],
            num_classes=options["num_classes"],
            batch_size=options["batch_size"],
            vocab_size=options["vocab_size"],
            engine=options["engine"],
            threads=options["threads"],
            progress=progress,
        )


def _write(audited: Audit, options: dict[str, Any]) -> None:
    output: Path | None = options["output"]
    form = options["form"] or (_SUFFIXES.get(output.suffix.lower()) if output else None) or "text"
    if form == "text":
        from traindx.render import audit_text

        look = look_for(colour=options["color"], plain=options["plain"], output=output)
        look = replace(look, show_why=True, max_findings=options["max_findings"], detail=options["verbose"])
        write_text(audit_text(audited, look), output)
        return
    from traindx.render import audit_json, audit_markdown

    text = audit_json(audited, version=__version__) if form == "json" else audit_markdown(audited)
    write_bytes(text.encode(), output)


class Progress(Protocol):
    """What is told how much of how much has been read, in bytes."""

    def __call__(self, done: int, total: int, /) -> None:
        """Take the bytes read so far, and how many there are."""
        ...


@contextmanager
def _progress() -> Generator[Progress | None]:
    """Show a progress bar on standard error where that is a terminal; nothing elsewhere."""
    import sys

    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show
