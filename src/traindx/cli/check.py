"""``traindx check``: judge runs and say so in the format asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from traindx import __version__
from traindx.cli.looks import look_for
from traindx.cli.options import PATH, Configured, fact_options, look_options
from traindx.cli.request import FAIL_ON, FORMATS, Request
from traindx.cli.streams import write_bytes, write_text

if TYPE_CHECKING:
    from traindx.diagnosis import Report

_SUFFIXES = {".json": "json", ".jsonl": "jsonl", ".md": "md", ".markdown": "md"}


@click.command(cls=Configured, context_settings={"auto_envvar_prefix": "TRAINDX"})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@fact_options
@click.option("--data-baselines", metavar="FILE", help="What traindx data --baselines-out wrote of the training data.")
@click.option("--metric", metavar="NAME", help="Judge this series as the main loss.")
@click.option("--since", type=float, metavar="STEP", help="Leave out what was before this step.")
@click.option("--until", type=float, metavar="STEP", help="Leave out what came after this step.")
@click.option("--select", multiple=True, metavar="CODES", help="Ask only rules whose code starts so, as BAS,NAN001.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Leave out rules whose code starts so.")
@click.option("--extend-select", multiple=True, metavar="CODES", help="Ask these rules besides those of --select.")
@click.option("--format", type=click.Choice(FORMATS), help="How to answer (text, or by the ending of --output).")
@click.option("-o", "--output", type=PATH, help="Write the answer to a file.")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="warning", show_default=True, help="Exit with 1 from here."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--require-verdict", is_flag=True, help="Exit with 3 where a run cannot be judged.")
@click.option("--max-findings", type=click.IntRange(min=0), default=5, show_default=True, help="Show at most so many.")
@click.option("--explain", multiple=True, metavar="CODES", help="Tell findings of these rules in full.")
@click.option("--show-evidence", is_flag=True, help="Show all evidence of every finding.")
@look_options
@click.option("-q", "--quiet", is_flag=True, help="One line for each run.")
@click.option("-v", "--verbose", count=True, help="Tell all findings in full.")
@click.pass_context
def check(ctx: click.Context, /, **_options: object) -> None:
    """Judge one or several training runs.

    PATH is a log, a directory with one, or - for standard input. Exit codes: 0 nothing found, 1 findings, 2 a path could
    not be read, 3 inconclusive (with --require-verdict).
    """
    request = Request.of(ctx)
    ctx.exit(run(request))


def run(request: Request) -> int:
    """Judge what was asked for, write the answer, and return the exit code."""
    from traindx.cli.judging import judge

    judged = judge(request)
    if judged.reports or not judged.failures:
        answer(judged.reports, request)
    return 2 if judged.failures else verdict_code(judged.reports, request)


def answer(reports: list[Report], request: Request) -> None:
    """Write the reports in the format asked for."""
    form = request.format or (_SUFFIXES.get(request.output.suffix.lower()) if request.output else None) or "text"
    if form == "text":
        write_text(_text(reports, request), request.output)
        return
    write_bytes(_data(form, reports).encode(), request.output)


def _data(form: str, reports: list[Report]) -> str:
    from traindx.render import json_document, json_line, markdown_text

    if form == "md":
        return markdown_text(reports)
    if form == "jsonl":
        return "".join(map(json_line, reports))
    return json_document(reports, version=__version__)


def _text(reports: list[Report], request: Request) -> str:
    from traindx.render import one_line, tally, terminal_text

    look = replace(
        look_for(colour=request.color, plain=request.plain, output=request.output),
        show_evidence=request.show_evidence,
        max_findings=request.max_findings,
        explain=request.explain,
        detail=request.verbose,
    )
    if request.quiet:
        return "".join(one_line(report, look) for report in reports)
    head = [tally(reports, look)] if len(reports) > 1 else []
    return "\n".join([*head, *(terminal_text(report, look) for report in reports)])


def verdict_code(reports: list[Report], request: Request) -> int:
    """Return 1 where a finding is at or above ``--fail-on``, 3 where a verdict is required and missing, else 0."""
    if request.exit_zero:
        return 0
    grave = {"error": ("error",), "warning": ("error", "warning"), "never": ()}[request.fail_on]
    if any(finding.severity.value in grave for report in reports for finding in report.findings):
        return 1
    if request.require_verdict and any(report.verdict.state == "inconclusive" for report in reports):
        return 3
    return 0
