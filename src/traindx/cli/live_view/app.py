"""The live view: verdict first, then action, ruler, findings, a chart, the forecast."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import ClassVar, Final, final

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.events import Resize
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from traindx.cli.check import verdict_code
from traindx.cli.live_view.chart import Chart
from traindx.cli.live_view.keys import KEY_BAR, KEYS, LAYOUT, WIDEST
from traindx.cli.live_view.screens import HELP, PageScreen
from traindx.cli.live_view.state import ViewState, findings_shown, run_shown, series_names, series_shown
from traindx.cli.request import Request
from traindx.cli.watching import Rhythm, Watching
from traindx.diagnosis import Finding, Report
from traindx.live import Observation, Observer
from traindx.render import (
    Look,
    duration,
    finding_line,
    finding_text,
    forecast_text,
    ruler_text,
    shorten,
    terminal_text,
    verdict_text,
)

_QUIET_S: Final = 60.0  # after which the title says how long nothing has come
_ROOM_FOR_RULER: Final = 20  # lines of a terminal, below which the chart needs them more


@final
class LiveView(App[int]):
    """A run that goes on. Everything that comes from a log is cleaned, and none of it is read as markup."""

    CSS = LAYOUT
    ENABLE_COMMAND_PALETTE = False
    TITLE = "traindx"
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(self, observer: Observer, request: Request, told: Watching, look: Look) -> None:
        super().__init__()
        self._observer, self._request, self._told, self._base = observer, request, told, look
        self._rhythm = Rhythm(told, observer)
        self._seen = Observation()
        self._shown: list[Finding] = []
        self._busy = False
        self.state = ViewState()

    def compose(self) -> ComposeResult:
        """Lay out the parts, the most telling first."""
        yield Static(id="title", markup=False)
        yield Static(id="verdict")
        yield Static(id="ruler")
        yield OptionList(id="findings", markup=False)
        yield Chart(self._base)
        yield Static(id="forecast")
        yield Input(id="query", placeholder="filter findings and series", compact=True)
        yield Static(KEY_BAR.ljust(WIDEST), id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin to look."""
        self.theme = "ansi-dark"  # the terminal's own colours, light or dark
        self._title_bar()
        self._look_now()
        _ = self.set_interval(self._told.interval_s, self._tick)

    def on_resize(self, event: Resize) -> None:
        """Fit everything to the new size."""
        del event
        if self._seen.reports:
            _ = self.call_after_refresh(self._redraw)

    def _is_closed(self) -> bool:
        """Whether the view is being taken down, while a look or a tick was still under way."""
        return not self.query("#title")

    def _tick(self) -> None:
        self._title_bar()
        if self.state.following:
            self._look_now()

    def _look_now(self, *, asked: bool = False) -> None:
        if not self._busy:
            self._busy = True
            _ = self._look(asked)

    @work(thread=True)
    def _look(self, asked: bool) -> None:
        seen = self._observer.look(asked=asked)
        if self.is_running:
            self.call_from_thread(self._take, seen)

    def _take(self, seen: Observation) -> None:
        self._busy = False
        if self._is_closed():
            return
        fresh = seen.reports != self._seen.reports or seen.runs is not self._seen.runs
        self._seen = seen
        if seen.grew:
            self._rhythm.grown()
        self._title_bar()
        if fresh and seen.reports:
            self._redraw()
        if self._told.until_done and self._rhythm.is_done(seen):
            self.exit(verdict_code(list(seen.reports), self._request))

    def _look_at(self) -> Look:
        return replace(self._base, width=max(self.size.width, 40))

    def _redraw(self) -> None:
        if not self._seen.reports or self._is_closed():
            return
        report, look = self._report(), self._look_at()
        self.query_one("#verdict", Static).update(_styled(verdict_text(report, look)))
        ruler = ruler_text(report.scale, look) if self.size.height >= _ROOM_FOR_RULER else ""
        self.query_one("#ruler", Static).update(_styled(ruler))
        self.query_one("#ruler", Static).display = bool(ruler)
        self._list_findings(report, look)
        self._draw_chart()
        forecast = forecast_text(report, look)
        self.query_one("#forecast", Static).update(_styled(forecast))
        self.query_one("#forecast", Static).display = bool(forecast)

    def _report(self) -> Report:
        return self._seen.reports[run_shown(self.state, self._seen)]

    def _list_findings(self, report: Report, look: Look) -> None:
        listed = self.query_one("#findings", OptionList)
        at = listed.highlighted
        chosen = self._shown[at] if at is not None and at < len(self._shown) else None
        self._shown = findings_shown(report, self.state.query)
        lines = [_styled(finding_line(place, each, look)) for place, each in enumerate(self._shown, 1)]
        for line in lines:
            line.truncate(look.width - 2, overflow="ellipsis")
        none = "  no finding" + (f" with {shorten(self.state.query, 30)!r}" if self.state.query else "")
        _ = listed.clear_options()
        _ = listed.add_options([Option(line) for line in lines] or [Option(Text(none), disabled=True)])
        same = [place for place, each in enumerate(self._shown) if chosen is not None and each.code == chosen.code]
        listed.highlighted = same[0] if same else 0 if self._shown else None

    def _draw_chart(self) -> None:
        report = self._report()
        run = self._seen.runs[run_shown(self.state, self._seen)]
        self.query_one(Chart).show(series_shown(self.state, run, report), report, self.state)

    def _title_bar(self) -> None:
        if self._is_closed():
            return
        look = self._look_at()
        dot = f" {look.glyphs.dot} "
        name = shorten(self._report().name if self._seen.reports else str(self._observer.path), 30)
        runs = (
            f"run {run_shown(self.state, self._seen) + 1} of {len(self._seen.reports)}"
            if len(self._seen.reports) > 1
            else ""
        )
        following = "live" if self.state.following else "held still: f follows"
        problem = shorten(self._seen.problem.problem, max(look.width - 40, 20)) if self._seen.problem else ""
        idle = self._rhythm.idle_s()
        quiet = f"nothing new for {duration(idle)}" if idle >= _QUIET_S and not problem else ""
        told = ["traindx", name, runs, time.strftime("%H:%M:%S"), problem or following, quiet]
        bar = " " + dot.join(filter(None, told))
        self.query_one("#title", Static).update(bar.ljust(WIDEST))

    def _change(self, state: ViewState) -> None:
        self.state = state
        self._title_bar()
        if self._seen.reports:
            self._redraw()

    def action_quit_view(self) -> None:
        """End the view; the run goes on."""
        self.exit(0)

    def action_help(self) -> None:
        """Open the list of keys."""
        self._open("Keys", Text(HELP))

    def action_filter(self) -> None:
        """Ask for what to look for."""
        query = self.query_one("#query", Input)
        query.display = True
        _ = query.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        self._change(replace(self.state, query=event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter, and go back to the findings."""
        event.input.display = False
        _ = self.query_one("#findings", OptionList).focus()

    def action_clear(self) -> None:
        """Close the filter and clear it."""
        query = self.query_one("#query", Input)
        query.value = ""
        query.display = False
        self._change(replace(self.state, query=""))
        _ = self.query_one("#findings", OptionList).focus()

    def action_move(self, by: int) -> None:
        """Move among the findings."""
        listed = self.query_one("#findings", OptionList)
        if by > 0:
            listed.action_cursor_down()
        else:
            listed.action_cursor_up()

    def action_ends(self, last: bool) -> None:
        """Go to the first or the last finding."""
        if self._shown:
            self.query_one("#findings", OptionList).highlighted = len(self._shown) - 1 if last else 0

    def action_jump(self, place: int) -> None:
        """Go to a finding by its number."""
        if place <= len(self._shown):
            self.query_one("#findings", OptionList).highlighted = place - 1

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the finding that Enter was pressed on."""
        if event.option_index < len(self._shown):
            self._open_finding(self._shown[event.option_index])

    def action_open(self) -> None:
        """Open the marked finding, from wherever the keys are."""
        at = self.query_one("#findings", OptionList).highlighted
        if at is not None and at < len(self._shown):
            self._open_finding(self._shown[at])

    def _open_finding(self, finding: Finding) -> None:
        look = replace(self._look_at(), width=max(self.size.width - 6, 40), detail=1)
        self._open(f"{finding.code} {finding.name}", _styled(finding_text(finding, look)))

    def action_explain(self) -> None:
        """Open the whole report, every finding explained."""
        if self._seen.reports:
            look = replace(self._look_at(), width=max(self.size.width - 6, 40), detail=1)
            self._open("The whole report", _styled(terminal_text(self._report(), look)))

    def _open(self, title: str, text: Text) -> None:
        if len(self.screen_stack) == 1:  # a page over a page would hide which one Esc closes
            _ = self.push_screen(PageScreen(title, text))

    def action_series(self, by: int) -> None:
        """Draw another series."""
        if self._seen.reports:
            run, report = self._seen.runs[run_shown(self.state, self._seen)], self._report()
            shown = series_shown(self.state, run, report)
            names = series_names(run, self.state.query)
            self._change(self.state.next_series(names, shown.name if shown else "", by))

    def action_run(self, by: int) -> None:
        """Show another run of the path."""
        self._change(self.state.next_run(self._seen, by))

    def action_log(self) -> None:
        """Draw values by their logarithm, or not."""
        self._change(replace(self.state, log=not self.state.log))

    def action_axis(self) -> None:
        """Draw over the next axis that was logged."""
        if self._seen.reports:
            run = self._seen.runs[run_shown(self.state, self._seen)]
            self._change(self.state.next_axis(series_shown(self.state, run, self._report())))

    def action_smooth(self) -> None:
        """Smooth more, or no more."""
        self._change(self.state.smoother())

    def action_baselines(self) -> None:
        """Draw baselines, or not."""
        self._change(replace(self.state, baselines=not self.state.baselines))

    def action_follow(self) -> None:
        """Hold still, or follow again."""
        self._change(replace(self.state, following=not self.state.following))

    def action_reload(self) -> None:
        """Read and judge everything afresh."""
        self._observer.forget()
        self._look_now(asked=True)


def _styled(ansi: str) -> Text:
    """Return rendered text with its styles. What came out of a log has been cleaned of escapes before it was rendered."""
    return Text.from_ansi(ansi, no_wrap=True)
