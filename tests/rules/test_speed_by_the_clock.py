"""Where no step time is logged, the clock beside the loss tells the pace; pauses and coarse clocks do not mislead it."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.diagnosis import Finding
from traindx.engine import diagnose_run, select_rules
from traindx.run import Floats, Run, Series, floats

RULES = select_rules(["SYS"])


def findings(seconds: Floats, every: int = 10) -> dict[str, Finding]:
    size = len(seconds)
    loss = Series(
        name="train/loss",
        values=floats(0.5 + 1.8 * np.exp(-np.arange(size) / 50)),
        steps=floats(every * np.arange(size)),
        wall_times=floats(1.7e9 + np.cumsum(seconds) * every),
    )
    return {f.code: f for f in diagnose_run(Run(name="any", series={"train/loss": loss}, sources=()), RULES).findings}


def test_a_pace_that_halves_is_measured_by_the_clock() -> None:
    found = findings(floats(np.where(np.arange(300) < 150, 1.0, 2.0)))
    assert found["SYS001"].evidence[0].measured == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize("every", [1, 10, 100])
def test_a_clock_of_whole_seconds_and_a_night_without_steps_are_no_slow_down(every: int) -> None:
    rng = np.random.default_rng(0)
    seconds = 0.3 + 0.02 * rng.normal(size=400)
    seconds[200] += 40_000 / every
    loss = findings(floats(seconds), every)
    assert "SYS001" not in loss


def test_a_pause_is_told_with_its_share_of_the_time() -> None:
    seconds = np.full(400, 1.0)
    seconds[300] = 101.0
    found = findings(floats(seconds))
    # a hundred seconds more per step over ten steps, of 380 x 10 + 1,000 seconds after the first twentieth
    assert found["SYS003"].evidence[0].measured == pytest.approx(1_000 / 4_790, rel=0.01)


def test_a_clock_that_goes_back_or_stands_tells_nothing() -> None:
    assert findings(floats(np.zeros(200))) == {}
    assert findings(floats(np.where(np.arange(200) % 2, -1.0, 1.0))) == {}
