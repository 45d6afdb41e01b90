"""Where the loss stands between guessing and as good as it gets."""

from __future__ import annotations

from traindx.baselines import effective_choices, skill
from traindx.context import JUDGED_LOSS, LADDER, REFERENCES, Case
from traindx.diagnosis import Mark, Scale

_NATS = "nats"


def scale_of(case: Case) -> Scale | None:
    """Return the scale of the judged loss: its own first, best and current level among the baselines of its family."""
    if JUDGED_LOSS not in case:
        return None
    reading = case[JUDGED_LOSS]
    if reading.curve is None:
        return None
    curve, ladder = reading.curve, case.get(LADDER)
    marks = [
        Mark("first", curve.start.value, "first"),
        Mark("best", curve.best.value, "best level"),
        Mark("current", curve.end.value, "now"),
    ]
    marks += [Mark(r.rung, r.value, r.formula) for r in (ladder.rungs if ladder else ())]
    unit = ladder.rungs[0].unit if ladder and ladder.rungs else ""
    trivial = _value(case, "trivial") or _value(case, "chance")
    floor = _rung(case, "floor")
    known = skill(curve.end.value, trivial, floor if floor is not None else 0.0) if trivial is not None else None
    choices = effective_choices(curve.end.value) if unit == _NATS and 0 <= curve.end.value < 50 else None
    return Scale(
        series=reading.name,
        unit=unit,
        marks=tuple(marks),
        skill=known,
        choices=choices,
        sentence=_sentence(known, choices),
    )


def _rung(case: Case, name: str) -> float | None:
    ladder = case.get(LADDER)
    found = next((r for r in ladder.rungs if r.rung == name), None) if ladder else None
    return found.value if found is not None else None


def _value(case: Case, kind: str) -> float | None:
    return next((r.value for r in case.get(REFERENCES) or () if r.kind == kind and r.origin != "constant"), None)


def _sentence(known: float | None, choices: float | None) -> str:
    parts: list[str] = []
    if known is not None:
        parts.append(f"skill {known:.2f} (0 is a constant answer, 1 the floor)")
    if choices is not None:
        parts.append(f"as unsure as among {choices:.3g} equally likely answers")
    return "; ".join(parts)
