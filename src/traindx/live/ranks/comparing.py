"""From the posts of all ranks to rows of the log: what each measured, how far it is behind, how long it has been silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import final

from traindx.live.ranks.post import Post

Row = tuple[int, dict[str, float]]


@final
@dataclass(slots=True)
class _Known:
    """What is known of one rank: its latest post, when it last gave a sign of life, and whether its silence was told."""

    post: Post | None = None
    heard: float = 0.0
    silent: bool = False


@final
@dataclass(slots=True)
class Comparison:
    """Takes posts and says what is to be recorded. Pure but for the times that it is given, in seconds of any clock.

    ``every`` is how many steps lie between two that all tell of; a rank that was silent for ``silent_after_s`` is told once, and
    again when it comes back.
    """

    every: int
    silent_after_s: float
    _known: dict[int, _Known] = field(default_factory=dict[int, _Known])
    _begun: dict[int, int] = field(default_factory=dict[int, int])  # step -> operations that rank 0 had begun
    _told: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    def take(self, rank: int, post: Post, now: float) -> Iterator[Row]:
        """Take the latest post of a rank; yield the rows that it makes."""
        known = self._known.setdefault(rank, _Known(heard=now))
        if known.post is not None and known.post.beat == post.beat:
            return
        fresh = known.post is None or known.post.at != post.at
        known.post, known.heard = post, now
        if known.silent:
            known.silent = False
            yield self._step(), {f"seconds_silent [rank {rank}]": 0.0}
        if fresh and post.at >= 0:
            if rank == 0 and post.begun is not None:
                self._begun[post.at] = post.begun
                self._begun = dict(list(self._begun.items())[-8:])
            yield post.at, _values(rank, post)
        yield from self._behind()

    def silences(self, now: float) -> Iterator[Row]:
        """Yield a row for every rank that has just been silent for too long."""
        for rank, known in self._known.items():
            post, quiet = known.post, now - known.heard
            if rank and post is not None and not post.over and not known.silent and quiet > self.silent_after_s:
                known.silent = True
                yield self._step(), {f"seconds_silent [rank {rank}]": quiet}

    def expect(self, ranks: int, now: float) -> None:
        """Expect a first sign of life from each of ``ranks`` processes from now on."""
        for rank in range(1, ranks):
            self._known.setdefault(rank, _Known(post=Post(beat=0, step=-1), heard=now))

    def _step(self) -> int:
        first = self._known.get(0)
        return max(first.post.step, 0) if first is not None and first.post is not None else 0

    def _behind(self) -> Iterator[Row]:
        """Compare each rank with rank 0 at the last step that both tell of, once."""
        first = self._known.get(0)
        if first is None or first.post is None or first.post.at < 0:
            return
        for rank, known in self._known.items():
            if not rank or known.post is None or known.post.at < 0:
                continue
            at, steps = self._steps_behind(first.post, known.post)
            if (rank, at) not in self._told:
                self._told = {told for told in self._told if told[1] > at - 8 * self.every} | {(rank, at)}
                yield at, {f"steps_behind [rank {rank}]": steps}

    def _steps_behind(self, first: Post, other: Post) -> tuple[int, float]:
        """At which step, and how many steps a rank is behind rank 0 there.

        By the operations that both had begun at what they call the same step; where these tell nothing, by their counts. Posts come
        a moment apart: counts that differ by up to two of the intervals at which rows are told of mean nothing.
        """
        apart = float(first.step - other.step)
        begun = self._begun.get(other.at)
        if abs(apart) > 2 * self.every or other.begun is None or begun is None or len(self._begun) < 2:
            return first.at, apart if abs(apart) > 2 * self.every else 0.0
        steps = list(self._begun)
        per_step = (self._begun[steps[-1]] - self._begun[steps[0]]) / (steps[-1] - steps[0])
        return other.at, (other.begun - begun) / per_step if per_step > 0 else 0.0


def _values(rank: int, post: Post) -> dict[str, float]:
    told: Mapping[str, float] = post.values
    if post.step_time == post.step_time and "step_time" not in told:
        told = {**told, "step_time": post.step_time}
    return {f"{name} [rank {rank}]": value for name, value in told.items()}
