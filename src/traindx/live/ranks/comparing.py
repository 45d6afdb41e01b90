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
            if rank and known.post is not None and known.post.at >= 0:
                steps = self._steps_behind(first.post, known.post)
                at = min(first.post.at, known.post.at) if known.post.begun is not None else first.post.at
                if steps is not None and (rank, at) not in self._told:
                    self._told = {told for told in self._told if told[1] > at - 8 * self.every} | {(rank, at)}
                    yield at, {f"steps_behind [rank {rank}]": steps}

    def _steps_behind(self, first: Post, other: Post) -> float | None:
        """How many steps a rank is behind rank 0: by their operations, else by their counts once these lie far apart."""
        if other.begun is not None and len(self._begun) >= 2:
            steps = list(self._begun)
            per_step = (self._begun[steps[-1]] - self._begun[steps[0]]) / (steps[-1] - steps[0])
            if per_step > 0:
                if other.at not in self._begun:
                    return None
                return (other.begun - self._begun[other.at]) / per_step
            return self._by_counts(first, other)
        return self._by_counts(first, other) if other.begun is None else None

    def _by_counts(self, first: Post, other: Post) -> float:
        """Posts come a moment apart: differences up to two of the intervals at which they are sent mean nothing."""
        apart = float(first.step - other.step)
        return apart if abs(apart) > 2 * self.every else 0.0


def _values(rank: int, post: Post) -> dict[str, float]:
    told: Mapping[str, float] = post.values
    if post.step_time == post.step_time and "step_time" not in told:
        told = {**told, "step_time": post.step_time}
    return {f"{name} [rank {rank}]": value for name, value in told.items()}
