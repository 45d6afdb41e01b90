"""``traindx predict``: where a run will end, when it reaches a target, and whether going on is worth it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import click

from traindx import __version__
from traindx.cli.looks import look_for
from traindx.cli.options import Configured, fact_options, look_options
from traindx.cli.request import Request
from traindx.cli.streams import write_bytes, write_text
from traindx.errors import UsageError

if TYPE_CHECKING:
    from traindx.diagnosis import Outlook
    from traindx.engine import Question

_PLACE = re.compile(r"(\d[\d_,]*\.?\d*(?:e\d+)?)\s*([kKmM]?)\s*(steps?|epochs?|ep)?")


@click.command(cls=Configured)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@fact_options
@click.option("--metric", metavar="NAME", help="Carry on this series (the validation loss, else the training loss).")
@click.option("--until", metavar="STEPS", help="Where the run ends, as 20000, 20k or 30epochs.")
@click.option("--target", type=float, metavar="VALUE", help="Tell when this value is reached.")
@click.option(
    "--schedule", metavar="NAME", help="Schedule of the learning rate, as cosine, constant, linear, wsd, step."
)
@click.option("--format", "format", type=click.Choice(("text", "json", "md")), default="text", help="How to answer.")
@look_options
@click.pass_context
def predict(ctx: click.Context, /, **options: object) -> None:
    """Say where a run will end, and whether going on is worth it.

    The level of the last 4 % of the run is foretold, with an interval that holds in nine of ten runs. It is refused where the run fails
    or has learnt nothing, and given for both branches where the schedule is not known.
    """
    question = _question(options)
    for name in ("until", "target", "schedule"):
        ctx.params.pop(name, None)
    request = Request.of(ctx)
    ctx.exit(run(request, question))


def _question(options: dict[str, object]) -> Question:
    from traindx.engine import Question

    until, unit = _place(options["until"])
    metric, schedule, target = options["metric"], options["schedule"], options["target"]
    return Question(
        metric=metric if isinstance(metric, str) else None,
        until=until,
        unit=unit,
        schedule=schedule if isinstance(schedule, str) else None,
        target=target if isinstance(target, float) else None,
    )


def _place(text: object) -> tuple[float | None, Literal["step", "epoch"] | None]:
    """Read ``20000``, ``20k``, ``30epochs``."""
    if not isinstance(text, str):
        return None, None
    found = _PLACE.fullmatch(text.strip())
    if found is None or not float(found[1].replace(",", "").replace("_", "")) > 0:
        raise UsageError(
            f"--until {text!r} is no number of steps or epochs", hint="write --until 20000, 20k or 30epochs"
        )
    scale = {"": 1.0, "k": 1e3, "m": 1e6}[found[2].lower()]
    unit: Literal["step", "epoch"] | None = None if not found[3] else "epoch" if found[3].startswith("ep") else "step"
    return float(found[1].replace(",", "").replace("_", "")) * scale, unit


def run(request: Request, question: Question) -> int:
    """Foretell every run asked for, write the answer, and return the exit code."""
    from traindx.cli.judging import names_of, read_all
    from traindx.engine import predict_run, select_rules

    runs, failures = read_all(request)
    rules, configuration = select_rules(), request.configuration
    told: list[tuple[str, Outlook]] = []
    for one in runs:
        names = names_of(one)
        facts = configuration.facts_for(*names) | dict(request.facts)
        roles = configuration.roles_for(*names) | dict(request.roles)
        told.append((one.name, predict_run(one, rules, question, facts=facts, roles=roles)))
    if told:
        _answer(told, request)
    return 2 if failures else 0


def _answer(told: list[tuple[str, Outlook]], request: Request) -> None:
    from traindx.render import forecasts_json, predictions_markdown, predictions_text

    if request.format == "json":
        write_bytes(forecasts_json(told, version=__version__).encode())
    elif request.format == "md":
        write_bytes(predictions_markdown(told).encode())
    else:
        write_text(predictions_text(told, look_for(colour=request.color, plain=request.plain)))
