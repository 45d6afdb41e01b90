"""What a person sees of a run that is judged: a few lines on standard error at the first judgement, at each change, at the end."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO, final

from traindx.diagnosis import Report
from traindx.live.changes import Change
from traindx.live.stopping import StopDecision


@final
class Announcer:
    """Writes to ``stream``, standard error by default; remarks are left to the report."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._said = ""

    def verdict(self, report: Report) -> None:
        """Tell the verdict in one line, and what to do where something is wrong."""
        from traindx.render import Page, one_line

        text = one_line(report, self._look())
        if report.verdict.state in ("failing", "attention"):
            page = Page(self._look())
            page.hang((("  do now  ", "heading"),), (report.action.text, ""), indent=10)
            text += page.string()
        self._write(text)

    def change(self, change: Change) -> None:
        """Tell a finding that appeared, grew worse or cleared; remarks are not told."""
        from traindx.render import Page

        finding = change.finding
        if change.is_remark:
            return
        page = Page(self._look())
        cleared = change.state == "cleared"
        style = "ok" if cleared else finding.severity.value
        sign = {"ok": page.glyphs.ok, "error": page.glyphs.error, "warning": page.glyphs.warning}[style]
        at = "" if change.step is None else f"step {change.step:,.0f}  "
        page.row(
            (f"{sign} ", style),
            (at, "quiet"),
            (f"{finding.code}  ", "code"),
            (f"{change.prefix}{finding.headline}  {100 * finding.confidence:.0f} %", ""),
        )
        self._write(page.string())

    def stop(self, decision: StopDecision) -> None:
        """Tell that the run should end, and why."""
        from traindx.render import Page

        page = Page(self._look())
        at = "" if decision.step is None else f"step {decision.step:,.0f}  "
        page.row((f"{page.glyphs.error} STOP  ", "error"), (at, "quiet"), (decision.reason, ""))
        self._write(page.string())

    def _look(self) -> Any:
        from traindx.render import Look, carries_drawings, encoding_of, wants_colour, width_of

        stream = self._stream or sys.stderr
        terminal = _is_terminal(stream)
        coloured = wants_colour(None, os.environ, terminal=terminal)
        return Look(
            width=width_of(os.environ, stream, terminal=terminal),
            colours="standard" if coloured else None,
            unicode=carries_drawings(encoding_of(stream)),
        )

    def _write(self, text: str) -> None:
        """Write whole lines at once, and the same ones in a row but once; tqdm moves its progress bar out of the way itself."""
        if text == self._said:
            return
        self._said = text
        stream = self._stream or sys.stderr
        encoding = getattr(stream, "encoding", None) or "utf-8"
        text = text.encode(encoding, "replace").decode(encoding)
        bars = getattr(sys.modules.get("tqdm"), "tqdm", None)
        if bars is not None:
            bars.write(text, file=stream, end="")
        else:
            _ = stream.write(text)
        stream.flush()


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False
