"""What a W&B file tells beside its history: settings, the declared axis, resumes, and how the run ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import final

from traindx.readers.leveldb_log import Records
from traindx.readers.protobuf import LENGTH, Field, MalformedMessageError, fields
from traindx.readers.wandb_message import (
    CONFIG,
    EXIT,
    HISTORY,
    METRIC,
    RUN,
    config_pairs,
    first_number,
    first_text,
    record_part,
)
from traindx.run import Setting, SettingValue

_RUN_CONFIG, _RUN_STARTING_STEP = 4, 14
_METRIC_STEP = 4
_EXIT_CODE = 1


@final
@dataclass(slots=True)
class Told:
    """Gathers what records say. A later value of a setting replaces an earlier one.

    ``step_metrics`` are the metrics declared to be the axis of others; ``malformed`` the records (0-based) that could
    not be read.
    """

    path: str
    notes: list[str] = field(default_factory=list[str])
    step_metrics: set[str] = field(default_factory=set[str])
    malformed: set[int] = field(default_factory=set[int])
    _settings: dict[str, Setting] = field(default_factory=dict[str, Setting])

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings, each with its last value."""
        return tuple(self._settings.values())

    def listen(self, records: Records, which: list[int]) -> list[tuple[int, int, int]]:
        """Read some of the records; return where a history lies in them, with the number of its record."""
        histories: list[tuple[int, int, int]] = []
        for index in which:
            number = int(records.numbers[index])
            data = records.view.data
            try:
                part = record_part(data, int(records.starts[index]), int(records.ends[index]))
                if part is not None and part.number == HISTORY:
                    histories.append((part.start, part.end, number))
                elif part is not None and part.number in _HEARD:
                    _HEARD[part.number](self, data, part, f"{self.path}:{number + 1}")
            except MalformedMessageError:
                self.malformed.add(number)
        return histories

    def _keep(self, pairs: list[tuple[str, SettingValue]], where: str) -> None:
        for name, value in pairs:
            self._settings[name] = Setting(name, value, where)

    def hear_config(self, data: memoryview, part: Field, where: str) -> None:
        """Settings that the program changed after the start."""
        self._keep(config_pairs(data, part), where)

    def hear_run(self, data: memoryview, part: Field, where: str) -> None:
        """The start of the run: its settings, and the step at which a resumed one goes on."""
        for inner in fields(data, part.start, part.end):
            if inner.number == _RUN_CONFIG and inner.kind == LENGTH:
                self._keep(config_pairs(data, inner), where)
        step = first_number(data, part, _RUN_STARTING_STEP)
        if step > 0:
            self.notes.append(f"{where}: the run is resumed at step {step}")

    def hear_metric(self, data: memoryview, part: Field, where: str) -> None:
        """A metric whose axis is another metric."""
        del where
        step = first_text(data, part, _METRIC_STEP)
        if step:
            self.step_metrics.add(step)

    def hear_exit(self, data: memoryview, part: Field, where: str) -> None:
        """The end of the program."""
        code = first_number(data, part, _EXIT_CODE)
        if code:
            self.notes.append(f"{where}: the program ended with exit code {code}")


_HEARD: Mapping[int, Callable[[Told, memoryview, Field, str], None]] = {
    CONFIG: Told.hear_config,
    METRIC: Told.hear_metric,
    RUN: Told.hear_run,
    EXIT: Told.hear_exit,
}
