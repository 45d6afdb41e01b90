"""The choice of a reader for one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from traindx.errors import UnreadableLogError
from traindx.readers.contract import Reader
from traindx.readers.logfile import LogFile
from traindx.readers.refusals import empty_refusal, refusal, unknown_refusal
from traindx.readers.registry import READERS
from traindx.run import Run, Source

_HEAD_LINES = 40
_HEAD_CHARACTERS = 20_000


def read_log(log: LogFile, readers: Sequence[Reader] = READERS) -> list[Run]:
    """Return the runs in one file, read by the first reader that recognises it and finds numbers.

    Where none finds any, the first one's empty run stands (a run that has not logged yet). Raises
    ``UnreadableLogError`` where all fail, with the error of the reader that knew the file best.
    """
    refused = refusal(log)
    if refused is not None:
        raise refused
    empty: list[Run] | None = None
    first_error: UnreadableLogError | None = None
    for reader in readers:  # each is asked only when those before it have failed: asking costs too
        if not reader.recognises(log):
            continue
        try:
            with np.errstate(all="ignore"):  # infinities are data here; what they make of a difference is NaN
                runs = reader.read(log)
        except UnreadableLogError as error:
            if reader.alone:
                raise
            first_error = first_error or error
            continue
        if any(run.series for run in runs):
            return [_with_opening(run, log) for run in runs]
        empty = empty if empty is not None else runs
    if empty:
        return [_with_opening(run, log) for run in empty]
    raise first_error or _nobody_recognised(log)


def _nobody_recognised(log: LogFile) -> UnreadableLogError:
    if not bytes(log.head).strip():
        return empty_refusal(log)
    try:
        _ = log.text
    except UnreadableLogError as error:
        return error
    return unknown_refusal(log)


def _with_opening(run: Run, log: LogFile) -> Run:
    """Say in the sources what opening the file told: that it is not all there, and how it was decoded."""
    return replace(
        run, sources=tuple(_told(source, log) for source in run.sources), words=run.words or _head_words(run, log)
    )


def _head_words(run: Run, log: LogFile) -> str:
    """The lines of a text log before the first one that gave a number: at most forty, cut at 2,000 characters."""
    if not any(source.format.startswith("text") for source in run.sources):
        return ""
    firsts = [int(series.records[0]) for series in run.series.values() if len(series)]
    lines = log.text[:_HEAD_CHARACTERS].splitlines()
    return "\n".join(lines[: min([_HEAD_LINES, *(first - 1 for first in firsts if first > 0)])])[:2_000]


def _told(source: Source, log: LogFile) -> Source:
    if source.path != log.path:
        return source
    incomplete = source.incomplete
    if log.truncated and log.truncated not in incomplete:
        incomplete = f"{incomplete}; {log.truncated}" if incomplete else log.truncated
    return replace(source, incomplete=incomplete, encoding=source.encoding or log.encoding)
