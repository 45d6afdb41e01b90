"""PRB018: the terms of the loss, and which of them carries it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import build_ladder, is_family, relevant_facts
from traindx.context import resolve
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.errors import UsageError
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured
from traindx.probe.recognised import recognise
from traindx.probe.subject import Term


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TermsOutOfBalance(ProbeCheck):
    """The terms of the loss are listed; one of them drowns the others, or has no gradient.

    ## What it looks at
    Each term before its weight, with what guessing costs where that is known, and the length of its gradient over all parameters.

    ## Why it matters
    A sum tells nothing of its parts: it falls while one term stands still. A term whose weighted gradient is ten thousand times shorter than another's is not
    trained. One that is not zero and has no gradient was cut off: detached, or made of whole numbers.

    ## What to try
    - Log every term before its weight; choose weights so that the gradients are of like length.

    ## When it is wrong
    A term that is small on purpose, as a regulariser, or that starts at its best value.
    """

    meta: ClassVar = RuleMeta(
        code="PRB018",
        name="terms-out-of-balance",
        since="0.2",
        summary="the terms of the loss, and which of them carries it",
    )
    needs: ClassVar = ("start", "term_slopes")

    ratio: float = 1e4
    """Of weighted gradients: what is this much shorter moves nothing at a learning rate that suits the other."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """List the terms; speak of those that are not trained."""
        computed = subject.start.computed if subject.start else None
        if computed is None or len(computed.terms) < 2 or subject.term_slopes is None:
            return
        norms = dict(subject.term_slopes.norms)
        rows = tuple(self._row(term, norms, subject) for term in computed.terms)
        pulls = {t.name: abs(t.weight) * norms.get(t.name, 0.0) for t in computed.terms if t.weight}
        cut = [t for t in computed.terms if t.weight and abs(t.value) > 1e-8 and norms.get(t.name, 0.0) == 0.0]
        live = {name: pull for name, pull in pulls.items() if pull > 0}
        shares = {t.name: abs(t.weight * t.value) for t in computed.terms if t.weight}
        carrier = max(shares, key=lambda name: shares[name], default="")
        total = sum(shares.values()) or 1.0
        drowned = [name for name, pull in live.items() if pull * self.ratio < max(live.values())]
        if cut:
            headline = f"the term {cut[0].name} is {n(cut[0].value)} and has no gradient: nothing is trained by it"
        elif drowned:
            top = max(live, key=lambda name: live[name])
            headline = f"the gradient of {top} is {n(live[top] / live[drowned[0]])} times that of {drowned[0]}"
        elif carrier:
            headline = f"{carrier} carries {shares[carrier] / total:.0%} of the loss of {n(computed.total)} at the start ({len(computed.terms)} terms)"
        else:
            headline = f"{len(computed.terms)} terms are beside the loss of {n(computed.total)}"
        yield self.found(
            headline,
            *rows,
            severity=Severity.WARNING if cut or drowned else Severity.INFO,
            confidence=0.9 if cut else 0.75,
            why="a sum tells nothing of its parts: judge every term by its own level",
            do=("look for detach(), no_grad, .item() or argmax on the way to this term",)
            if cut
            else ("log every term before its weight",),
            rank=63 if cut or drowned else 5,
        )

    def _row(self, term: Term, norms: Mapping[str, float], subject: Measured) -> Evidence:
        level = _level(term, subject)
        weight = "weight not known" if term.weight is None else f"weight {term.weight:g}"
        return Evidence(
            label=f"{term.name}, before its weight",
            measured=term.value,
            expected=level[0] if level else None,
            formula=level[1] if level else "",
            note=f"{weight}, gradient {n(norms.get(term.name, 0.0))}",
        )


def _level(term: Term, subject: Measured) -> tuple[float, str] | None:
    """What knowing nothing costs this term: recognised from outputs and targets, or known by its name and the facts."""
    computed = subject.start.computed if subject.start else None
    found = recognise(term.value, computed, subject.batch) if computed is not None else None
    if found is not None and found.trivial is not None:
        return found.trivial, found.trivial_formula
    if found is not None and found.chance is not None:
        return found.chance, found.chance_formula
    family = resolve(term.name).family
    if family is None or not is_family(family):
        return None
    facts = dict(subject.told.facts)
    try:
        ladder = build_ladder(family, **relevant_facts(family, facts))
    except UsageError:
        return None
    rung = ladder.rung("trivial") or ladder.rung("chance")
    return (rung.value, rung.formula) if rung is not None else None
