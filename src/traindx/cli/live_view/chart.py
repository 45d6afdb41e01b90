"""The chart of one series as a widget: it draws itself to its own size."""

from __future__ import annotations

from typing import final

from rich.text import Text
from textual.widget import Widget

from traindx.cli.live_view.state import ViewState, baselines_of, places
from traindx.diagnosis import Report
from traindx.render import Drawing, Look, Page, chart_rows, levels_told
from traindx.run import Series


@final
class Chart(Widget, can_focus=True):
    """The chosen series, its smoothed course and the baselines."""

    def __init__(self, look: Look) -> None:
        super().__init__(id="chart")
        self._look = look
        self._shown: tuple[Series, Report, ViewState] | None = None

    def show(self, series: Series | None, report: Report, state: ViewState) -> None:
        """Draw this from now on."""
        self._shown = None if series is None else (series, report, state)
        _ = self.refresh()

    def render(self) -> Text:
        """Return the chart as text of the widget's size."""
        page = Page(self._look)
        if self._shown is None:
            return page.text(("  no series yet", "quiet"))
        series, report, state = self._shown
        levels = baselines_of(report, series) if state.baselines else []
        drawing = Drawing(
            x=places(series, state.axis),
            y=series.values,
            levels=levels,
            smoothing=state.smoothing,
            log=state.log,
        )
        rows = chart_rows(drawing, width=self.size.width, height=self.size.height - 1, look=self._look)
        head = page.text((f"  {series.name}", "heading"), (self._remarks(drawing, state, series), "quiet"))
        head.truncate(self.size.width, overflow="ellipsis")
        if not rows:
            rows = [[("  no finite value to draw", "quiet")]]
        return Text("\n").join([head, *(page.text(*row) for row in rows)])

    def _remarks(self, drawing: Drawing, state: ViewState, series: Series) -> str:
        dot = f" {self._look.glyphs.dot} "
        over = {"step": "steps" if series.has_steps else "rows", "epoch": "epochs", "time": "hours"}[state.axis]
        parts = [f"over {over}", "log" if drawing.log else ""]
        parts += [f"smoothed {state.smoothing:g}" if state.smoothing else "", levels_told(drawing.levels)]
        return dot + dot.join(filter(None, parts))
