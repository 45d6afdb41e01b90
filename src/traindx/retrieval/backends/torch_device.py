"""Counting with torch: tiles and counts stay on the device."""

from __future__ import annotations

import importlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from traindx.errors import UsageError
from traindx.retrieval.aim import Aim
from traindx.retrieval.blockwise import Tallies, Work
from traindx.retrieval.bounds import double_error, windows
from traindx.retrieval.counting import CROWDED
from traindx.retrieval.embeddings import Embeddings, blocks
from traindx.retrieval.tiles import InexactProductError, Tally

Tensor = Any
"""A torch tensor: torch is imported only here, and has types only where it is installed."""

_HELD_BYTES = 1 << 30
"""Queries held on the device at a time; the gallery passes by once for each such block."""

_TILE = {"cpu": (512, 1024)}
_DEVICE_TILE = (8192, 8192)
"""Scores of a tile. On a GPU 256 MB of scores, so that starting a kernel costs nothing beside its work; its masks take as much again."""

_PAIRS_AT_A_TIME = 1 << 15

_LEAST = 1e-30
"""The inverse of a length above this, and below its inverse, is a float32 number with all its digits."""


def count_by_torch(work: Work, device: str) -> Tallies:
    """Return the counts of both directions. Products are in float32 proper: the rounding to fewer bits that GPUs offer is turned off meanwhile."""
    torch = _torch()
    place = _device(torch, device)
    tallies = Tallies(Tally.of(len(work.forward.upper)), work.backward and Tally.of(len(work.backward.upper)))
    with _full_precision(torch), torch.no_grad():
        _Device(torch, place, work).count(tallies)
    return tallies


@final
@dataclass(frozen=True, slots=True)
class _Held:
    """Rows of one side on the device: as stored, as they enter a product, and their lengths in float64."""

    start: int
    stored: Tensor
    scaled: Tensor
    lengths: Tensor

    def part(self, start: int, stop: int) -> _Held:
        rows = slice(start, stop)
        return _Held(self.start + start, self.stored[rows], self.scaled[rows], self.lengths[rows])


@final
@dataclass(frozen=True, slots=True)
class _Goal:
    """The targets of some queries on the device, in layers of one target each."""

    layers: list[tuple[Tensor, Tensor]]
    """For each layer, the queries that have one and the target of each."""
    item: Tensor
    upper: Tensor
    lower: Tensor
    high: Tensor
    low: Tensor
    weights: Tensor
    above: Tensor
    level: Tensor
    first: int


@final
class _Device:
    """The counting of one piece of work on one device."""

    def __init__(self, torch: Any, device: Any, work: Work) -> None:
        self.torch, self.device, self.work = torch, device, work
        self.tile_rows, self.tile_columns = _TILE.get(device.type, _DEVICE_TILE)

    def count(self, tallies: Tallies) -> None:
        work = self.work
        held_rows = max(self.tile_rows, _HELD_BYTES // (4 * work.queries.dim))
        backward = [
            None if work.backward is None else self.goal(work.backward, *part)
            for part in blocks(len(work.gallery), self.tile_columns)
        ]
        for start, stop in blocks(len(work.queries), held_rows):
            queries = self.hold(work.queries, start, stop)
            rows = [
                (queries.part(top, bottom), self.goal(work.forward, start + top, start + bottom))
                for top, bottom in blocks(stop - start, self.tile_rows)
            ]
            for (first, end), columns in zip(blocks(len(work.gallery), self.tile_columns), backward, strict=True):
                items = self.hold(work.gallery, first, end)
                for part, goal in rows:
                    self.tile(part, items, goal, columns)
            for _, goal in rows:
                _collect(goal, tallies.forward)
        for columns in backward:
            if columns is not None and tallies.backward is not None:
                _collect(columns, tallies.backward)

    def hold(self, side: Embeddings, start: int, stop: int) -> _Held:
        stored, lengths = self.sent(side.read(start, stop)), self.sent(side.lengths[start:stop])
        return _Held(start, stored, self.scaled(stored, lengths, side), lengths)

    def scaled(self, stored: Tensor, lengths: Tensor, side: Embeddings) -> Tensor:
        """The rows as they enter a product in float32; lengths whose inverse float32 cannot hold are divided by in float64."""
        if side.similarity == "dot":
            return (stored.double() * 2.0**-side.exponent).float()
        if stored.dtype == self.torch.float32 and bool(((lengths > _LEAST) & (lengths < 1 / _LEAST)).all()):
            return stored * (1.0 / lengths).float()[:, None]
        return (stored.double() / lengths[:, None]).float()

    def sent(self, rows: Any) -> Tensor:
        """The rows on the device (a copy even where that is this memory: torch refuses to share what cannot be written)."""
        return self.torch.tensor(rows, device=self.device)

    def goal(self, aim: Aim, start: int, stop: int) -> _Goal:
        part = aim.part(start, stop)
        goals = part.targets
        counts = np.diff(goals.starts)
        layers: list[tuple[Tensor, Tensor]] = []
        for depth in range(int(counts.max(initial=0))):
            queries = np.flatnonzero(counts > depth)
            layers.append((self.sent(queries), self.sent(goals.starts[:-1][queries] + depth)))
        empty = self.torch.zeros(len(part.upper), dtype=self.torch.int64, device=self.device)
        return _Goal(
            layers=layers,
            item=self.sent(goals.item),
            upper=self.sent(part.upper),
            lower=self.sent(part.lower),
            high=self.sent(goals.high),
            low=self.sent(goals.low),
            weights=self.sent(part.weights),
            above=empty,
            level=empty.clone(),
            first=part.first,
        )

    def tile(self, queries: _Held, items: _Held, rows: _Goal, columns: _Goal | None) -> None:
        if self.work.double:
            self.double(queries, items, rows)
            if columns is not None:
                self.double(items, queries, columns)
            return
        scores = product(queries.scaled, items.scaled)
        self.along(scores, queries, items, rows, 1)
        if columns is not None:
            self.along(scores, items, queries, columns, 0)

    def along(self, scores: Tensor, queries: _Held, items: _Held, goal: _Goal, axis: int) -> None:
        """Count one direction of a tile of scores: its queries are the tile's rows (``axis`` 1) or columns (0)."""
        torch = self.torch
        counts: list[Tensor] = []
        found: list[tuple[Tensor, Tensor, Tensor]] = []
        total, room = 0, CROWDED * scores.numel() + 64
        for which, target in goal.layers:
            whole = len(which) == len(queries.lengths)
            part = scores if whole else scores.index_select(1 - axis, which)
            high = part > goal.upper[target].unsqueeze(axis)
            near = (part >= goal.lower[target].unsqueeze(axis)).logical_xor_(high)
            counts.append(high.sum(dim=axis, dtype=torch.int32))
            places = near.nonzero()
            total += len(places)
            if total > room:
                self.double(queries, items, goal)
                return
            layer, item = (places[:, 0], places[:, 1]) if axis == 1 else (places[:, 1], places[:, 0])
            found.append((target[layer], which[layer], item))
        if not found:
            return
        for (_, target), above in zip(goal.layers, counts, strict=True):
            goal.above[target] += above
        target, query, item = (torch.cat(part) for part in zip(*found, strict=True))
        own = goal.item[target] == item + items.start
        inside = (goal.item >= items.start) & (goal.item < items.start + len(items.lengths))
        if int(own.sum()) != int(inside.sum()):
            raise InexactProductError
        others = ~own
        self.decide(target[others], query[others], item[others], queries, items, goal)

    def decide(self, target: Tensor, query: Tensor, item: Tensor, queries: _Held, items: _Held, goal: _Goal) -> None:
        """Compare open scores with their targets by definition, to the bit as numpy does."""
        for start in range(0, len(target), _PAIRS_AT_A_TIME):
            part = slice(start, start + _PAIRS_AT_A_TIME)
            some, left, right = target[part], query[part], item[part]
            dots = _tree_sum(queries.stored[left].double() * items.stored[right].double())
            scores = self.scores(dots, queries.lengths[left], items.lengths[right])
            high = scores > goal.high[some]
            level = ~high & (scores >= goal.low[some])
            goal.above.index_add_(0, some, high.long())
            goal.level.index_add_(0, some, level.long())

    def scores(self, dots: Tensor, left: Tensor, right: Tensor) -> Tensor:
        if self.work.queries.similarity == "dot":
            return dots * 2.0 ** -(self.work.queries.exponent + self.work.gallery.exponent)
        return dots / (left * right)

    def exactly(self, side: _Held, exponent: int) -> Tensor:
        wide = side.stored.double()
        return wide * 2.0**-exponent if self.work.queries.similarity == "dot" else wide / side.lengths[:, None]

    def double(self, queries: _Held, items: _Held, goal: _Goal) -> None:
        """Count one direction of a tile from a product in float64."""
        torch, work = self.torch, self.work
        tile = self.exactly(queries, work.queries.exponent) @ self.exactly(items, work.gallery.exponent).T
        limits: tuple[Tensor, ...] = windows(goal.high, goal.low, goal.weights, double_error(work.queries.dim))
        for which, target in goal.layers:
            scores = tile[which]
            own = goal.item[target] - items.start
            inside = torch.nonzero((own >= 0) & (own < scores.shape[1]))[:, 0]
            scores[inside, own[inside]] = -torch.inf
            above, below, level_from, level_to = (limit[target].unsqueeze(1) for limit in limits)
            high = scores > above
            level = (scores >= level_from) & (scores <= level_to)
            goal.above[target] += high.sum(dim=1, dtype=torch.int32)
            goal.level[target] += level.sum(dim=1, dtype=torch.int32)
            places = ((scores >= below) & ~high & ~level).nonzero()
            row, column = places[:, 0], places[:, 1]
            self.decide(target[row], which[row], column, queries, items, goal)


def product(left: Tensor, right: Tensor) -> Tensor:
    """Return the scores of a tile."""
    return left @ right.T


def _tree_sum(terms: Tensor) -> Tensor:
    """The sum of each row in the order of ``pairwise.tree_sum``."""
    width = terms.shape[1]
    while width > 1:
        half = (width + 1) // 2
        terms[:, : width - half] += terms[:, half:width]
        width = half
    return terms[:, 0]


def _collect(goal: _Goal, tally: Tally) -> None:
    inside = slice(goal.first, goal.first + len(goal.above))
    tally.above[inside] += goal.above.cpu().numpy()
    tally.level[inside] += goal.level.cpu().numpy()


@contextmanager
def _full_precision(torch: Any) -> Generator[None]:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _torch() -> Any:
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise UsageError("ranking with torch needs torch, which is not installed", hint="pip install torch") from error


def _device(torch: Any, name: str) -> Any:
    try:
        device = torch.device(name)
        _ = torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, ValueError) as error:
        raise UsageError(f"torch has no device {name!r} here", hint="torch:cpu, or numpy") from error
    return device
