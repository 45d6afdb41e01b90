"""What is to be read as one run: its files, the split that each stands for, its settings and checkpoints."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final, final

from traindx.readers.file_kinds import is_event_file
from traindx.run import Checkpoint

SPLITS: Final[dict[str, str]] = {
    **dict.fromkeys(("train", "training"), ""),
    **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation", "dev"), "val/"),
    **dict.fromkeys(("test", "testing"), "test/"),
}


@final
@dataclass(frozen=True, slots=True)
class Part:
    """One file of a run; ``prefix`` goes before its series names, ``metric`` is its name where a folder tells it."""

    path: str
    prefix: str = ""
    metric: str = ""

    @property
    def is_events(self) -> bool:
        """Whether it is an event file."""
        return is_event_file(os.path.basename(self.path))


@final
@dataclass(slots=True, kw_only=True)
class Plan:
    """One run to read. ``home`` is its folder; ``scalars`` are sub-folders that may hold single scalars of it.

    ``left_out`` are files beside the log that could be logs or data: they are named in a note, not read.
    """

    name: str
    home: str
    parts: list[Part] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    scalars: list[Plan] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    is_mlflow: bool = False

    @property
    def only_events(self) -> bool:
        """Whether it consists of event files alone."""
        return bool(self.parts) and all(part.is_events for part in self.parts)

    def absorb(self, other: Plan, prefix: str = "") -> None:
        """Take over the files of ``other``, with ``prefix`` before its series."""
        self.parts += [Part(part.path, prefix + part.prefix, part.metric) for part in other.parts]
        self.settings += [path for path in other.settings if path not in self.settings]
        self.checkpoints += other.checkpoints
        self.scalars += other.scalars
        self.left_out += other.left_out
