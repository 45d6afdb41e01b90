"""Running a program with its output passed through unchanged, while another process judges it (POSIX).

Everything here happens in one thread that only moves bytes. Judging takes place in a process of its own, so that it never
stands between the program and the terminal.
"""

from __future__ import annotations

import os
import select
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import Final, final

from traindx.cli import terminal
from traindx.cli.judge_process import JudgeProcess
from traindx.cli.kept_output import KeptOutput

_CHUNK: Final = 1 << 20
_PIPE_BYTES: Final = 1 << 20  # as much as Linux lets anyone ask for: fewer turns for a program that prints a lot
_LINGER_S: Final = 1.0  # how long output is awaited after the program has ended, from processes that it left behind
_STDOUT, _STDERR = 1, 2
_FORWARDED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT)


@final
@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended: its exit code as a shell gives it, and why it was stopped ("" where it was not)."""

    code: int
    stopped: str = ""


@final
@dataclass(slots=True)
class Passing:
    """One program, its streams, and what is done with them."""

    command: Sequence[str]
    kept: KeptOutput
    judge: JudgeProcess
    say: Callable[[str], None]
    grace_s: float = 30.0
    _child: subprocess.Popen[bytes] = field(init=False)
    _sources: dict[int, int] = field(init=False, default_factory=dict[int, int])  # our end of a stream: where it goes
    _ours: int | None = field(init=False, default=None)
    _stopped: str = field(init=False, default="")
    _blows: list[tuple[float, int]] = field(init=False, default_factory=list[tuple[float, int]])
    _told_of_log: bool = field(init=False, default=False)
    _ends_line: bool = field(init=False, default=True)

    def run(self) -> Ending:
        """Run the program to its end. Raises ``OSError`` where it cannot be started."""
        typed = terminal.is_ours(terminal.STDIN) and os.isatty(_STDOUT)
        self._start(typed=typed)
        handlers = {number: signal.signal(number, self._forward) for number in _FORWARDED}
        handlers[signal.SIGWINCH] = signal.signal(signal.SIGWINCH, self._resize)
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _woken)
        waker, wakened = os.pipe()
        os.set_blocking(waker, False)
        os.set_blocking(wakened, False)
        before = signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
        try:
            with terminal.raw_mode(wanted=typed):
                self._pass_on(waker, typed=typed)
        finally:
            _ = signal.set_wakeup_fd(before)
            for number, handler in handlers.items():
                _ = signal.signal(number, handler)
            os.close(waker)
            os.close(wakened)
        code = self._child.wait()
        return Ending(128 - code if code < 0 else code, self._stopped)

    def tell(self, line: str) -> None:
        """Write a line of our own to standard error: on a line of its own, whatever the program has left unfinished."""
        start = "" if self._ends_line else "\r\n" if self._ours is not None else "\n"
        self.say(start + (line.replace("\n", "\r\n") if self._ours is not None else line))
        self._ends_line = True

    def _start(self, *, typed: bool) -> None:
        theirs: int | None = None
        streams: dict[int, int] = {}
        opened: list[int] = []
        if os.isatty(_STDOUT):
            self._ours, theirs = terminal.pseudo_terminal(_STDOUT, raw=typed)
            opened.append(theirs)
            self._sources[self._ours] = _STDOUT
        for number in (_STDOUT, _STDERR):
            if theirs is not None and os.isatty(number):
                streams[number] = theirs
                continue
            reading, streams[number] = _pipe()
            opened.append(streams[number])
            self._sources[reading] = number
        try:
            self._child = subprocess.Popen(  # noqa: S603 - what the user asked to run
                self.command,
                stdin=theirs if typed else None,
                stdout=streams[_STDOUT],
                stderr=streams[_STDERR],
                env=_environment(os.environ),
                start_new_session=True,
                preexec_fn=partial(terminal.take_as_own, theirs) if theirs is not None else None,  # noqa: PLW1509 - one thread
            )
        finally:
            for descriptor in opened:
                os.close(descriptor)

    def _pass_on(self, waker: int, *, typed: bool) -> None:
        with selectors.DefaultSelector() as waiting:
            for source in self._sources:
                _ = waiting.register(source, selectors.EVENT_READ)
            _ = waiting.register(waker, selectors.EVENT_READ)
            if self.judge.answers >= 0:
                _ = waiting.register(self.judge.answers, selectors.EVENT_READ)
            if typed:
                _ = waiting.register(terminal.STDIN, selectors.EVENT_READ)
            ended_at: float | None = None
            while self._sources or ended_at is None:
                ready = [key.fd for key, _ in waiting.select(self._wait_s(ended_at))]
                for descriptor in ready:
                    self._serve(descriptor, waiting, waker)
                self._strike()
                if ended_at is None and self._child.poll() is not None:
                    ended_at = time.monotonic()
                    self._send(signal.SIGTERM if self._stopped else 0)
                quiet = not self._sources.keys() & set(ready)
                if ended_at is not None and quiet and time.monotonic() - ended_at >= _LINGER_S:
                    break
        for source in self._sources:
            os.close(source)
        if self._stopped:  # what the program started and left behind has had its SIGTERM
            self._send(signal.SIGKILL)

    def _wait_s(self, ended_at: float | None) -> float | None:
        if ended_at is not None:
            return max(ended_at + _LINGER_S - time.monotonic(), 0.0)
        return max(self._blows[0][0] - time.monotonic(), 0.0) if self._blows else None

    def _serve(self, descriptor: int, waiting: selectors.BaseSelector, waker: int) -> None:
        if descriptor in self._sources:
            if not self._move(descriptor, self._sources[descriptor]):
                _ = waiting.unregister(descriptor)
                del self._sources[descriptor]
                os.close(descriptor)
        elif descriptor == waker:
            _ = os.read(waker, 4096)
        elif descriptor == self.judge.answers:
            if not self._heed():
                _ = waiting.unregister(descriptor)
        elif not self._type():
            _ = waiting.unregister(descriptor)

    def _move(self, source: int, target: int) -> bool:
        """Pass on what is there; return False at the end of the stream, or where nobody takes it any more."""
        try:
            data = os.read(source, _CHUNK)
        except OSError:  # a terminal whose other end is closed
            return False
        if not data:
            return False
        self._ends_line = data.endswith(b"\n")
        try:
            write_all(target, data)
        except OSError:  # closing our end tells the program, as a closed pipe would have
            return False
        self.kept.add(source, data)
        if self.kept.problem and not self._told_of_log:
            self._told_of_log = True
            self.tell(f"traindx: {self.kept.problem}\n")
        return True

    def _type(self) -> bool:
        """Pass on what is typed, if the program's terminal has room for it."""
        assert self._ours is not None
        if not select.select([], [self._ours], [], 0.01)[1]:
            return True
        try:
            typed = os.read(terminal.STDIN, 1024)
            return bool(typed) and os.write(self._ours, typed) > 0
        except OSError:
            return False

    def _heed(self) -> bool:
        """Take what the judge says; return False when it says no more."""
        for answer in self.judge.said():
            if answer.say:
                self.tell(answer.say)
            if answer.stop and not self._stopped:
                self._stopped = answer.stop
                self.tell(f"traindx: stopping the program: {answer.stop}\n")
                now = time.monotonic()
                self._send(signal.SIGINT)
                self._blows = [(now + self.grace_s / 2, signal.SIGTERM), (now + self.grace_s, signal.SIGKILL)]
        if self.judge.answers < 0:
            self.tell("traindx: the process that judges has ended: the program goes on, unjudged\n")
        return self.judge.answers >= 0

    def _strike(self) -> None:
        while self._blows and time.monotonic() >= self._blows[0][0]:
            self._send(self._blows.pop(0)[1])

    def _send(self, number: int) -> None:
        """Send a signal to the program and all that it started; 0 sends none."""
        if number:
            try:
                os.killpg(self._child.pid, number)
            except (ProcessLookupError, PermissionError):
                return

    def _forward(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._send(number)

    def _resize(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._ours is not None:
            terminal.copy_size(_STDOUT, self._ours)
        else:
            self._send(signal.SIGWINCH)


def _woken(number: int, frame: FrameType | None) -> None:
    """Take note of nothing: that a signal has come is what wakes the loop."""
    del number, frame


def write_all(target: int, data: bytes) -> None:
    """Write all of ``data``, waiting where the reader is slow. Raises ``OSError`` where there is none."""
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(target, left) :]
        except BlockingIOError:  # somebody has set our output to non-blocking
            _ = select.select([], [target], [])


def _pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    if sys.platform == "linux":
        import fcntl

        try:
            _ = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:  # the user's share of pipe memory is used up
            return reading, writing
    return reading, writing


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Python programs must not hold back what they print into a pipe."""
    return {"PYTHONUNBUFFERED": "1", **ours}
