"""Do two series of one name measure the same? Loss families, guessing levels, galleries, units."""

from __future__ import annotations

from traindx.baselines import skill
from traindx.context import JUDGED_LOSS, LOSS_FAMILY, Reading
from traindx.engine.compare.member import Member
from traindx.engine.scale import scale_of

_RANKING = frozenset({"recall_at_k", "hit_rate", "mrr", "median_rank", "mean_rank", "ndcg", "precision_at_k", "map"})
# One per cent is more than a short last batch moves a guessing level by.
_SAME_LEVEL = 0.01
# Two trainings of one loss begin within a factor of ten of each other, whatever the seed.
_SAME_START = 10.0


def trivial_of(member: Member) -> float | None:
    """Return the loss of a constant answer (else of guessing), where facts give it."""
    return _mark(member, "trivial") if _mark(member, "trivial") is not None else _mark(member, "chance")


def skill_of(member: Member, reading: Reading, level: float) -> float | None:
    """Return where a level of the judged loss, or of the same loss on other data, stands between trivial (0) and floor (1)."""
    judged = member.case.get(JUDGED_LOSS)
    if judged is None or reading.role.kind != "loss" or reading.role.component != judged.role.component:
        return None
    trivial, floor = trivial_of(member), _mark(member, "floor")
    if trivial is None:
        return None
    known = skill(level, trivial, floor if floor is not None else 0.0)
    return known if known == known else None


def _mark(member: Member, name: str) -> float | None:
    scale = scale_of(member.case)
    return next((m.value for m in scale.marks if m.name == name), None) if scale else None


def why_not_comparable(one: Member, other: Member, before: Reading, after: Reading) -> str:
    """Return why two series are not one quantity; "" where nothing speaks against it."""
    if before.role.kind in _RANKING:
        return _fact_differs(one, other, "gallery_size", "the galleries differ: {} and {} candidates")
    if before.role.kind != "loss":
        return ""
    families = [m.case.get(LOSS_FAMILY) for m in (one, other)]
    if None not in families and families[0] != families[1]:
        return f"one is {families[0]}, the other {families[1]}"
    vocabularies = _fact_differs(
        one, other, "vocab_size", "the vocabularies differ ({} and {} tokens): compare bits per byte"
    )
    return vocabularies or _levels(one, other) or _starts(before, after)


def _levels(one: Member, other: Member) -> str:
    levels = [trivial_of(m) for m in (one, other)]
    if levels[0] is None or levels[1] is None:
        return ""
    if abs(levels[0] - levels[1]) <= _SAME_LEVEL * max(abs(levels[0]), abs(levels[1])):
        return ""
    return f"a constant answer scores {levels[0]:.4g} in one and {levels[1]:.4g} in the other: compare skill"


def _starts(before: Reading, after: Reading) -> str:
    if before.curve is None or after.curve is None:
        return ""
    one, other = before.curve.start.value, after.curve.start.value
    if not (one > 0 and other > 0) or max(one, other) <= _SAME_START * min(one, other):
        return ""
    return f"one starts at {one:.4g} and the other at {other:.4g}: other units or another reduction"


def _fact_differs(one: Member, other: Member, key: str, words: str) -> str:
    values = [m.number(key) for m in (one, other)]
    return (
        words.format(*(f"{v:g}" for v in values if v is not None))
        if None not in values and values[0] != values[1]
        else ""
    )


def averaging_note(before: Reading, after: Reading) -> str:
    """Return what differs in how two series were averaged; "" where nothing does."""
    one, other = (r.role.statistic or r.series.statistic for r in (before, after))
    return f"one logs {one}, the other {other}" if one != other else ""
