"""What every rule and every reader must hold to, as test classes that plug-in authors inherit from.

>>> from traindx.rules.numerics import NanInLoss
>>> class TestNanInLoss(RuleContract):
...     rule = NanInLoss
>>> TestNanInLoss().test_it_never_breaks()
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from traindx.context import build_case
from traindx.engine import Examination, examine
from traindx.errors import UnreadableLogError
from traindx.readers import LogFile, Reader
from traindx.rules import Rule
from traindx.run import Run, Series, floats
from traindx.testing.trainings import FAMILIES, FAULTS, Training, facts_of, faulty_run, healthy_run

_HEADINGS = ["## What it looks at", "## Why it matters", "## What to try", "## When it is wrong"]
_SUMMARY = 80
_ODD = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e308)


class RuleContract:
    """Sub-class it and set ``rule`` (a class whose options all have defaults); pytest runs what it inherits."""

    rule: ClassVar[type[Rule]]

    def test_it_says_what_it_is(self) -> None:
        """A code, a name of words with hyphens, a short summary, and a page with the four headings."""
        meta, page = self.rule.meta, self.rule.__doc__ or ""
        assert meta.code[:3].isalpha()
        assert meta.code[3:].isdigit()
        assert meta.name == meta.name.lower().replace("_", "-").replace(" ", "-")
        assert len(meta.summary) <= _SUMMARY
        assert [line.strip() for line in page.splitlines() if line.strip().startswith("## ")] == _HEADINGS

    def test_it_never_breaks(self) -> None:
        """It reads only what it declares, and no run whatever makes it raise."""
        for run, facts in _runs():
            assert self._asked(run, facts).broken == ()

    def test_it_answers_the_same_twice(self) -> None:
        """The same run gives the same findings."""
        for run, facts in _runs():
            assert repr(self._asked(run, facts)) == repr(self._asked(run, facts))

    def test_healthy_trainings_raise_no_alarm(self) -> None:
        """Of healthy trainings of every family and length, none gets an error or a warning."""
        for family in FAMILIES:
            for points in (20, 200):
                training = Training(family=family, points=points)
                found = self._asked(healthy_run(training), facts_of(training)).findings
                assert all(finding.severity.value == "info" for finding in found), found

    def _asked(self, run: Run, facts: dict[str, int | float | str]) -> Examination:
        with np.errstate(all="ignore"):
            return examine(build_case(run, given=facts), (self.rule(),))


class ReaderContract:
    """Sub-class it and set ``reader`` and ``samples`` (path and content of files that it reads)."""

    reader: ClassVar[Reader]
    samples: ClassVar[Sequence[tuple[str, bytes]]]

    def test_it_recognises_and_reads_its_samples(self) -> None:
        """Every sample gives a run with at least one series, whose points are counted in its sources."""
        for path, data in self.samples:
            assert self.reader.recognises(LogFile(path, data))
            runs = self.reader.read(LogFile(path, data))
            assert any(len(one) for run in runs for one in run.series.values())
            assert all(source.rows > 0 for run in runs for source in run.sources)

    def test_a_cut_or_damaged_file_is_read_or_refused_with_a_place(self) -> None:
        """No other error than ``UnreadableLogError`` leaves a reader, whatever the file holds."""
        for path, data in self.samples:
            for damaged in _damaged(data):
                log = LogFile(path, damaged)
                assert not self.reader.recognises(log) or self._refused_at(log)

    def _refused_at(self, log: LogFile) -> str:
        """Where the log is refused; "nowhere" where it is read."""
        try:
            self.reader.read(log)
        except UnreadableLogError as refusal:
            return refusal.where
        return "nowhere"

    def test_nothing_is_recognised_in_an_empty_file(self) -> None:
        """An empty file has no format, and asking does not raise."""
        assert not self.reader.recognises(LogFile("empty", b"")) or self.reader.alone


def _runs() -> Iterator[tuple[Run, dict[str, int | float | str]]]:
    """Runs of every family with every fault, short and long, and damaged ones."""
    for family in FAMILIES:
        for fault in FAULTS:
            for points in (1, 2, 7, 40):
                training = Training(family=family, points=points, seed=points)
                run = faulty_run(fault, training)
                yield run, facts_of(training)
                yield _spoilt(run, points), {}


def _spoilt(run: Run, seed: int) -> Run:
    rng = np.random.default_rng(seed)
    series: dict[str, Series] = {}
    for name, one in run.series.items():
        values = np.where(rng.random(len(one)) < 0.3, rng.choice(_ODD, len(one)), one.values)
        series[name] = Series(name=name, values=floats(values), steps=floats(rng.permutation(one.steps)))
    return Run(name=run.name, series=series, sources=run.sources)


def _damaged(data: bytes) -> Iterator[bytes]:
    rng = np.random.default_rng(len(data))
    for cut in (1, 2, 3, len(data) // 2, len(data) - 1):
        yield data[:cut]
    for _ in range(20):
        spoilt = bytearray(data)
        for at in rng.integers(0, len(data), 1 + len(data) // 50).tolist():
            spoilt[at] = int(rng.integers(0, 256))
        yield bytes(spoilt)
