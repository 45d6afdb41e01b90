"""Clock readings of log lines in seconds."""

from __future__ import annotations

import numpy as np

from traindx.readers.text.templates import Batch
from traindx.run import Floats

_DAY = 86_400.0


def times_of(batch: Batch) -> Floats:
    """Return the wall time of each line: seconds since 1970 with a date, since midnight without; NaN without a clock."""
    clock = batch.shape.clock
    if not clock or clock[3] < 0 or any(column >= 0 and column not in batch.columns for column in clock):
        return np.full(len(batch.lines), np.nan)
    year, month, day, hour, minute, second = (batch.columns[c] if c >= 0 else None for c in clock)
    if hour is None or minute is None:
        return np.full(len(batch.lines), np.nan)
    if batch.shape.half:
        hour = np.fmod(np.where(np.isfinite(hour), np.abs(hour), np.nan), 12) + (12 if batch.shape.half == "pm" else 0)
    seconds = np.zeros(len(hour)) if second is None else second * (1e-3 if batch.shape.comma else 1.0)
    result: Floats = np.abs(hour) * 3600 + np.abs(minute) * 60 + np.abs(seconds)
    if year is not None and month is not None and day is not None:
        with np.errstate(invalid="ignore"):  # damaged dates need not be numbers
            result = result + _days(np.abs(year), np.abs(month), np.abs(day)) * _DAY
    return np.where(np.isfinite(result), result, np.nan)


def unwrapped(times: Floats) -> Floats:
    """Return clock times without a date with a day added at each midnight that they pass."""
    if not len(times) or not np.isfinite(times).any() or np.nanmax(times) > 10 * _DAY:
        return times
    known = times[np.isfinite(times)]
    days = np.cumsum(np.concatenate([[0], np.diff(known) < -_DAY / 2]))
    result = times.copy()
    result[np.isfinite(times)] = known + days * _DAY
    return result


def _days(year: Floats, month: Floats, day: Floats) -> Floats:
    """Days since 1970-01-01 of a date in the Gregorian calendar, with the year taken to begin in March."""
    early = month <= 2
    year = year - early
    era = np.floor(year / 400)
    in_era = year - era * 400
    in_year = np.floor((153 * (month + np.where(early, 9, -3)) + 2) / 5) + day - 1
    days: Floats = era * 146_097 + in_era * 365 + np.floor(in_era / 4) - np.floor(in_era / 100) + in_year - 719_468
    return days
