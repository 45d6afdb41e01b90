"""A process that is killed leaves every step whose call had returned, in a file that opens."""

from __future__ import annotations

import pytest
from benchmarks.killing import kill_one


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_a_killed_run_loses_no_step_that_it_was_told(seed: int) -> None:
    killed = kill_one(seed)
    assert killed.told > 0
    assert killed.lost == 0
    assert not killed.damaged
