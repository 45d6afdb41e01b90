"""Draws ``docs/img/watch.svg``: the live view as it shows a training that learns nothing. Run: ``python docs/watch_picture.py``."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from pathlib import Path

from traindx.cli.live_view import LiveView
from traindx.cli.request import Request
from traindx.cli.watching import Watching, observer_of
from traindx.render import Look

ROOT = Path(__file__).parents[1]
TITLE = "<title>traindx watch: verdict, action, ruler, findings and the loss curve</title>"


async def picture(log: Path) -> str:
    """Return the view of a log, 80 columns by 24 lines, as SVG."""
    request = Request(paths=(str(log),))
    app = LiveView(observer_of(request, str(log)), request, Watching(interval_s=0.1), Look(colours="truecolor"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(3)
        return app.export_screenshot()


def main() -> None:
    """Draw the picture, without the fonts that it would fetch from the network."""
    with tempfile.TemporaryDirectory() as made:
        log = Path(made, "broken_clip.log")
        shutil.copyfile(ROOT / "examples" / log.name, log)
        drawn = asyncio.run(picture(log))
    drawn = re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace(
        "<!-- Generated with Rich https://www.textualize.io -->",
        f"{TITLE}\n    <!-- Drawn by docs/watch_picture.py; do not edit. -->",
    )
    (ROOT / "docs" / "img" / "watch.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
