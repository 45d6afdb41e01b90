"""Which of many series is the total loss, which the metric to select by, and which the terms of the sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from traindx.context.roles.families import AUXILIARY
from traindx.context.roles.kinds import METRIC_PREFERENCE
from traindx.context.roles.role import Role, Split

_ENOUGH: Final = (
    0.2  # share of the longest candidate's points: below it, a series is a by-product (one final value, say)
)
_RAWNESS: Final[Mapping[str | None, int]] = {None: 0, "median": 1, "mean": 2, "smoothed": 3}
_NOT_A_CURVE: Final = frozenset({"max", "min", "std", "best"})
_UNSURE: Final = 0.3


def choose_main(roles: Mapping[str, Role], lengths: Mapping[str, int], split: Split) -> str | None:
    """Return the name of the total loss of ``split``, or None where only terms of an unlogged sum exist.

    ``lengths`` are points per series; an empty one is never chosen. A loss without a split counts as training. Among
    totals the raw series is preferred to a mean or a smoothed one, unless it has far fewer points; where no total is
    logged, a term that stands alone (or beside purely auxiliary ones) is the loss.
    """
    losses = _of_split(roles, lengths, split, {"loss"})
    totals = [name for name in losses if roles[name].component is None and roles[name].weighted is not False]
    return _best(totals, roles, lengths) or _lone_term(losses, roles, lengths)


def choose_main_metric(roles: Mapping[str, Role], lengths: Mapping[str, int], split: Split) -> str | None:
    """Return the metric of ``split`` that people would select a checkpoint by, or None where none is logged.

    Kinds are tried in the order of ``METRIC_PREFERENCE``; within one kind the whole before a class or an overlap, the
    smallest cut-off, the raw series, the longer one.
    """
    metrics = _of_split(roles, lengths, split, frozenset(METRIC_PREFERENCE))
    most = max((lengths[name] for name in metrics), default=0)

    def order(name: str) -> tuple[object, ...]:
        role = roles[name]
        few = lengths[name] < _ENOUGH * most
        whole = role.component is not None
        cut = role.k if role.k is not None else 0
        return (few, whole, METRIC_PREFERENCE.index(role.kind), bool(role.part), cut, _rawness(role), -lengths[name])

    return min(metrics, key=order, default=None)


def components_of(roles: Mapping[str, Role], split: Split) -> Mapping[str, str]:
    """Return component -> series name of the loss terms of ``split``, in the order of ``roles``.

    Where one term has several series, the weighted and raw one of the last layer is taken: auxiliary layers, further
    evaluation sets and unweighted copies are left out.
    """
    chosen: dict[str, str] = {}
    for name, role in roles.items():
        if role.kind != "loss" or role.component is None or _split_of(role) != split or role.statistic in _NOT_A_CURVE:
            continue
        rival = chosen.get(role.component)
        if rival is None or _plainness(role) < _plainness(roles[rival]):
            chosen[role.component] = name
    return chosen


def _split_of(role: Role) -> Split:
    return role.split or "train"


def _rawness(role: Role) -> int:
    return _RAWNESS.get(role.statistic, 4)


def _plainness(role: Role) -> tuple[bool, bool, int]:
    return (role.weighted is False, bool(role.part), _rawness(role))


def _of_split(
    roles: Mapping[str, Role], lengths: Mapping[str, int], split: Split, kinds: set[str] | frozenset[str]
) -> list[str]:
    return [
        name
        for name, role in roles.items()
        if role.kind in kinds
        and _split_of(role) == split
        and role.statistic not in _NOT_A_CURVE
        and role.confidence > _UNSURE
        and lengths.get(name, 0) > 0
    ]


def _best(names: list[str], roles: Mapping[str, Role], lengths: Mapping[str, int]) -> str | None:
    most = max((lengths[name] for name in names), default=0)

    def order(name: str) -> tuple[object, ...]:
        role = roles[name]
        return (lengths[name] < _ENOUGH * most, -role.confidence, bool(role.part), _rawness(role), -lengths[name])

    return min(names, key=order, default=None)


def _lone_term(losses: list[str], roles: Mapping[str, Role], lengths: Mapping[str, int]) -> str | None:
    """The one term that is logged, leaving aside terms that only ever accompany another."""
    terms = [name for name in losses if roles[name].family not in AUXILIARY]
    if len({roles[name].component for name in terms}) != 1:
        return None
    return _best(terms, roles, lengths)
