"""The process that judges beside a program, as seen from the one that passes its output on."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from traindx.errors import UsageError

_START: Final = "from traindx.cli.run_judge import main; main()"
_READY_S: Final = (
    120.0  # importing from a slow network disk takes its time; a program that waits longer starts unjudged
)


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """What the judge says: a line for people, a reason to stop, that it is ready, or what is wrong with its order."""

    say: str = ""
    stop: str = ""
    ready: bool = False
    problem: str = ""
    where: str = ""
    hint: str = ""


@final
class JudgeProcess:
    """Judges files as they grow, and answers in lines of JSON.

    Its order is the first line of its input, where no list of processes shows the addresses in it. Closing its input tells it
    that nothing more will come.
    """

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this Python, and a text of our own
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        _ = self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        self.answers = self._process.stdout.fileno()
        self._begun = b""

    def wait_until_ready(self) -> None:
        """Wait until it has understood its order. Raises ``UsageError`` for what is wrong with that."""
        until = time.monotonic() + _READY_S
        while self.answers >= 0 and select.select([self.answers], [], [], max(until - time.monotonic(), 0))[0]:
            for answer in self.said():
                if answer.problem:
                    raise UsageError(answer.problem, where=answer.where, hint=answer.hint)
                if answer.ready:
                    return

    def said(self) -> Iterator[Answer]:
        """Yield what it has said by now. ``answers`` is -1 from when it says no more."""
        data = os.read(self.answers, 1 << 16)
        if not data:
            self.answers = -1
        *lines, self._begun = (self._begun + data).split(b"\n")
        for line in lines:
            yield Answer(**json.loads(line))

    def finish(self, wait_s: float) -> Iterator[Answer]:
        """Tell it that nothing more will come, and yield its last words; it is ended where it takes too long for them."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        until = time.monotonic() + wait_s
        while self.answers >= 0 and select.select([self.answers], [], [], max(until - time.monotonic(), 0))[0]:
            yield from self.said()

    def end(self) -> None:
        """End it now, if it has not ended."""
        self._process.kill()
        _ = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
