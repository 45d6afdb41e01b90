"""The live view, driven by its keys as a person would."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from traindx.cli.live_view import LiveView
from traindx.cli.live_view.chart import Chart
from traindx.cli.live_view.screens import PageScreen
from traindx.cli.request import Request
from traindx.cli.watching import Watching, observer_of
from traindx.render import Look

Drive = Callable[[LiveView, Pilot[int]], Awaitable[None]]


def rows(first: int, last: int) -> str:
    """A run that overfits: the validation loss rises after step 100."""
    told = (
        f"{i},{0.3 + 3 * 0.97**i + 0.02 * (i % 3):.4f},{0.5 + 2.5 * 0.95**i + max(0, i - 100) * 0.01:.4f}\n"
        for i in range(first, last)
    )
    return "".join(told)


def view(
    path: Path,
    drive: Drive,
    *,
    size: tuple[int, int] = (80, 24),
    told: Watching | None = None,
    look: Look | None = None,
) -> LiveView:
    """Show the view, drive it, and return the app as it ended."""
    request = Request(paths=(str(path),))
    app = LiveView(observer_of(request, str(path)), request, told or Watching(interval_s=0.05), look or Look())

    async def shown() -> None:
        async with app.run_test(size=size) as pilot:
            await drive(app, pilot)

    asyncio.run(shown())
    return app


async def until(pilot: Pilot[int], app: LiveView, wanted: Callable[[], bool]) -> None:
    for _ in range(200):
        if wanted():
            return
        await pilot.pause(0.02)
    raise AssertionError(screen(app))


def screen(app: LiveView) -> str:
    """What the terminal shows, as text."""
    return "\n".join("".join(part.text for part in line) for line in app.screen._compositor.render_strips())


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss,val_loss\n" + rows(0, 300))
    return path


def test_the_first_screen_answers_in_80_by_24(log: Path) -> None:
    async def drive(app: LiveView, pilot: Pilot[int]) -> None:
        await until(
            pilot, app, lambda: "ATTENTION" in screen(app) and "over steps" in screen(app) and "GEN001" in screen(app)
        )
        lines = screen(app).splitlines()
        assert len(lines) == 24
        assert all(len(line) <= 80 for line in lines)
        places = [
            next(at for at, line in enumerate(lines) if word in line)
            for word in ("ATTENTION", "Do now", "now ", "GEN001", "over steps")
        ]
        assert places == sorted(places)
        assert any("\u2800" < sign <= "\u28ff" for line in lines for sign in line)

    _ = view(log, drive)


def test_a_run_is_followed_as_it_grows_and_waited_for_before_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"

    async def drive(app: LiveView, pilot: Pilot[int]) -> None:
        await until(pilot, app, lambda: "no such file" in screen(app))
        path.write_text("step,loss,val_loss\n" + rows(0, 60))
        await until(pilot, app, lambda: "step 59" in screen(app))
        with path.open("a") as file:
            file.write(rows(60, 90))
        await until(pilot, app, lambda: "step 89" in screen(app))
        path.write_bytes(b"\x00\xff garbage \x1b[2J" * 30)
        await until(pilot, app, lambda: app._seen.problem is not None)
        assert "step 89" in screen(app)
        path.unlink()
        await until(pilot, app, lambda: "no such file" in screen(app))
        path.write_text("step,loss,val_loss\n" + rows(0, 120))
        await until(pilot, app, lambda: "step 119" in screen(app))

    _ = view(path, drive)


def test_keys_move_among_findings_open_them_and_close_them_again(log: Path) -> None:
    async def drive(app: LiveView, pilot: Pilot[int]) -> None:
        await until(pilot, app, lambda: "GEN001" in screen(app))
        listed = app.query_one("#findings", OptionList)
        count = listed.option_count
        assert count > 1
        for keys, place in (("j", 1), ("k", 0), ("G", count - 1), ("g", 0), ("2", 1), ("1", 0)):
            await pilot.press(keys)
            assert listed.highlighted == place, keys
        await pilot.press("enter")
        await until(pilot, app, lambda: isinstance(app.screen, PageScreen))
        await until(pilot, app, lambda: "refuted if" in screen(app))
        await pilot.press("escape")
        await until(pilot, app, lambda: not isinstance(app.screen, PageScreen))
        await pilot.press("e")
        await until(pilot, app, lambda: "The whole report" in screen(app))
        await pilot.press("G", "g", "j", "k", "q")
        await pilot.press("question_mark")
        await until(pilot, app, lambda: "logarithmic values" in screen(app))
        await pilot.press("escape")
        assert app.is_running

    _ = view(log, drive)


def test_keys_change_the_chart(log: Path) -> None:
    async def drive(app: LiveView, pilot: Pilot[int]) -> None:
        await until(pilot, app, lambda: "over steps" in screen(app))
        shown = lambda: app.query_one(Chart).render().plain.splitlines()[0]  # noqa: E731 - asked again and again
        assert shown().split()[0] == "loss"
        await pilot.press("n")
        assert shown().split()[0] == "val_loss"
        await pilot.press("N", "y", "s")
        assert shown().split()[0] == "loss"
        assert "log" in shown()
        assert "smoothed 0.6" in shown()
        await pilot.press("s", "s", "y", "b", "x")
        assert (app.state.smoothing, app.state.log, app.state.baselines, app.state.axis) == (0.0, False, False, "step")
        await pilot.press("tab")
        assert app.focused is app.query_one(Chart)
        await pilot.press("tab")
        assert app.focused is app.query_one("#findings")

    _ = view(log, drive)


def test_the_filter_leaves_what_it_names_and_escape_brings_the_rest_back(log: Path) -> None:
    async def drive(app: LiveView, pilot: Pilot[int]) -> None:
        await until(pilot, app, lambda: "GEN001" in screen(app))
        listed = app.query_one("#findings", OptionList)
        before = listed.option_count
        await pilot.press("slash", *"gen001")
        assert app.query_one("#query", Input).value == "gen001"
        assert len(app._shown) == 1
        await pilot.press("enter")
        assert app.focused is listed
        await pilot.press("escape")
        assert listed.option_count == before

    _ = view(log, drive)


def test_held_still_the_view_does_not_move_until_it_follows_again(log: Path) -> None:
    async def drive(app: LiveView, pilot: Pilot[int]) -> None:
        await until(pilot, app, lambda: "step 299" in screen(app))
        await pilot.press("f")
        await pilot.pause(0.1)
        with log.open("a") as file:
            file.write(rows(300, 330))
        await pilot.pause(0.3)
        assert "step 299" in screen(app)
        assert "held still" in screen(app)
        await pilot.press("f")
        await until(pilot, app, lambda: "step 329" in screen(app))
        await pilot.press("r")
        await until(pilot, app, lambda: not app._busy)
        assert "step 329" in screen(app)

    _ = view(log, drive)


def test_of_several_runs_the_gravest_is_shown_first(tmp_path: Path) -> None:
    for name, text in (
        ("good", rows(0, 100)),
        ("bad", rows(0, 50) + "".join(f"{i},nan,nan\n" for i in range(50, 100))),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.csv").write_text("step,loss,val_loss\n" + text)

    async def drive(app: LiveView, pilot: Pilot[int]) -> None:
        await until(pilot, app, lambda: "FAILING" in screen(app))
        assert "run 1 of 2" in screen(app)
        await pilot.press("right_square_bracket")
        assert "run 2 of 2" in screen(app)
        assert "FAILING" not in screen(app)

    _ = view(tmp_path, drive)


def test_what_a_log_says_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "hostile.csv"
    names = '"[red]loss[/red]\x1b[31m\x1b]0;owned\x07[@click=app.bell]x","[/val"'
    path.write_text(f"step,{names}\n" + "".join(f"{i},{5 - i / 20},{6 - i / 30}\n" for i in range(60)))

    async def drive(app: LiveView, pilot: Pilot[int]) -> None:
        await until(pilot, app, lambda: "over steps" in screen(app))
        assert "[red]loss[/red][@click=app.bell]x" in screen(app)
        assert "\x1b" not in screen(app)
        assert "owned" not in screen(app)
        await pilot.press("n", "enter", "escape", "slash", *"[/", "escape", "e")
        await until(pilot, app, lambda: isinstance(app.screen, PageScreen))

    _ = view(path, drive)


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (200, 60), (12, 5)])
def test_any_size_of_terminal_is_borne(log: Path, size: tuple[int, int]) -> None:
    async def drive(app: LiveView, pilot: Pilot[int]) -> None:
        await until(pilot, app, lambda: bool(app._shown))
        await pilot.press("n", "e", "escape", "question_mark", "escape")
        await pilot.resize_terminal(30, 8)
        await pilot.pause()
        assert app.query_one("#verdict", Static).size.width == 30

    _ = view(log, drive, size=size, look=Look(unicode=False))


def test_q_leaves_with_0_and_a_run_that_is_over_ends_the_view_with_its_verdict(log: Path) -> None:
    async def leave(app: LiveView, pilot: Pilot[int]) -> None:
        await pilot.press("q")

    assert view(log, leave).return_value == 0

    async def wait(app: LiveView, pilot: Pilot[int]) -> None:
        await until(pilot, app, lambda: not app.is_running or app.return_value is not None)

    over = Watching(interval_s=0.05, until_done=True, idle_s=0.0)
    assert view(log, wait, told=over).return_value == 1
