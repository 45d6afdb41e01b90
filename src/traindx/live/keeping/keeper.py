"""Which checkpoint is worth keeping, said and done while the run trains."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, final

from traindx.context import choose_main, choose_main_metric, resolve
from traindx.live.keeping.choosing import Chance, Ties, newest_is_best
from traindx.live.keeping.index import Index, Kept, read_index, write_index
from traindx.live.keeping.naming import LAST, best_name, file_name, named
from traindx.live.keeping.scores import Board, Scores
from traindx.live.keeping.writing import Saver, forget_broken_off, forget_others, save_as
from traindx.live.ranks.group import rank_now
from traindx.live.warner import Warner

HOME: Final = "checkpoints"
By = str | Iterable[str] | Mapping[str, str]


@final
class Keeper:
    """Says whether the newest evaluation is a new best, and keeps checkpoints by that.

    Everything happens in the training thread, at evaluations only; ``board`` takes the measurements at every step. Nothing is
    raised, for an error at the first evaluation would cost all that was trained before: what fails warns once, and what was
    kept before stays. ``step_now`` tells the last step logged; ``look_again`` is called when a name begins to matter.
    """

    def __init__(
        self,
        directory: Path,
        warner: Warner,
        step_now: Callable[[], float],
        look_again: Callable[[], None],
        *,
        resume: bool = False,
    ) -> None:
        self.board = Board()
        self._warner, self._step_now, self._look_again = warner, step_now, look_again
        self._home = directory / HOME
        self._said: dict[str, tuple[float, float]] = {}  # series -> step and value that is_best said yes to
        self._answers: dict[tuple[str, str], tuple[float, bool]] = {}  # an answer holds until the next measurement
        self._kept: dict[str, Kept] = {}
        self._seen: dict[str, float] = {}  # name -> step of the measurement that keep_best has seen
        self._restored, self._resume = False, resume
        self._process = os.getpid()

    @property
    def kept(self) -> Mapping[str, Kept]:
        """What is kept now, by name."""
        return dict(self._kept)

    def is_best(self, name: str, *, higher_is_better: bool | None = None, ties: Ties = "first") -> bool:
        """Say whether the newest value of a series is a new best; see ``Monitor.is_best``."""
        try:
            return self._is_best(name, higher_is_better, ties)
        except Warning:  # a program that turns warnings into errors gets its own
            raise
        except Exception as problem:  # noqa: BLE001 - the border to the training, as below
            self._warner.once("asking", f"whether {name!r} is a new best cannot be told: {problem}")
            return False

    def _is_best(self, name: str, higher_is_better: bool | None, ties: Ties) -> bool:
        self._restore()
        scores = self._scores(name)
        if scores is None or scores.pending is not None or not scores.values:
            return False
        step, value = scores.steps[-1], scores.values[-1]
        answered = self._answers.get((name, ties))
        if answered is not None and answered[0] == step:
            return answered[1]
        higher = self._side(name, higher_is_better)
        if higher is None:
            return False
        chance, _ = _chance(scores, self._said.get(name), higher=higher, ties=ties)
        self._answers[name, ties] = step, chance.best
        if chance.best:
            self._said[name] = step, value
            self._write()
        return chance.best

    def keep_best(
        self, saver: Saver, by: By | None = None, *, last: bool = True, suffix: str = ".pt", ties: Ties = "first"
    ) -> tuple[Kept, ...]:
        """Save what is worth keeping of this moment; see ``Monitor.keep_best``."""
        if rank_now() != 0 or os.getpid() != self._process:
            return ()
        try:
            self._restore()
            fresh = self._fresh(named(by) if by is not None else self._usual(), ties)
            return self._save(saver, fresh, last=last, suffix=suffix)
        except Warning:
            raise
        except Exception as problem:  # noqa: BLE001 - the border to the training: a full disk or a failing saver must not end it
            self._warner.once("saving", f"no checkpoint was kept: {problem}; what was kept before is untouched")
            return ()

    def _usual(self) -> dict[str, str]:
        """The main metric and the loss on held-out data, of those measured so far."""
        names = self.board.names()
        lengths = {name: len(scores.values) for name in names if (scores := self.board.of(name)) is not None}
        roles = {name: resolve(name) for name in names}
        found: dict[str, str] = {}
        for choose in (choose_main_metric, choose_main):
            name = choose(roles, lengths, "val") or choose(roles, lengths, "test")
            if name is not None:
                found.setdefault(best_name(name), name)
        return found

    def _fresh(self, wanted: Mapping[str, str], ties: Ties) -> list[Kept]:
        """Return what is to be kept by each metric whose newest measurement is a new best."""
        now = float(self._step_now())
        fresh: list[Kept] = []
        for name, metric in wanted.items():
            scores, higher = self._scores(metric), self._side(metric, None)
            if scores is None or higher is None:
                continue
            if scores.pending is not None:
                self._warner.once(
                    metric, f"{metric} is still on its device: keep_best needs a number, such as value.item()"
                )
                continue
            old = self._kept.get(name)
            if not scores.values or self._seen.get(name) == scores.steps[-1]:
                continue
            if scores.steps[-1] != now:
                late = f"{metric} was measured at step {scores.steps[-1]:.0f}, and this is step {now:.0f}"
                self._warner.once("late", f"{late}: call keep_best right after the evaluation")
                continue
            self._seen[name] = now
            mark = (old.step, old.value) if old is not None and old.metric == metric else None
            chance, tied = _chance(scores, mark, higher=higher, ties=ties)
            if chance.best:
                fresh.append(
                    Kept(
                        name=name,
                        path=self._home,
                        step=now,
                        metric=metric,
                        direction="higher" if higher else "lower",
                        value=scores.values[-1],
                        noise=chance.noise,
                        why=chance.why,
                        tied_steps=tied,
                    )
                )
        return fresh

    def _save(self, saver: Saver, fresh: list[Kept], *, last: bool, suffix: str) -> tuple[Kept, ...]:
        step = float(self._step_now())
        if last and LAST not in [one.name for one in fresh]:
            old = self._kept.get(LAST)
            if old is None or old.step != step or not old.path.exists():
                fresh = [*fresh, Kept(name=LAST, path=self._home, step=step, why="the newest one")]
        if not fresh:
            return ()
        paths = save_as(saver, self._home, [file_name(one.name, one.step, suffix) for one in fresh])
        placed = tuple(replace(one, path=path) for one, path in zip(fresh, paths, strict=True))
        self._kept |= {one.name: one for one in placed}
        self._write()
        for one in placed:
            forget_others(one.path, one.name)
        return placed

    def _scores(self, name: str) -> Scores | None:
        if self.board.of(name) is None:
            self.board.collect(name)
            self._look_again()
        scores = self.board.of(name)
        if scores is None or not (scores.values or scores.pending is not None):
            self._warner.once(f"no {name}", f"nothing is known of {name!r} yet: its best is looked for from now on")
            return None
        return scores

    def _side(self, name: str, given: bool | None) -> bool | None:
        """Whether higher is better, None where neither the name nor the caller says."""
        if given is not None:
            return given
        direction = resolve(name).direction
        if direction is None:
            self._warner.once(
                f"side of {name}", f"whether higher is better is not known of {name!r}: tell higher_is_better"
            )
            return None
        return direction == "higher"

    def _restore(self) -> None:
        """Go on from the index of an earlier process, once.

        A training whose steps begin anew is another one: what was kept of the earlier makes room for its own.
        """
        if self._restored:
            return
        self._restored = True
        try:
            index = read_index(self._home)
            forget_broken_off(self._home)
        except (OSError, ValueError) as problem:
            self._warner.once("index", f"what was kept by an earlier process is not known: {problem}")
            return
        reached = [*(one.step for one in index.kept.values()), *(step for step, _ in index.said.values())]
        if not self._resume and self._step_now() <= max(reached, default=-1.0):
            return
        self._kept, self._said = dict(index.kept), dict(index.said)
        for name, (steps, values) in index.scores.items():
            self.board.restore(name, steps, values)

    def _write(self) -> None:
        if rank_now() != 0:
            return
        names = self.board.names()
        scores = {name: (one.steps, one.values) for name in names if (one := self.board.of(name)) is not None}
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            write_index(Index(self._kept, self._said, scores), self._home)
        except (OSError, ValueError) as problem:
            self._warner.once("index", f"what was kept cannot be noted: {problem}")


def _chance(
    scores: Scores, mark: tuple[float, float] | None, *, higher: bool, ties: Ties
) -> tuple[Chance, tuple[float, ...]]:
    """Whether the newest is a new best against a marked measurement, and the steps tied with it.

    The marked one may lie before all that is remembered, or at a step that a resumed training has measured once more.
    """
    steps, values = list(scores.steps), list(scores.values)
    measured = list(zip(steps, values, strict=True))[:-1]
    if mark is not None and mark not in measured:
        steps, values, measured = [mark[0], *steps], [mark[1], *values], [mark]
    chance = newest_is_best(values, None if mark is None else measured.index(mark), higher=higher, ties=ties)
    return chance, tuple(steps[place] for place in chance.tied)
