"""What was read from a log: files, series with their roles, settings, checkpoints; as terminal text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traindx.context import Reading, Role
from traindx.render.look import Look
from traindx.render.numbers import counted, number, percent, steps
from traindx.render.page import Page
from traindx.render.untrusted import shorten
from traindx.run import Run, Series, Source

_SETTINGS = 12
_CHECKPOINTS = 6
_NOTES = 6


# Remarks that readers pass on as settings are ours, not the program's.
_OWN = "traindx."


def doctor_text(run: Run, readings: Sequence[Reading], look: Look) -> str:
    """Return what was read of ``run``; ``look.detail`` above 0 lists every setting, checkpoint and note."""
    page = Page(look)
    files, series = counted(len(run.sources), "file"), counted(len(readings), "series", "series")
    page.row((shorten(run.name, max(look.width - 30, 12)), "heading"), (f"  {files}, {series}", ""))
    page.heading("Files")
    for source in run.sources:
        _source(page, source)
    page.heading("Series")
    for reading in readings:
        _series(page, run, reading)
    if not readings:
        page.row((f"{page.glyphs.unsure} ", "unsure"), ("no series of numbers was found", ""))
    limit = None if look.detail else _SETTINGS
    _listing(
        page,
        "Settings",
        [(f"{s.name} = {s.value}", s.source) for s in run.settings if not s.name.startswith(_OWN)],
        limit,
    )
    limit = None if look.detail else _CHECKPOINTS
    found = [(c.path, _progress(c.step, c.epoch)) for c in run.checkpoints]
    _listing(page, "Checkpoints", found, limit)
    _listing(page, "Notes", [(note, "") for note in run.notes], None if look.detail else _NOTES)
    return page.string()


def _source(page: Page, source: Source) -> None:
    glyphs, read = page.glyphs, source.rows > 0
    sign, style = (glyphs.ok, "ok") if read else (glyphs.error, "error")
    encoding = f" ({source.encoding})" if source.encoding else ""
    page.row((f"{sign} ", style), (shorten(source.path, page.look.width - 4, glyphs.cut), ""))
    told = [
        f"{source.format}{encoding}",
        counted(source.rows, f"{source.unit} with numbers", f"{source.unit}s with numbers"),
    ]
    told.append(f"{source.ignored:,} without" if source.ignored else "")
    page.hang((("    ", ""),), (", ".join(filter(None, told)), "quiet"), indent=4)
    for skip in source.skipped:
        where = f", first at {source.unit} {skip.first:,}" if skip.first else ""
        page.hang(
            ((f"  {glyphs.warning} ", "warning"),), (f"{skip.count:,} skipped: {skip.reason}{where}", ""), indent=4
        )
    if source.incomplete:
        page.hang(((f"  {glyphs.warning} ", "warning"),), (f"incomplete: {source.incomplete}", ""), indent=4)


def role_words(role: Role) -> str:
    """Return a role in words: ``loss, train, component kl, info_nce (90 %)``."""
    kind = role.kind.replace("_at_k", f"_at_{role.k}" if role.k is not None else "_at_k").replace("_", " ")
    parts = [kind, role.split or ""]
    parts += [role.part, f"component {role.component}" if role.component else "", role.family or "", role.unit or ""]
    return ", ".join(filter(None, parts)) + f" ({percent(role.confidence)})"


def _series(page: Page, run: Run, reading: Reading) -> None:
    series, dot = reading.series, f" {page.glyphs.dot} "
    page.row(("  " + shorten(series.name, page.look.width - 4, page.glyphs.cut), "code"))
    told = [role_words(reading.role), counted(len(series), "point")]
    if len(series):
        span = steps(float(np.nanmin(series.steps)), float(np.nanmax(series.steps)), page.glyphs.dash)
        told.append(span if series.has_steps else "no steps logged")
        told.append(f"{number(float(series.values[0]))} to {number(float(series.values[-1]))}")
        told.append(shorten(run.where(series, 0), 60, page.glyphs.cut))
    page.hang((("    ", ""),), (dot.join(filter(None, told)), "quiet"), indent=4)
    nan, infinite = not_finite(series)
    if nan or infinite:
        page.row((f"  {page.glyphs.warning} ", "warning"), (f"{nan:,} NaN, {infinite:,} infinite", ""))


def not_finite(series: Series) -> tuple[int, int]:
    """Return how many values are NaN and how many infinite."""
    return int(np.isnan(series.values).sum()), int(np.isinf(series.values).sum())


def _progress(step: float, epoch: float) -> str:
    known = [steps(step, step)] if np.isfinite(step) else []
    return ", ".join([*known, f"epoch {number(epoch)}"] if np.isfinite(epoch) else known)


def _listing(page: Page, title: str, rows: Sequence[tuple[str, str]], limit: int | None) -> None:
    if not rows:
        return
    page.heading(title)
    for text, origin in rows[:limit]:
        after = f"  {shorten(origin, 50, page.glyphs.cut)}" if origin else ""
        page.hang((("", ""),), (shorten(text, 200, page.glyphs.cut), ""), (after, "quiet"), indent=2)
    rest = len(rows) - len(rows[:limit])
    if rest:
        page.row((f"  and {rest:,} more: -v shows all", "quiet"))
