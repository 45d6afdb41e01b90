"""From text to runs: its lines by their forms, the points they hold, the parts of a document, the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from traindx.errors import UnreadableLogError
from traindx.readers.logfile import LogFile
from traindx.readers.settings_text import settings_from_text
from traindx.readers.text.accept import accepted
from traindx.readers.text.clocks import unwrapped
from traindx.readers.text.collect import points_of
from traindx.readers.text.lines import Lines, lines_of
from traindx.readers.text.merge import merged
from traindx.readers.text.names import axis_of
from traindx.readers.text.points import Points
from traindx.readers.text.remarks import remarks_of
from traindx.readers.text.sections import divided, heading_settings, heading_text, headings_of
from traindx.readers.text.tail import without_cut
from traindx.readers.text.templates import Batch, read_batches
from traindx.readers.text.told import told_settings
from traindx.run import Run, Series, Setting, Skip, Source

_FORMAT: Final = "text"
_HEAD: Final = 400_000


def read_text(log: LogFile) -> list[Run]:
    """Return the runs that the text tells: one, or one for each part of a document.

    Raises ``UnreadableLogError`` where no metric is found.
    """
    text = log.text
    lines = lines_of(text, log.data)
    batches, cut = without_cut(lines, read_batches(lines))
    headings = headings_of(lines)
    found = points_of(lines, batches, headings)
    points = accepted(found.points)
    if not points:
        raise _refusal(log.path, batches)
    begin = min([found.begin, *headings[:1].tolist()])  # in a document, each heading tells of its own run
    settings = _settings(log, lines, begin, {one.name for one in points})
    remarks = remarks_of(lines, batches, log.path)
    source = _source(log, lines, batches, points, cut)
    return [_run(log, lines, heading, part, source, settings, remarks) for heading, part in divided(points, headings)]


def _refusal(path: str, batches: Sequence[Batch]) -> UnreadableLogError:
    reason = next((batch.shape.failed for batch in batches if batch.shape.failed), "")
    problem = f"no metric found in this text{': ' + reason if reason else ''}"
    return UnreadableLogError(
        problem,
        where=path,
        hint="give lines such as 'step 10 loss 2.31' or 'epoch: 1, val_loss: 0.5', a CSV, or a JSON log",
    )


def _run(
    log: LogFile,
    lines: Lines,
    heading: int,
    points: Sequence[Points],
    source: Source,
    settings: tuple[Setting, ...],
    remarks: tuple[str, ...],
) -> Run:
    notes: list[str] = []
    series: dict[str, Series] = {}
    title = heading_text(lines, heading) if heading >= 0 else ""
    told = heading_settings(title, f"{log.path}:{lines.records[heading]}") if title else ()
    last_epoch = next(
        (float(s.value) for s in told if s.name == "epochs" and isinstance(s.value, (int, float))), np.nan
    )
    percents: list[Setting] = []
    for name, (logged_as, stream) in merged(points, notes).items():
        series[name] = _series(name, logged_as, stream, lines, last_epoch)
        if stream.percent:
            percents.append(
                Setting(f"traindx.percent:{name}", value=True, source=f"{log.path}:{lines.records[stream.lines[0]]}")
            )
    name = f"{log.name}: {title}" if title else log.name
    return Run(
        name=name,
        series=series,
        sources=(source,),
        settings=(*told, *settings, *percents),
        notes=(*remarks, *notes),
    )


def _settings(log: LogFile, lines: Lines, begin: int, series: set[str]) -> tuple[Setting, ...]:
    """What the log says of its configuration; a metric or a counter is none, unless it stands before training."""
    begins = int(lines.records[begin]) if begin < len(lines) else 0
    found: dict[str, Setting] = {}
    printed = settings_from_text(log.text[:_HEAD], log.path)
    told = told_settings(lines, begin if begins else 0, {setting.source for setting in printed}, log.path)
    for setting in (*printed, *told):
        before = int(setting.source.rpartition(":")[2]) < begins
        if before or (setting.name not in series and not axis_of(setting.name, separated=True)):
            found.setdefault(setting.name.lower(), setting)
    return tuple(found.values())


def _series(name: str, logged_as: str, stream: Points, lines: Lines, last_epoch: float) -> Series:
    steps, epochs = stream.steps, stream.epochs
    if len(steps) > 1 and np.isnan(steps[-1]) and np.isfinite(steps[:-1]).all():
        steps = steps.copy()
        steps[-1] = np.fmax(last_epoch, steps[-2])
    logged = bool(np.isfinite(steps).all())
    times = unwrapped(stream.times)
    return Series(
        name=name,
        values=stream.values,
        steps=steps if logged else np.arange(len(stream), dtype=np.float64),
        epochs=epochs if np.isfinite(epochs).any() else np.zeros(0),
        wall_times=times if np.isfinite(times).any() else np.zeros(0),
        records=lines.records[stream.lines],
        logged_as=logged_as,
        has_steps=logged,
        statistic=stream.statistic,
    )


def _source(log: LogFile, lines: Lines, batches: Sequence[Batch], points: Sequence[Points], cut: str) -> Source:
    used = np.zeros(len(lines), dtype=bool)
    for one in points:
        used[one.lines] = True
    skips: dict[str, list[int]] = {}
    for batch in batches:
        if batch.shape.failed:
            skips.setdefault(batch.shape.failed, []).extend(batch.lines[~used[batch.lines]].tolist())
    skipped = tuple(Skip(reason, len(at), int(lines.records[min(at)])) for reason, at in skips.items() if at)
    rows = int(used.sum())
    ignored = len(lines) - rows - sum(skip.count for skip in skipped)
    return Source(
        path=log.path,
        format=_FORMAT,
        rows=rows,
        skipped=skipped,
        ignored=ignored,
        incomplete="; ".join(filter(None, (cut, log.truncated))),
        encoding=log.encoding,
    )
