"""The whole answer about a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import final

from traindx.dataset.checks import Role
from traindx.dataset.levels import DataBaselines
from traindx.dataset.summary import Profile
from traindx.diagnosis import Action, Finding, Verdict


@final
@dataclass(frozen=True, slots=True)
class Unasked:
    """Checks that were not asked, and what they lack, in words."""

    codes: tuple[str, ...]
    lacks: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The whole answer about a dataset, ready to be rendered: nothing in it needs another look at the data.

    ``size_bytes`` is that of the files (0 where it is not known); ``rows`` the largest first axis of an array. ``notes`` tell what the audit took
    from names by itself (the group, the mask, the targets). ``passed`` are the codes of checks that were asked and found nothing, ``unasked`` those
    that lacked something. ``against`` is the other split that it was compared with. ``limits`` say what was not read.
    """

    path: str
    format: str
    rows: int
    size_bytes: int
    verdict: Verdict
    action: Action
    findings: tuple[Finding, ...]
    profile: Profile
    against: str = ""
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    targets: frozenset[str] = frozenset()
    baselines: DataBaselines
    notes: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    unasked: tuple[Unasked, ...] = ()
    limits: tuple[str, ...] = ()
