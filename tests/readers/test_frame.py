"""Columns to a run: axes are found by name and behaviour, rows keep the order of the file."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.readers.axis import Column, find_axis
from traindx.readers.frame import run_from_columns, split_name
from traindx.run import Run, Source

SOURCE = Source(path="x", format="test")


def column(*values: float | None) -> Column:
    present = np.array([value is not None for value in values])
    numbers = np.array([np.nan if value is None else value for value in values])
    return Column(numbers, None if present.all() else present)


def run_of(**columns: Column) -> Run:
    size = max(len(c.rows()) for c in columns.values())
    return run_from_columns("x", SOURCE, columns, np.arange(1, size + 1))


def test_a_step_column_is_the_axis_and_no_series() -> None:
    loss = run_of(step=column(0, 10, 20), loss=column(3, 2, 1)).series
    assert list(loss) == ["loss"]
    assert loss["loss"].steps.tolist() == [0, 10, 20]
    assert loss["loss"].has_steps


def test_without_step_or_epoch_the_rows_are_counted() -> None:
    loss = run_of(loss=column(3, None, 1)).series["loss"]
    assert loss.steps.tolist() == [0, 2]
    assert not loss.has_steps


def test_the_epoch_serves_as_step_where_nothing_finer_is_logged() -> None:
    loss = run_of(Epoch=column(1, 2, 3), loss=column(3, 2, 1)).series["loss"]
    assert loss.steps.tolist() == loss.epochs.tolist() == [1, 2, 3]


@pytest.mark.parametrize("base", [0, 1])
def test_an_iteration_that_restarts_in_each_epoch_becomes_a_global_step(base: int) -> None:
    run = run_of(
        epoch=column(*(base + e for e in (0, 0, 1, 1, 2))),
        iter=column(50, 100, 50, 100, 50),
        loss=column(5, 4, 3, 2, 1),
    )
    assert run.series["loss"].steps.tolist() == [50, 100, 150, 200, 250]
    assert run.series["loss"].epochs[0] == base


def test_a_row_of_a_whole_epoch_stands_at_its_end() -> None:
    run = run_of(epoch=column(1, 1, 1, 2, 2, 2), iter=column(50, 100, None, 50, 100, None), a=column(1, 2, 3, 4, 5, 6))
    assert run.series["a"].steps.tolist() == [50, 100, 100, 150, 200, 200]


def test_a_global_step_that_goes_on_over_epochs_is_left_alone() -> None:
    run = run_of(epoch=column(0, 0, 1, 1), step=column(50, 100, 150, 200), loss=column(4, 3, 2, 1))
    assert run.series["loss"].steps.tolist() == [50, 100, 150, 200]


def test_a_restart_is_evidence_and_stays_in_file_order() -> None:
    run = run_of(step=column(0, 10, 20, 10, 20), loss=column(5, 4, 3, 4, 3))
    assert run.series["loss"].steps.tolist() == [0, 10, 20, 10, 20]


def test_gaps_of_the_counter_take_the_value_before_them() -> None:
    run = run_of(step=column(None, 5, None, 7), loss=column(4, 3, 2, 1))
    assert run.series["loss"].steps.tolist() == [5, 5, 5, 7]


def test_a_column_named_time_is_a_clock_only_where_it_runs_forward() -> None:
    assert find_axis(["time"], {"time": column(1, 2, 3)}).time == "time"
    assert "time" in run_of(step=column(1, 2, 3, 4), time=column(0.3, 0.2, 0.4, 0.1), a=column(1, 2, 3, 4)).series


def test_clocks_in_milliseconds_become_seconds() -> None:
    run = run_of(timestamp=column(1.7e12, 1.7e12 + 1000), loss=column(2, 1))
    assert run.series["loss"].wall_times.tolist() == [1.7e9, 1.7e9 + 1]


def test_a_tracker_counter_gives_way_to_the_step_of_the_program() -> None:
    columns = {"_step": column(0, 1, 2), "trainer/global_step": column(0, 50, 100), "loss": column(3, 2, 1)}
    run = run_from_columns("x", SOURCE, columns, np.arange(3))
    assert run.series["loss"].steps.tolist() == [0, 50, 100]
    assert list(run.series) == ["loss"]


def test_columns_of_the_same_rows_share_their_axes() -> None:
    run = run_of(step=column(0, 1, 2), a=column(1, None, 3), b=column(4, None, 6), c=column(1, 2, 3), d=column(1, 2, 3))
    assert run.series["a"].steps.base is run.series["b"].steps.base or np.shares_memory(
        run.series["a"].steps, run.series["b"].steps
    )
    assert np.shares_memory(run.series["c"].steps, run.series["d"].steps)


def test_not_a_number_is_a_value_and_a_missing_cell_is_none() -> None:
    series = run_of(step=column(0, 1, 2), loss=column(float("nan"), None, float("inf"))).series["loss"]
    assert np.isnan(series.values[0])
    assert series.values[1] == np.inf
    assert series.steps.tolist() == [0, 2]


def test_packed_and_full_columns_say_the_same() -> None:
    present = np.array([True, False, True])
    packed, full = Column(np.array([1.0, 3.0]), present), Column(np.array([1.0, 9.0, 3.0]), present)
    assert packed.packed().tolist() == full.packed().tolist() == [1, 3]
    assert np.array_equal(packed.full(), full.full(), equal_nan=True)


@pytest.mark.parametrize(
    ("name", "split", "expected"),
    [
        ("loss", "train", "loss"),
        ("loss", "valid", "val/loss"),
        ("val_loss", "val", "val_loss"),
        ("eval_loss", "validation", "eval_loss"),
        ("loss", "test", "test/loss"),
        ("loss", "fold3", "fold3/loss"),
    ],
)
def test_rows_of_a_split_are_named_by_it_once(name: str, split: str, expected: str) -> None:
    assert split_name(name, split) == expected
