"""What a cause is: its meaning, the test that decides, the fix, and what one would expect to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CauseKind:
    """One explanation for a run that goes wrong.

    ``meaning`` is a clause that says what is the case if it is true. ``test`` is the cheapest test that would confirm or refute
    it, with what each outcome says; ``fix`` is what to do if it is true. ``signs`` are what theory expects to see: answers of
    features with ``+`` (three times likelier than in other faulty runs), ``++`` (ten times), ``+++`` (it all but decides), ``-``, ``--`` and ``---`` (as much rarer); measured
    runs correct them. ``only`` are the kinds of training that can have it (none named: all). ``often`` is how
    common it is beside the others, before anything is seen. ``evidence`` are the answers ("feature=answer") of which one must be
    there before a cause that needs something unusual is weighed in full (none named: it needs nothing unusual).
    """

    name: str
    meaning: str
    test: str
    fix: str
    signs: str
    only: tuple[str, ...] = ()
    often: float = 1.0
    evidence: tuple[str, ...] = ()
