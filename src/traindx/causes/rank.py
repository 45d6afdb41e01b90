"""The causes of a run that goes wrong, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from traindx.causes.catalogue import CAUSES
from traindx.causes.evidence import ABSENT, CONDITION, FOUND, REMARK, observe
from traindx.causes.features import FEATURES
from traindx.causes.posterior import fitness, kinds_of, probabilities, support, weigh
from traindx.causes.table import Table, stored_table
from traindx.context import LOSS_FAMILY, READINGS, TASKS, Case
from traindx.diagnosis import Cause, Finding, Severity
from traindx.run import Floats

_LEAST = 0.01  # causes below one per cent are not told
_LEADS = 0.5  # more likely than all others together,
_AHEAD = 2.0  # and twice as likely as the next
_SPEAKS = 0.25  # nats: what moves the odds by less than a quarter is not named as a reason
_REASONS = 3
_SAID = frozenset({FOUND, REMARK})
_WORDS = {feature.name: feature.levels for feature in FEATURES}


def rank_causes(
    case: Case, findings: Sequence[Finding], passed: Iterable[str], table: Table | None = None
) -> tuple[Cause, ...]:
    """Return the causes above one per cent, the likeliest first; none where no warning or error is found.

    The probabilities are among all causes and "none of these", so they sum to less than one. The first is marked as leading only where it is
    more likely than all others together and twice as likely as the next.
    """
    if all(finding.severity is Severity.INFO for finding in findings):
        return ()
    known = table or stored_table()
    answers = observe(case, findings, passed)
    added = weigh(known, answers)
    likely = probabilities(known, added, unfit_for(case, known) + unsupported(answers, known))
    order = np.argsort(-likely[:-1], kind="stable")
    told = [int(at) for at in order if likely[at] >= _LEAST]
    leads = bool(likely[order[0]] >= max(_LEADS, _AHEAD * float(likely[order[1]])))
    return tuple(_cause(known, at, likely, added, answers, leads=leads and place == 0) for place, at in enumerate(told))


def unfit_for(case: Case, table: Table) -> Floats:
    """Return what each cause of the table loses for the kind of training."""
    seen = {case.get(LOSS_FAMILY) or ""} | {word or "" for r in case[READINGS] for word in (r.role.family, r.role.kind)}
    kinds = kinds_of(case.get(TASKS) or frozenset(), frozenset(seen))
    only = {cause.name: cause.only for cause in CAUSES}
    return np.array([fitness(kinds, only.get(name, ())) for name in table.causes])


def unsupported(answers: Mapping[str, str], table: Table) -> Floats:
    """Return what each cause of the table loses for want of the evidence that it needs."""
    needed = {cause.name: cause.evidence for cause in CAUSES}
    return np.array([support(needed.get(name, ()), answers) for name in table.causes])


def _cause(
    table: Table, at: int, likely: Floats, added: Mapping[str, Floats], answers: Mapping[str, str], *, leads: bool
) -> Cause:
    name = table.causes[at]
    kind = next(cause for cause in CAUSES if cause.name == name)
    speaks = against_the_others(at, likely, added)
    reasons = sorted((f for f in speaks if speaks[f] > _SPEAKS), key=lambda f: -speaks[f])
    missing = sorted((f for f in speaks if speaks[f] < -_SPEAKS and answers[f] == ABSENT), key=lambda f: speaks[f])
    return Cause(
        name=name,
        probability=float(likely[at]),
        meaning=kind.meaning,
        because=tuple(f for f in reasons if answers[f] in _SAID and not f.startswith(CONDITION))[:_REASONS],
        signs=tuple(words for f in reasons if (words := _WORDS.get(f, {}).get(answers[f], "")))[:_REASONS],
        against=tuple(missing[:_REASONS]),
        test=kind.test,
        fix=kind.fix,
        leads=leads,
    )


def against_the_others(at: int, likely: Floats, added: Mapping[str, Floats]) -> dict[str, float]:
    """Return what each answer adds to one cause beyond what it adds to the others, these weighed by their probability."""
    rest = np.array(likely)
    rest[at] = 0.0
    share = rest / rest.sum() if rest.sum() > 0 else rest
    return {feature: float(row[at] - row @ share) for feature, row in added.items()}
